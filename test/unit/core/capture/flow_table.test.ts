import assert from "node:assert/strict";
import fc from "fast-check";
import { FlowTable } from "../../../../extension/core/capture/flow_table.ts";
import { type DatagramRecord, Direction } from "../../../../extension/core/files/capture_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const server = { address: "127.0.0.1", port: 9999 };
const client = { address: "127.0.0.1", port: 53211 };

describe("FlowTable", () => {
  it("gives the same flow to datagrams that share socket, direction and both ends, and to no other", () => {
    const table = new FlowTable();
    const flow = table.idOf(1, datagramRecord(client, server));
    assert.equal(table.idOf(1, datagramRecord(client, server)), flow);
    const others = [
      table.idOf(2, datagramRecord(client, server)),
      table.idOf(1, datagramRecord(client, server, { direction: Direction.out })),
      table.idOf(1, datagramRecord(server, client)),
      table.idOf(1, datagramRecord({ ...client, port: 53212 }, server)),
      table.idOf(1, datagramRecord({ ...client, address: "127.0.0.2" }, server)),
      table.idOf(1, datagramRecord({ ...client, address: "::1" }, { ...server, address: "::1" })),
    ];
    assert.equal(new Set([flow, ...others]).size, others.length + 1);
    assert.equal(table.size, others.length + 1);
  });

  it("tells flows apart by each of the bits of their ports", () => {
    const table = new FlowTable();
    const ids = new Set([table.idOf(0, datagramRecord(client, server))]);
    for (let bit = 1; bit <= 0x8000; bit <<= 1) {
      ids.add(table.idOf(0, datagramRecord({ ...client, port: client.port ^ bit }, server)));
      ids.add(table.idOf(0, datagramRecord(client, { ...server, port: server.port ^ bit })));
    }
    assert.equal(ids.size, 33);
  });

  it("tells flows apart by each of the bytes of their addresses", () => {
    for (const zero of ["0.0.0.0", "::"]) {
      const rest = { capturedLength: 0 };
      const record = datagramRecord({ address: zero, port: 1 }, { address: zero, port: 2 }, rest);
      const table = new FlowTable();
      const first = table.idOf(0, record);
      for (let at = 0; at < record.bytes.length; at++) {
        const other = { ...record, bytes: record.bytes.with(at, 1) };
        assert.equal(table.idOf(0, other), table.size - 1, `byte ${at}`);
        assert.equal(table.idOf(0, record), first);
      }
      assert.equal(table.size, record.bytes.length + 1);
    }
  });

  it("counts what passes in each flow, and when the latest did, however many there are", () => {
    const table = new FlowTable();
    for (let port = 1; port <= 1000; port++) {
      const flow = table.idOf(0, datagramRecord({ ...client, port }, server));
      assert.equal(flow, port - 1);
      assert.deepEqual(table.counts(flow), {
        datagrams: 0,
        firstTime: Number.POSITIVE_INFINITY,
        lastTime: Number.NEGATIVE_INFINITY,
      });
      table.count(flow, port + 5);
      table.count(flow, port);
    }
    for (const [index, { id, sourcePort }] of [...table.values()].entries()) {
      assert.deepEqual([id, sourcePort], [index, index + 1]);
      assert.deepEqual(table.counts(id), {
        datagrams: 2,
        firstTime: index + 1,
        lastTime: index + 6,
      });
    }
    for (const bad of [1000, -1]) assert.throws(() => table.get(bad), RangeError);
  });

  it("finds every one of many flows again", () => {
    const table = new FlowTable();
    const ports = Array.from({ length: 20_000 }, (_, index) => index + 1);
    const ids = ports.map((port) => table.idOf(0, datagramRecord({ ...client, port }, server)));
    assert.equal(new Set(ids).size, ports.length);
    for (const [index, port] of ports.entries()) {
      assert.equal(table.idOf(0, datagramRecord({ ...client, port }, server)), ids[index]);
    }
  });

  it("keeps the addresses although the reader uses its buffer again", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        const table = new FlowTable();
        const ends = datagramRecord({ ...client, address: bytes.join(".") }, server);
        // In the midst of others, as in a file.
        const block = Uint8Array.of(1, 2, ...ends.bytes, 3, 4);
        const record = { ...ends, bytes: block, sourceAddress: 2, destinationAddress: 6 };
        const flow = table.get(table.idOf(0, record));
        record.bytes.fill(0);
        assert.deepEqual([...flow.sourceAddress], [...bytes]);
        assert.deepEqual([...flow.destinationAddress], [127, 0, 0, 1]);
      }),
    );
  });

  it("takes flows out, gives their ids to others, and keeps the rest as it was", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 200 }), { maxLength: 6 }),
        fc.integer({ min: 2, max: 5 }),
        (rounds, every) => {
          const table = new FlowTable();
          const known = new Map<number, { id: number; datagrams: number }>();
          for (const [round, ports] of rounds.entries()) {
            for (const port of ports) {
              const id = table.idOf(port % 7, datagramRecord({ ...client, port }, server));
              table.count(id, round);
              const flow = known.get(port) ?? { id, datagrams: 0 };
              assert.equal(id, flow.id);
              known.set(port, { id, datagrams: flow.datagrams + 1 });
            }
            for (const [port, { id, datagrams }] of known) {
              assert.equal(table.get(id).sourcePort, port);
              assert.equal(table.counts(id).datagrams, datagrams);
            }
            const used = new Uint8Array(table.end);
            const gone: number[] = [];
            for (const [port, { id }] of known) {
              if (port % every !== 0) used[id] = 1;
              else {
                gone.push(id);
                known.delete(port);
              }
            }
            assert.deepEqual(table.keep(used).sort(), gone.sort());
            assert.equal(table.size, known.size);
            assert.deepEqual(
              [...table.values()].map(({ sourcePort }) => sourcePort).sort(),
              [...known.keys()].sort(),
            );
            for (let socket = 0; socket < 7; socket++) {
              assert.deepEqual(
                [...table.ofSocket(socket)].map((id) => table.get(id).sourcePort).sort(),
                [...known.keys()].filter((port) => port % 7 === socket).sort(),
              );
            }
            for (const id of gone)
              if (id < table.end) assert.throws(() => table.get(id), RangeError);
          }
        },
      ),
    );
  });

  it("tells the flows of a socket that are new, the newest first", () => {
    const table = new FlowTable();
    const add = (socket: number, port: number) =>
      table.idOf(socket, datagramRecord({ ...client, port }, server));
    const [first, , second] = [add(1, 1), add(2, 2), add(1, 3)];
    assert.deepEqual([...table.ofSocket(1)], [second, first]);
    const third = add(1, 4);
    assert.deepEqual([...table.ofSocket(1, second)], [third]);
    assert.deepEqual([...table.ofSocket(99)], []);
  });

  it("finds the flow of the other direction between the same two ends of the same socket", () => {
    const out = { direction: Direction.out };
    for (const [from, to] of [
      [client, server],
      [
        { address: "2001:db8::1:2:3:4", port: 60_000 },
        { address: "fe80::5:6:7:8", port: 5 },
      ],
    ] as const) {
      const table = new FlowTable();
      const there = table.idOf(1, datagramRecord(from, to));
      table.idOf(1, datagramRecord(from, to, out));
      table.idOf(2, datagramRecord(to, from, out));
      table.idOf(1, datagramRecord(to, { ...from, port: 7 }, out));
      assert.equal(table.opposite(there), undefined);
      const back = table.idOf(1, datagramRecord(to, from, out));
      assert.equal(table.opposite(there)?.id, back);
      assert.equal(table.opposite(back)?.id, there);
    }
    const table = new FlowTable();
    const unknown = { direction: Direction.unknown };
    const there = table.idOf(1, datagramRecord(client, server, unknown));
    const back = table.idOf(1, datagramRecord(server, client, unknown));
    assert.equal(table.opposite(there)?.id, back);
  });

  it("falls for no ends that were chosen to fall into one slot of MurmurHash3", () => {
    const timeOf = (records: readonly DatagramRecord[]) => {
      const table = new FlowTable([1, 2]);
      const start = performance.now();
      for (const record of records) table.idOf(0, record);
      return performance.now() - start;
    };
    const count = 8_000;
    const others = Array.from({ length: count }, (_, index) =>
      datagramRecord({ address: `11.1.${index >> 8}.${index & 0xff}`, port: 1 }, server),
    );
    timeOf(others);
    const usual = timeOf(others);
    // All in one slot, they took over a hundred times as long.
    const chosen = timeOf(collidingRecords(count));
    assert.ok(chosen < usual * 20 + 20, `${chosen} ms, where others take ${usual} ms`);
  });
});

/** Undoes the steps of MurmurHash3, so that it becomes the same for all of these. */
function collidingRecords(count: number): DatagramRecord[] {
  const inverse = (odd: number) => {
    let x = odd;
    for (let step = 0; step < 5; step++) x = Math.imul(x, 2 - Math.imul(odd, x));
    return x;
  };
  const turned = (value: number, by: number) => (value << by) | (value >>> (32 - by));
  const wordFor = (hash: number, target: number) => {
    const before = turned(Math.imul((target - 0xe6546b64) | 0, inverse(5)), 19);
    const k = Math.imul(before ^ hash, inverse(0x1b873593));
    return Math.imul(turned(k, 17), inverse(0xcc9e2d51));
  };
  return Array.from({ length: count }, (_, index) => {
    const record = datagramRecord({ address: "11.0.0.0", port: 1 }, server);
    const view = new DataView(record.bytes.buffer);
    view.setUint32(0, 0x0b000000 + index);
    let hash = murmur(murmur(0, 0), record.direction | (4 << 8));
    hash = murmur(hash, record.sourcePort | (record.destinationPort << 16));
    hash = murmur(hash, view.getUint32(0, true));
    view.setUint32(4, wordFor(hash, 12345), true);
    return record;
  });
}

function murmur(hash: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const h = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

import assert from "node:assert/strict";
import fc from "fast-check";
import { FlowTable } from "../../../../extension/core/capture/flow_table.ts";
import { atOnce } from "../../../../extension/core/capture/steps.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
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

  it("tells whether any of them has a direction", () => {
    const table = new FlowTable();
    const idOf = (direction: Direction) =>
      table.idOf(0, datagramRecord(client, server, { direction }));
    const unknown = idOf(Direction.unknown);
    assert.equal(table.hasDirections, false);
    const out = idOf(Direction.out);
    assert.equal(table.hasDirections, true);
    atOnce(table.keeping(Uint8Array.of(out === 0 ? 0 : 1, out === 1 ? 0 : 1)));
    assert.equal(table.hasDirections, false);
    assert.equal(idOf(Direction.unknown), unknown);
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
            assert.deepEqual(atOnce(table.keeping(used)).sort(), gone.sort());
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
});

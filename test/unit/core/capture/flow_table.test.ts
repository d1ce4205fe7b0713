import assert from "node:assert/strict";
import fc from "fast-check";
import { FlowTable } from "../../../../extension/core/capture/flow_table.ts";
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
      const record = datagramRecord({ address: zero, port: 1 }, { address: zero, port: 2 });
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
      assert.deepEqual(table.counts(flow), { datagrams: 0, lastTime: 0 });
      table.count(flow, port + 5);
      table.count(flow, port);
    }
    for (const [index, { id, sourcePort }] of [...table.values()].entries()) {
      assert.deepEqual([id, sourcePort], [index, index + 1]);
      assert.deepEqual(table.counts(id), { datagrams: 2, lastTime: index + 6 });
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
});

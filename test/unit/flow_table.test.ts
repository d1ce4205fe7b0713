import assert from "node:assert/strict";
import fc from "fast-check";
import { Direction } from "../../extension/capture/capture_sink.ts";
import { FlowTable } from "../../extension/capture/table/flow_table.ts";
import { datagramRecord } from "../support/datagram_record.ts";

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
        const record = datagramRecord({ ...client, address: bytes.join(".") }, server);
        const flow = table.get(table.idOf(0, record));
        record.bytes.fill(0);
        assert.deepEqual([...flow.sourceAddress], [...bytes]);
      }),
    );
  });
});

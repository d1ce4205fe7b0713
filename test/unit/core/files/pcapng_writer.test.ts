import assert from "node:assert/strict";
import fc from "fast-check";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { writeIpv4Headers } from "../../../../extension/core/files/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  MAX_DESCRIPTION_BLOCK,
  packetBlockLength,
  writeInterface,
  writeSectionHeader,
  writeStatistics,
} from "../../../../extension/core/files/pcapng/writer.ts";
import { PcapngBytes } from "../../support/pcapng_bytes.ts";
import { tell } from "../../support/tell.ts";

/** A buffer that holds old bytes, as a used one does. */
function dirtyView(length: number): DataView {
  return new DataView(new Uint8Array(length).fill(0xee).buffer);
}

/** Writes section and interface, and returns where they end. */
function begin(view: DataView): number {
  const section = { application: "app", os: "os", comments: ["c"] };
  const at = writeSectionHeader(view, 0, section);
  return writeInterface(view, at, { id: 0, name: "n", description: "d", comments: [] });
}

function writePacket(
  view: DataView,
  offset: number,
  payload: Uint8Array,
  rest: { time: number; direction: Direction; dropped: number; comment: string },
): number {
  const length = 28 + payload.length;
  const at = beginPacket(view, offset, 0, rest.time, length, length);
  const start = writeIpv4Headers(view, at, 1, 2, 3, 4, payload.length);
  new Uint8Array(view.buffer).set(payload, start);
  return finishPacket(view, offset, length, rest.direction, rest.dropped, rest.comment);
}

describe("the pcapng writer", () => {
  it("writes what the reader reads", () => {
    const records = fc.record({
      payload: fc.uint8Array({ maxLength: 50 }),
      time: fc.integer({ min: 0, max: 2 ** 52 }),
      direction: fc.constantFrom(Direction.in, Direction.out),
      dropped: fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 2 ** 40 })),
      comment: fc.oneof(fc.constant(""), fc.string({ unit: "grapheme", maxLength: 20 })),
    });
    fc.assert(
      fc.property(fc.array(records, { maxLength: 5 }), (list) => {
        const view = dirtyView(4096);
        let at = begin(view);
        for (const { payload, ...rest } of list) {
          const start = at;
          at = writePacket(view, at, Uint8Array.from(payload), rest);
          const most = packetBlockLength(28 + payload.length, rest.comment.length);
          assert.ok(at - start <= most, "more than was promised");
        }
        const told = tell(new Uint8Array(view.buffer, 0, at));
        assert.equal(told.problem, undefined);
        assert.deepEqual(told.sections, [{ application: "app", os: "os", comments: ["c"] }]);
        assert.deepEqual(
          told.datagrams.map(({ time, direction, dropped, comment }) => ({
            time,
            direction,
            dropped,
            comment,
          })),
          list.map(({ time, direction, dropped, comment }) => ({
            time,
            direction,
            dropped,
            // The reader stops at a zero, as C does.
            comment: comment.split("\0")[0],
          })),
        );
      }),
    );
  });

  it("writes each field where the draft wants it", () => {
    const f = new PcapngBytes(true);
    const end = f.option(0, []);
    const high = 0x0006_0a24;
    const low = 0x1818_1e40;
    const time = high * 2 ** 32 + low;
    f.section([...f.text(1, "c"), ...f.text(3, "os"), ...f.text(4, "app"), ...end]);
    f.interface([...f.text(2, "n"), ...f.text(3, "d"), ...f.option(9, [6]), ...end]);
    f.interface([...f.option(9, [6]), ...end]);
    const datagram = new Uint8Array(29).fill(0x2a);
    f.packet(0, BigInt(time), [...datagram], [...f.option(2, f.u32(2)), ...end]);
    f.block(6, [
      ...[1, high, low, 29, 1052].flatMap((field) => f.u32(field)),
      ...[...datagram, 0, 0, 0],
      ...[...f.option(2, f.u32(1)), ...f.option(4, f.u64(3n)), ...f.text(1, "odd"), ...end],
    ]);
    f.block(5, [
      ...[1, high, low].flatMap((field) => f.u32(field)),
      ...[
        ...f.option(2, [...f.u32(high), ...f.u32(1)]),
        ...f.option(3, [...f.u32(high), ...f.u32(2)]),
      ],
      ...[
        ...f.option(4, f.u64(7n)),
        ...f.option(5, f.u64(2n ** 32n + 8n)),
        ...f.option(7, f.u64(9n)),
      ],
      ...end,
    ]);

    const view = dirtyView(1024);
    let at = begin(view);
    at = writeInterface(view, at, { id: 1, name: "", description: "", comments: [] });
    for (const [id, length, direction, dropped, comment] of [
      [0, 29, Direction.out, 0, ""],
      [1, 1052, Direction.in, 3, "odd"],
    ] as const) {
      const start = beginPacket(view, at, id, time, datagram.length, length);
      new Uint8Array(view.buffer).set(datagram, start);
      at = finishPacket(view, at, datagram.length, direction, dropped, comment);
    }
    const times = { startTime: high * 2 ** 32 + 1, endTime: high * 2 ** 32 + 2 };
    const counts = { received: 7, dropped: 2 ** 32 + 8, osDropped: 9 };
    at = writeStatistics(view, at, { id: 1, ...times, ...counts }, time);
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex").replace(/.{8}/g, "$& ");
    assert.equal(hex(new Uint8Array(view.buffer, 0, at)), hex(f.bytes));
  });

  it("fits exactly in the room that it asks for", () => {
    // Three bytes for each character of the comment, and every option there is.
    const comment = "€".repeat(20);
    const view = dirtyView(packetBlockLength(32, comment.length));
    const payload = new Uint8Array(4);
    const rest = { time: 0, direction: Direction.in, dropped: 1, comment };
    assert.equal(writePacket(view, 0, payload, rest), view.byteLength);

    const long = "x".repeat(5000);
    const texts = { application: long, os: long, name: long, description: long };
    const description = dirtyView(MAX_DESCRIPTION_BLOCK);
    const record = { id: 0, ...texts, comments: [long, long, long] };
    assert.equal(writeSectionHeader(description, 0, record), description.byteLength);
    assert.equal(writeInterface(description, 0, record), description.byteLength);
  });

  it("leaves no old bytes in the padding", () => {
    const view = dirtyView(1024);
    const rest = { time: 0, direction: Direction.in, dropped: 0, comment: "a" };
    const start = begin(view);
    const end = writePacket(view, start, Uint8Array.of(1), rest);
    const bytes = new Uint8Array(view.buffer, 0, end);
    assert.ok(!bytes.includes(0xee), Buffer.from(bytes).toString("hex"));
  });

  it("writes statistics, and start and end only where there is one", () => {
    const view = dirtyView(1024);
    let at = begin(view);
    at = writeStatistics(view, at, { id: 0, received: 2 ** 33, dropped: 0 }, 5);
    at = writeStatistics(view, at, { id: 0, endTime: 1_700_000_000_000_001, osDropped: 3 }, 6);
    at = writeStatistics(view, at, { id: 0, startTime: 4_294_967_296_007 }, 7);
    assert.deepEqual(tell(new Uint8Array(view.buffer, 0, at)).statistics, [
      { id: 0, received: 2 ** 33, dropped: 0 },
      { id: 0, endTime: 1_700_000_000_000_001, osDropped: 3 },
      { id: 0, startTime: 4_294_967_296_007 },
    ]);
  });

  it("cuts endless texts at a character, so that a block stays in its bounds", () => {
    const long = "ä€😀".repeat(10_000);
    const view = dirtyView(3 * MAX_DESCRIPTION_BLOCK);
    const comments = [long, long, long];
    const section = writeSectionHeader(view, 0, { application: long, os: long, comments });
    const socket = { id: 0, name: long, description: long, comments };
    const end = writeInterface(view, section, socket);
    const told = tell(new Uint8Array(view.buffer, 0, end));
    assert.equal(told.problem, undefined);
    // 4096 bytes have room for 455 times these 9, and not for two bytes more.
    const cut = "ä€😀".repeat(455);
    assert.deepEqual(told.sections, [{ application: cut, os: cut, comments: [cut, cut] }]);
    assert.deepEqual(told.interfaces, [
      { id: 0, name: cut, description: cut, comments: [cut, cut] },
    ]);
  });
});

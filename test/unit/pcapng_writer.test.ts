import assert from "node:assert/strict";
import fc from "fast-check";
import { Direction } from "../../extension/capture/capture_sink.ts";
import { writeIpv4Headers } from "../../extension/capture/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  MAX_DESCRIPTION_BLOCK,
  packetBlockLength,
  writeInterface,
  writeSectionHeader,
  writeStatistics,
} from "../../extension/capture/pcapng/writer.ts";
import { tell } from "./support/tell.ts";

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
    assert.ok(section <= MAX_DESCRIPTION_BLOCK);
    const socket = { id: 0, name: long, description: long, comments };
    const end = writeInterface(view, section, socket);
    assert.ok(end - section <= MAX_DESCRIPTION_BLOCK);
    const told = tell(new Uint8Array(view.buffer, 0, end));
    assert.equal(told.problem, undefined);
    for (const text of [told.sections[0]?.application, told.interfaces[0]?.name]) {
      assert.ok(text && text.length > 1000);
      assert.ok(long.startsWith(text));
    }
  });
});

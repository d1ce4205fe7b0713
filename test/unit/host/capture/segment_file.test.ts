import assert from "node:assert/strict";
import { SegmentFile } from "../../../../extension/host/capture/segment_file.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapngBytes } from "../../support/pcapng_bytes.ts";

const NOTHING = {
  section: () => {},
  interface: () => {},
  statistics: () => {},
  otherPacket: () => {},
};
const MIB = 2 ** 20;

/** A file in memory, and how much of it was asked for at once. */
function memoryFile(bytes: Uint8Array) {
  const asked: number[] = [];
  return {
    asked,
    read: async (buffer: Uint8Array, offset: number, length: number, position: number) => {
      asked.push(length);
      const part = bytes.subarray(position, position + length);
      buffer.set(part, offset);
      return { bytesRead: part.length };
    },
    close: async () => {},
  };
}

describe("SegmentFile", () => {
  it("reads no more at once behind a block that is long than before it", async () => {
    const start = new PcapngBytes(true).section().interface().bytes;
    const packet = new PcapngBytes(true).packet(0, 1n, [...ipv4Packet()]).bytes;
    const long = Buffer.alloc(5 * MIB);
    long.writeUInt32LE(0xad, 0);
    for (const at of [4, long.length - 4]) long.writeUInt32LE(long.length, at);
    const count = 60_000;
    const file = memoryFile(
      Buffer.concat([start, long, Buffer.alloc(packet.length * count, packet)]),
    );
    let datagrams = 0;
    let most = 0;
    const sink = { ...NOTHING, datagram: () => void datagrams++ };
    const segment = new SegmentFile("long", sink, file);
    for (let more = true; more; ) {
      const before = datagrams;
      more = await segment.readOn();
      most = Math.max(most, datagrams - before);
    }
    assert.equal(datagrams, count);
    assert.ok(Math.max(...file.asked) > 5 * MIB);
    assert.ok(most > 0 && most * packet.length <= MIB, `${most} datagrams at once`);
    await segment.close();
  });
});

import assert from "node:assert/strict";
import {
  type CapturePiece,
  CaptureSplitter,
} from "../../../../extension/core/files/capture_splitter.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import { PcapngBytes } from "../../support/pcapng_bytes.ts";
import { sentence } from "../../support/problem_sentence.ts";

/** Pieces in hexadecimal digits: what a file has to begin with, and what comes behind it. */
function shown(pieces: readonly CapturePiece[]): readonly [string | undefined, string][] {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return pieces.map(({ preamble, bytes }) => [preamble && hex(preamble), hex(bytes)]);
}

describe("CaptureSplitter", () => {
  it("gives out all that is whole, however many blocks that are", () => {
    const file = new PcapngBytes(true).section();
    for (let n = 0; n < 3000; n++) file.interface();
    const splitter = new CaptureSplitter();
    const pieces = splitter.take(file.bytes);
    assert.deepEqual(Buffer.concat(pieces.map(({ bytes }) => bytes)), Buffer.from(file.bytes));
    assert.equal(splitter.unfinished, 0);
  });

  for (const littleEndian of [true, false]) {
    const order = littleEndian ? "little-endian" : "big-endian";

    it(`gives out whole packets of pcap, ${order}, and the header for another file`, () => {
      const pcap = new PcapBytes({ littleEndian });
      const header = pcap.bytes;
      const one = pcap.packet(1, 0, ipv4Packet("one")).bytes.subarray(24);
      const both = pcap.packet(2, 0, ipv4Packet("two").fill(6, 9, 10)).bytes.subarray(24);
      const two = both.subarray(one.length);
      const splitter = new CaptureSplitter();
      assert.equal(splitter.hasBegun, false);
      assert.deepEqual(shown(splitter.take(header.subarray(0, 23))), []);
      assert.deepEqual([splitter.hasBegun, splitter.unfinished], [false, 23]);
      assert.deepEqual(
        shown(splitter.take(Uint8Array.of(...header.subarray(23), ...one))),
        shown([{ preamble: undefined, bytes: Uint8Array.of(...header, ...one) }]),
      );
      assert.deepEqual([splitter.hasBegun, splitter.unfinished], [true, 0]);
      assert.deepEqual(shown(splitter.take(two.subarray(0, 5))), []);
      assert.deepEqual(
        shown(splitter.take(two.subarray(5))),
        shown([{ preamble: header, bytes: two }]),
      );
      assert.deepEqual([splitter.datagrams, splitter.otherPackets], [1, 1]);
    });

    it(`begins anew with each section of pcapng, ${order} first`, () => {
      const file = (isLittle = littleEndian) => new PcapngBytes(isLittle);
      const section = file().section().bytes;
      const first = file().interface().bytes;
      const second = file().interface([], 1).bytes;
      const packet = file().packet(0, 1n, [...ipv4Packet()]).bytes;
      const other = file(!littleEndian).section().interface().bytes;
      const otherPacket = file(!littleEndian).packet(0, 2n, [...ipv4Packet()]).bytes;
      const splitter = new CaptureSplitter();
      const take = (...parts: readonly Uint8Array[]) => shown(splitter.take(Buffer.concat(parts)));
      const piece = (preamble: readonly Uint8Array[] | undefined, ...parts: Uint8Array[]) => ({
        preamble: preamble && Buffer.concat(preamble),
        bytes: Buffer.concat(parts),
      });
      assert.deepEqual(
        take(section, first, packet),
        shown([piece(undefined, section, first, packet)]),
      );
      // A piece goes behind all interfaces that were told before it, and tells its own.
      assert.deepEqual(
        take(packet, second, packet),
        shown([piece([section, first], packet, second, packet)]),
      );
      assert.deepEqual(
        take(packet, other, otherPacket),
        shown([piece([section, first, second], packet), piece(undefined, other, otherPacket)]),
      );
      assert.deepEqual(take(otherPacket), shown([piece([other], otherPacket)]));
      assert.deepEqual([splitter.datagrams, splitter.problem], [6, undefined]);
    });
  }

  it("gives out nothing behind what makes no sense", () => {
    const splitter = new CaptureSplitter();
    const file = new PcapngBytes(true).section().bytes;
    assert.equal(splitter.take(Uint8Array.of(...file, ...new Uint8Array(12))).length, 1);
    assert.match(sentence(splitter.problem), new RegExp(`byte ${file.length} on`));
    assert.deepEqual(splitter.take(file), []);
  });
});

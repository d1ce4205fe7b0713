import assert from "node:assert/strict";
import fc from "fast-check";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { isPcapMagic, PcapReader } from "../../../../extension/core/files/pcap_reader.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapBytes, PcapMagic } from "../../support/pcap_bytes.ts";
import { tell as tellFile } from "../../support/tell.ts";

const SECONDS = 1_700_000_000;

function tell(bytes: Uint8Array, chunk?: number) {
  return tellFile(bytes, chunk, (sink) => new PcapReader(sink));
}

function payloads(bytes: Uint8Array, chunk?: number): string[] {
  return tell(bytes, chunk).datagrams.map(({ payload }) => payload);
}

describe("PcapReader", () => {
  for (const littleEndian of [true, false]) {
    for (const [name, magic] of Object.entries(PcapMagic)) {
      const order = littleEndian ? "little-endian" : "big-endian";

      it(`reads ${name}, ${order}`, () => {
        const file = new PcapBytes({ littleEndian, magic });
        const fraction = magic === PcapMagic.nanoseconds ? 123_456_999 : 123_456;
        file.packet(SECONDS, fraction, ipv4Packet("one"));
        file.packet(0xffff_ffff, 0, ipv4Packet("two"));
        const told = tell(file.bytes);
        assert.equal(told.problem, undefined);
        assert.equal(told.consumed, file.length);
        assert.deepEqual(told.sections, [{ application: "", os: "", comments: [] }]);
        assert.deepEqual(told.interfaces, [{ id: 0, name: "", description: "", comments: [] }]);
        const [first, second] = told.datagrams;
        assert.equal(first?.time, SECONDS * 1e6 + 123_456);
        const { interfaceId, direction, dropped, comment } = first;
        const unknown = [0, Direction.unknown, 0, ""];
        assert.deepEqual([interfaceId, direction, dropped, comment], unknown, "no options here");
        assert.equal(second?.time, 0xffff_ffff * 1e6, "the file counts seconds without a sign");
        assert.deepEqual([first?.payload, second?.payload], ["one", "two"]);
        for (const { payload, payloadFileOffset: at } of told.datagrams) {
          const bytes = file.bytes.subarray(at, at + payload.length);
          assert.equal(new TextDecoder().decode(bytes), payload);
        }
      });
    }
  }

  it("tells how long a packet was that was cut", () => {
    const packet = ipv4Packet("0123456789");
    const file = new PcapBytes().packet(1, 0, packet.subarray(0, 30), packet.length);
    const [datagram] = tell(file.bytes).datagrams;
    assert.deepEqual([datagram?.payload, datagram?.length], ["01", 10]);
  });

  it("reads the lengths of old files either way round", () => {
    const packet = ipv4Packet("0123456789");
    const cut = packet.subarray(0, 30);
    for (const [captured, original] of [
      [30, packet.length],
      [packet.length, 30],
    ] as const) {
      const file = new PcapBytes({ version: [2, 3] });
      file.packet(1, 0, cut, original, captured).packet(1, 0, packet);
      assert.deepEqual(payloads(file.bytes), ["01", "0123456789"]);
    }
  });

  it("takes the bytes that are there where the original is told to be shorter", () => {
    const file = new PcapBytes().packet(1, 0, ipv4Packet("whole"), 0);
    assert.deepEqual(payloads(file.bytes), ["whole"]);
  });

  it("ignores what stands beside the link type", () => {
    const file = new PcapBytes({ linkType: 0xf400_0065 }).packet(1, 0, ipv4Packet("raw"));
    assert.deepEqual(payloads(file.bytes), ["raw"]);
  });

  it("counts other packets by their reason", () => {
    const file = new PcapBytes().packet(1, 0, ipv4Packet().fill(6, 9, 10)).packet(1, 0, []);
    assert.deepEqual(tell(file.bytes).others, ["notUdp", "malformed"]);
    const bluetooth = new PcapBytes({ linkType: 201 }).packet(1, 0, ipv4Packet());
    assert.deepEqual(tell(bluetooth.bytes).others, ["unknownLinkType"]);
  });

  it("waits for the rest of a half-written packet, wherever it was cut", () => {
    const file = new PcapBytes().packet(1, 0, ipv4Packet("first"));
    const complete = file.length;
    file.packet(2, 0, ipv4Packet("second"));
    for (let end = 0; end < file.length; end++) {
      const told = tell(file.bytes.subarray(0, end));
      assert.equal(told.problem, undefined);
      assert.equal(told.consumed, end < 24 ? 0 : end < complete ? 24 : complete);
    }
  });

  it("says where a file is corrupt and keeps what came before", () => {
    const file = new PcapBytes().packet(1, 0, ipv4Packet("kept"));
    const at = file.length;
    file.packet(2, 0, [], 0, 300_000).packet(3, 0, ipv4Packet("behind"));
    const told = tell(file.bytes);
    assert.match(told.problem ?? "", new RegExp(`^Cannot read .* byte ${at} .*300000 bytes`));
    assert.deepEqual([told.consumed, told.datagrams.length], [at, 1]);
  });

  it("takes packets up to the largest that libpcap captures", () => {
    const packet = (length: number) => new PcapBytes().packet(2, 0, [], length, length).bytes;
    assert.equal(tell(packet(262_144)).problem, undefined, "waits for it");
    assert.match(tell(packet(262_145)).problem ?? "", /262145 bytes/);
  });

  it("reads nothing after a problem", () => {
    const reader = new PcapReader({
      section: () => {},
      interface: () => {},
      datagram: () => assert.fail("told a datagram"),
      statistics: () => {},
      otherPacket: () => assert.fail("told a packet"),
    });
    assert.equal(reader.read(new PcapBytes().packet(2, 0, [], 0, 300_000).bytes, 0), 24);
    const { problem } = reader;
    assert.ok(problem);
    const packet = new PcapBytes().packet(3, 0, ipv4Packet("behind")).bytes.subarray(24);
    assert.equal(reader.read(packet, 24), 0);
    assert.equal(reader.problem, problem);
  });

  it("refuses what is no pcap file", () => {
    assert.match(tell(new Uint8Array(24)).problem ?? "", /byte 0 .*magic/);
    const { problem = "" } = tell(new PcapBytes({ version: [3, 0] }).bytes);
    assert.match(problem, /byte 0 .*version 3\.0/);
    assert.equal(isPcapMagic(0x0a0d0d0a), false);
    assert.equal(isPcapMagic(0xd4c3b2a1), true);
  });

  it("survives any damage without a throw, and tells the same however the file comes in", () => {
    const file = new PcapBytes({ magic: PcapMagic.nanoseconds, littleEndian: false });
    for (let n = 0; n < 4; n++) file.packet(SECONDS, n, ipv4Packet(`number ${n}`));
    const original = file.bytes;
    const damage = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { maxLength: 4 });
    let intact = 0;
    fc.assert(
      fc.property(damage, fc.integer({ min: 1, max: 200 }), (changes, chunk) => {
        const bytes = original.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const whole = tell(bytes);
        assert.deepEqual(tell(bytes, chunk), whole);
        assert.ok(whole.consumed <= bytes.length);
        for (const { payload, payloadFileOffset, length } of whole.datagrams) {
          intact++;
          assert.ok(payloadFileOffset <= bytes.length);
          assert.ok(payload.length <= length);
        }
      }),
      { numRuns: 2000 },
    );
    assert.ok(intact > 2000);
  });
});

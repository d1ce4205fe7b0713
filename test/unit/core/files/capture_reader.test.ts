import assert from "node:assert/strict";
import fc from "fast-check";
import { CaptureReader, isGzip } from "../../../../extension/core/files/capture_reader.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import { PcapngBytes } from "../../support/pcapng_bytes.ts";
import { tell as tellFile } from "../../support/tell.ts";

const PACKET = ipv4Packet("Michael");

function tell(bytes: Uint8Array, chunk?: number) {
  return tellFile(bytes, chunk, (sink) => new CaptureReader(sink));
}

const FILES: Readonly<Record<string, Uint8Array>> = {
  "pcapng, little-endian": new PcapngBytes(true)
    .section()
    .interface()
    .packet(0, 1n, [...PACKET]).bytes,
  "pcapng, big-endian": new PcapngBytes(false)
    .section()
    .interface()
    .packet(0, 1n, [...PACKET]).bytes,
  "pcap, little-endian": new PcapBytes({ littleEndian: true }).packet(0, 1, PACKET).bytes,
  "pcap, big-endian": new PcapBytes({ littleEndian: false }).packet(0, 1, PACKET).bytes,
};

describe("CaptureReader", () => {
  for (const [name, bytes] of Object.entries(FILES)) {
    it(`tells ${name} by its first bytes, however they come in`, () => {
      for (const chunk of [bytes.length, 1, 3, 7]) {
        const told = tell(bytes, chunk);
        assert.equal(told.problem, undefined);
        assert.equal(told.consumed, bytes.length);
        assert.deepEqual(
          told.datagrams.map(({ payload, time }) => [payload, time]),
          [["Michael", 1]],
        );
      }
    });
  }

  it("says what a file starts with that is no capture", () => {
    const told = tell(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
    assert.match(told.problem ?? "", /^Cannot read the capture: .* 47 45 54 20, .*Wireshark/);
    assert.equal(told.consumed, 0);
    assert.equal(tell(new Uint8Array(3)).problem, undefined);
    assert.match(tell(new Uint8Array(4)).problem ?? "", / 00 00 00 00, /);
  });

  it("reads nothing after a problem", () => {
    const sink = { section: () => assert.fail("told a section") };
    const nothing = () => {};
    const reader = new CaptureReader({
      ...{ ...sink, interface: nothing, datagram: nothing },
      ...{ statistics: nothing, otherPacket: nothing },
    });
    assert.equal(reader.read(Uint8Array.of(1, 2, 3, 4), 0), 0);
    const { problem } = reader;
    assert.ok(problem);
    for (const bytes of Object.values(FILES)) assert.equal(reader.read(bytes, 0), 0);
    assert.equal(reader.problem, problem);
  });

  it("passes on what is wrong with the file", () => {
    const good = FILES["pcap, big-endian"] ?? new Uint8Array();
    assert.match(
      tell(Uint8Array.of(...good, ...new Array(16).fill(0xff))).problem ?? "",
      /byte 75/,
    );
  });

  it("never throws, takes no byte twice and tells the same in pieces, whatever comes in", () => {
    const starts = Object.values(FILES).map((bytes) => bytes.subarray(0, 4));
    const content = fc
      .tuple(fc.constantFrom(...starts, new Uint8Array()), fc.uint8Array({ maxLength: 300 }))
      .map(([start, rest]) => Uint8Array.of(...start, ...rest));
    fc.assert(
      fc.property(content, fc.integer({ min: 1, max: 64 }), (bytes, chunk) => {
        const whole = tell(bytes);
        assert.ok(whole.consumed <= bytes.length);
        assert.deepEqual(tell(bytes, chunk), whole);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("isGzip()", () => {
  it("knows the two bytes that gzip starts with", () => {
    assert.equal(isGzip(Uint8Array.of(0x1f, 0x8b, 8)), true);
    assert.equal(isGzip(Uint8Array.of(0x1f, 0x8c, 8)), false);
    assert.equal(isGzip(Uint8Array.of(0x1f)), false);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { type DatagramRecord, REFUSALS } from "../../../../extension/core/files/capture_sink.ts";
import { LinkType } from "../../../../extension/core/files/packet/link_layer.ts";
import { readPacket } from "../../../../extension/core/files/packet/packet_reader.ts";
import { emptyRecord } from "../../../../extension/core/files/packet/packet_record.ts";
import {
  refusalLength,
  writeRefusal,
} from "../../../../extension/core/files/packet/refusal_packet.ts";
import { formatAddress, parseAddress } from "../../../../extension/core/wire/address.ts";
import { ipv4Packet, ipv6Packet } from "../../support/packets.ts";

/** What is told of the datagram that the packet quotes; undefined where it quotes none. */
function quoted(packet: Uint8Array) {
  const record = { ...emptyRecord(), bytes: packet };
  assert.equal(readPacket(record, LinkType.raw, 0, packet.length, packet.length), "notUdp");
  return record.refusal && { refusal: record.refusal, ...facts(record) };
}

function facts(record: DatagramRecord) {
  const { bytes, addressLength, payload, capturedLength, length } = record;
  const address = (at: number) => formatAddress(bytes, at, addressLength);
  return {
    source: [address(record.sourceAddress), record.sourcePort],
    destination: [address(record.destinationAddress), record.destinationPort],
    length,
    payload: Buffer.from(bytes.subarray(payload, payload + capturedLength)).toString(),
  };
}

/** An ICMP message that quotes `packet`, up to its bytes that are given. */
function message(version: 4 | 6, type: number, code: number, packet: Uint8Array, words = 0) {
  const header =
    version === 4
      ? [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 9, 127, 0, 0, 1]
      : [0x60, 0, 0, 0, 0, 0, 58, 64, ...new Array(32).fill(1)];
  const length = 8 + packet.length + (version === 4 ? 20 : 0);
  header.splice(version === 4 ? 2 : 4, 2, length >> 8, length & 0xff);
  const rest = version === 4 ? [0, words, 0, 0] : [words, 0, 0, 0];
  return Uint8Array.of(...header, type, code, 0, 0, ...rest, ...packet);
}

const IPV4 = {
  source: ["127.0.0.1", 53211],
  destination: ["10.0.0.2", 9999],
  length: 5,
  payload: "Hello",
};
const IPV6 = {
  source: ["2001:db8::1", 53211],
  destination: ["2001:db8:1:2:3:4:5:6", 9999],
  length: 5,
  payload: "Hello",
};

describe("an ICMP message that a datagram was not delivered", () => {
  it("is read as what was written, with right checksums", () => {
    const address = fc.constantFrom("127.0.0.1", "255.255.254.255", "::1", "ffff::fffe");
    const port = fc.nat(0xffff);
    const payload = fc.uint8Array({ maxLength: 30 });
    const reason = fc.constantFrom(...REFUSALS);
    fc.assert(
      fc.property(address, port, port, payload, fc.boolean(), reason, (...values) => {
        const [text, sourcePort, destinationPort, bytes, isWhole, refusal] = values;
        const ip = parseAddress(text) ?? assert.fail();
        const end = (port: number) => ({
          ipv4: ip.length === 4 ? new DataView(ip.buffer).getUint32(0) : 0,
          ipv6: ip.length === 16 ? ip : undefined,
          port,
        });
        const quote = isWhole ? bytes : new Uint8Array(0);
        const packet = new Uint8Array(refusalLength(ip.length, quote.length));
        const ends = [end(sourcePort), end(destinationPort)] as const;
        writeRefusal(new DataView(packet.buffer), 0, refusal, ...ends, bytes.length, quote);
        assert.deepEqual(quoted(packet), {
          refusal,
          source: [text, sourcePort],
          destination: [text, destinationPort],
          length: bytes.length,
          payload: Buffer.from(quote).toString(),
        });
        const header = ip.length === 4 ? 20 : 40;
        const icmp = packet.subarray(header);
        if (ip.length === 4) {
          assert.equal(sum(packet.subarray(0, header)), 0xffff);
          assert.equal(sum(icmp), 0xffff);
        } else {
          const pseudo = Uint8Array.of(...ip, ...ip, 0, 0, 0, icmp.length, 0, 0, 0, 58);
          assert.equal(sum(Uint8Array.of(...pseudo, ...icmp)), 0xffff);
        }
      }),
    );
  });

  it("says why, as its type and code have it", () => {
    const told = (version: 4 | 6, type: number, code: number) =>
      quoted(message(version, type, code, version === 4 ? ipv4Packet() : ipv6Packet()))?.refusal;
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 13, 15, 99].map((code) => told(4, 3, code)),
      ["network", "host", "other", "port", "tooLarge", "other", "network", "host"].concat([
        "prohibited",
        "prohibited",
        "prohibited",
        "prohibited",
        "other",
      ]),
    );
    assert.deepEqual(
      [told(4, 11, 0), told(4, 11, 1), told(4, 12, 0)],
      ["expired", "other", "other"],
    );
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 9].map((code) => told(6, 1, code)),
      ["network", "prohibited", "network", "host", "port", "prohibited", "prohibited", "other"],
    );
    assert.deepEqual(
      [told(6, 2, 0), told(6, 3, 0), told(6, 4, 1)],
      ["tooLarge", "expired", "other"],
    );
    // Echo, redirect, neighbours: they quote nothing, or are about something else.
    assert.deepEqual(
      [told(4, 8, 0), told(4, 5, 0), told(6, 128, 0), told(6, 135, 0)],
      [undefined, undefined, undefined, undefined],
    );
  });

  it("quotes as much as it does: nothing that stands behind the quote, and nothing of another protocol", () => {
    assert.deepEqual(quoted(message(4, 3, 3, ipv4Packet())), { refusal: "port", ...IPV4 });
    assert.deepEqual(quoted(message(6, 1, 4, ipv6Packet())), { refusal: "port", ...IPV6 });
    // RFC 792: the header and 64 bits at least.
    const short = message(4, 3, 3, ipv4Packet().subarray(0, 28));
    assert.deepEqual(quoted(short), { refusal: "port", ...IPV4, payload: "" });
    assert.equal(quoted(message(4, 3, 3, ipv4Packet().subarray(0, 27))), undefined);
    // RFC 4884: the quote is told to have 32 bytes, and an extension follows.
    const extended = Uint8Array.of(
      ...ipv4Packet().subarray(0, 32),
      ...new Uint8Array(12).fill(0x21),
    );
    assert.equal(quoted(message(4, 3, 3, extended, 8))?.payload, "Hell");
    assert.equal(quoted(message(4, 3, 3, ipv4Packet().with(9, 6))), undefined);
    const laterFragment = ipv4Packet().with(7, 9);
    assert.equal(quoted(message(4, 3, 3, laterFragment)), undefined);
    const firstFragment = ipv4Packet().with(6, 0x20);
    assert.equal(quoted(message(4, 3, 3, firstFragment))?.refusal, "port");
  });

  it("may be anything", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(4, 6), (bytes, version) => {
        const packet = message(version as 4 | 6, bytes[0] ?? 3, bytes[1] ?? 3, bytes);
        const record = { ...emptyRecord(), bytes: packet };
        readPacket(record, LinkType.raw, 0, packet.length, packet.length);
        if (!record.refusal) return;
        assert.ok(record.capturedLength >= 0 && record.capturedLength <= record.length);
        assert.ok(record.payload + record.capturedLength <= packet.length);
      }),
    );
  });
});

/** The one's complement sum of words of 16 bits: 0xffff where the checksum is right. */
function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    total = (total & 0xffff) + (total >>> 16);
  }
  return total;
}

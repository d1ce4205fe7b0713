import assert from "node:assert/strict";
import fc from "fast-check";
import {
  headerLength,
  maxPayload,
  writeIpv4Headers,
} from "../../../../extension/core/files/packet/packet.ts";
import { ipv4Packet, ipv6Packet } from "../../support/packets.ts";

/** RFC 1071, written the slow way. */
function onesComplementSum(bytes: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  }
  return sum;
}

describe("headers", () => {
  it("are as long, and leave as much room in 16 bits of length, as the specifications say", () => {
    assert.deepEqual([headerLength(4), maxPayload(4)], [20 + 8, 65_507]);
    assert.deepEqual([headerLength(16), maxPayload(16)], [40 + 8, 65_527]);
  });
});

describe("writeIpv4Headers()", () => {
  it("writes each field where RFC 791 and RFC 768 want it", () => {
    const packet = ipv4Packet();
    assert.deepEqual([...packet.subarray(0, 10)], [0x45, 0, 0, 33, 0, 0, 0, 0, 64, 17]);
    assert.deepEqual([...packet.subarray(12, 20)], [127, 0, 0, 1, 10, 0, 0, 2]);
    const ports = [53211 >> 8, 53211 & 255, 9999 >> 8, 9999 & 255];
    assert.deepEqual([...packet.subarray(20, 28)], [...ports, 0, 13, 0, 0]);
  });

  it("writes a header checksum that comes out right", () => {
    fc.assert(
      fc.property(
        fc.nat(0xffffffff),
        fc.nat(0xffffffff),
        fc.nat(maxPayload(4)),
        (from, to, length) => {
          const bytes = new Uint8Array(28);
          writeIpv4Headers(new DataView(bytes.buffer), 0, from, to, 1, 2, length);
          assert.equal(onesComplementSum([...bytes.subarray(0, 20)]), 0xffff);
        },
      ),
    );
  });
});

describe("writeIpv6Headers()", () => {
  it("writes each field where RFC 8200 and RFC 768 want it", () => {
    const packet = ipv6Packet();
    const source = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const destination = [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6];
    const ports = [53211 >> 8, 53211 & 255, 9999 >> 8, 9999 & 255];
    assert.deepEqual(
      [...packet.subarray(0, 46)],
      [...[0x60, 0, 0, 0, 0, 13, 17, 64], ...source, ...destination, ...ports, 0, 13],
    );
  });

  /** The UDP part with the pseudo-header of RFC 8200 section 8.1. */
  function checkedSum(packet: Uint8Array): number {
    const udp = [...packet.subarray(40)];
    const lengthAndProtocol = [0, 0, udp.length >> 8, udp.length & 255, 0, 0, 0, 17];
    return onesComplementSum([...packet.subarray(8, 40), ...lengthAndProtocol, ...udp]);
  }

  it("writes a checksum that comes out right, for odd lengths too", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        assert.equal(checkedSum(ipv6Packet(payload)), 0xffff);
      }),
    );
    assert.equal(checkedSum(ipv6Packet(new Uint8Array(65_527).fill(0xff))), 0xffff);
  });

  it("never writes checksum 0", () => {
    // Two bytes of payload that make the sum 0xffff, so that its complement is 0.
    const packet = ipv6Packet(Uint8Array.of(0, 0));
    const rest = ((packet[46] ?? 0) << 8) | (packet[47] ?? 0);
    const zero = ipv6Packet(Uint8Array.of(rest >> 8, rest & 255));
    assert.deepEqual([zero[46], zero[47]], [0xff, 0xff]);
    assert.equal(checkedSum(zero), 0xffff);
  });
});

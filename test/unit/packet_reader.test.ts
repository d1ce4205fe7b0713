import assert from "node:assert/strict";
import fc from "fast-check";
import { type DatagramRecord, Direction } from "../../extension/capture/capture_sink.ts";
import { isKnownLinkType, LinkType } from "../../extension/capture/packet/link_layer.ts";
import { emptyRecord, readPacket } from "../../extension/capture/packet/packet_reader.ts";
import { ipv4Packet, ipv6Packet, ipv6With, LINK_HEADERS, withBytes } from "./support/packets.ts";

const RAW = LinkType.raw;

/** What readPacket() finds in the packet, or why it finds nothing. */
function read(packet: Uint8Array, linkType: number = RAW, original = packet.length) {
  const record: DatagramRecord = { ...emptyRecord(), bytes: packet };
  return readPacket(record, linkType, 0, packet.length, original) ?? record;
}

function found(packet: Uint8Array, linkType?: number, original?: number): DatagramRecord {
  const result = read(packet, linkType, original);
  if (typeof result === "string") assert.fail(result);
  return result;
}

function payloadOf({ bytes, payload, capturedLength }: DatagramRecord): string {
  return new TextDecoder().decode(bytes.subarray(payload, payload + capturedLength));
}

describe("readPacket()", () => {
  it("gives back what was written", () => {
    for (const packet of [ipv4Packet(), ipv6Packet()]) {
      const record = found(packet);
      assert.equal(payloadOf(record), "Hello");
      assert.equal(record.length, 5);
      assert.deepEqual([record.sourcePort, record.destinationPort], [53211, 9999]);
      assert.equal(record.addressLength, packet.length === 33 ? 4 : 16);
      assert.equal(record.bytes[record.destinationAddress], packet.length === 33 ? 10 : 0x20);
      assert.equal(record.direction, Direction.unknown);
    }
  });

  it("reads a payload that was cut when it was captured", () => {
    const record = found(ipv4Packet().subarray(0, 30), RAW, 33);
    assert.deepEqual([payloadOf(record), record.capturedLength, record.length], ["He", 2, 5]);
  });

  it("tells what was cut from what never was whole", () => {
    for (const packet of [ipv4Packet(), ipv6Packet()]) {
      for (let length = 0; length < packet.length - 5; length++) {
        const cut = packet.subarray(0, length);
        assert.equal(read(cut, RAW, packet.length), "cutShort");
        assert.equal(read(cut, RAW), "malformed");
      }
    }
    for (const [name, linkType, header] of LINK_HEADERS) {
      for (let length = 0; length < header.length; length++) {
        const cut = Uint8Array.from(header.slice(0, length));
        assert.equal(read(cut, linkType, header.length + 33), "cutShort", name);
      }
    }
  });

  it("leaves the padding of the link layer out", () => {
    assert.equal(payloadOf(found(Uint8Array.of(...ipv4Packet(), 0, 0, 0, 0))), "Hello");
    assert.equal(payloadOf(found(Uint8Array.of(...ipv6Packet(), 0, 0, 0, 0))), "Hello");
    const claimsMore = withBytes(Uint8Array.of(...ipv4Packet(), 0, 0, 0, 0), { 25: 200 });
    assert.equal(payloadOf(found(claimsMore)), "Hello");
    assert.equal(found(claimsMore).length, 192);
  });

  it("takes the UDP length where the IP header leaves the length to the network card", () => {
    assert.equal(payloadOf(found(withBytes(ipv4Packet(), { 2: 0, 3: 0 }))), "Hello");
    assert.equal(payloadOf(found(withBytes(ipv6Packet(), { 4: 0, 5: 0 }))), "Hello");
    const jumbo = found(
      withBytes(ipv6Packet(new Uint8Array(70_000)), { 4: 0, 5: 0, 44: 0, 45: 0 }),
    );
    assert.equal(jumbo.length, 70_000);
    assert.equal(read(withBytes(ipv6Packet(), { 44: 0, 45: 0 })), "malformed", "no jumbogram");
  });

  it("reads behind IPv4 options and IPv6 extension headers", () => {
    const plain = ipv4Packet();
    const options = [0x94, 4, 0, 0];
    const longer = Uint8Array.of(...plain.subarray(0, 20), ...options, ...plain.subarray(20));
    assert.equal(payloadOf(found(withBytes(longer, { 0: 0x46, 3: 37 }))), "Hello");

    const hopByHop = [60, 0, 1, 4, 0, 0, 0, 0];
    const destination = [51, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const authentication = [43, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1];
    const routing = [17, 0, 4, 0, 0, 0, 0, 0];
    const extensions = [...hopByHop, ...destination, ...authentication, ...routing];
    assert.equal(payloadOf(found(ipv6With(0, extensions))), "Hello");
  });

  it("takes no fragment for a datagram, but an atomic fragment of IPv6", () => {
    const four = ipv4Packet();
    assert.equal(read(withBytes(four, { 6: 0x20 })), "fragment");
    assert.equal(read(withBytes(four, { 7: 1 })), "fragment");
    assert.equal(read(withBytes(four, { 6: 0x20, 9: 6 })), "notUdp");
    assert.equal(payloadOf(found(withBytes(four, { 6: 0x40 }))), "Hello");

    const six = (offset: number, next = 17) => ipv6With(44, [next, 0, 0, offset, 1, 2, 3, 4]);
    assert.equal(payloadOf(found(six(0))), "Hello");
    assert.equal(read(six(1)), "fragment");
    assert.equal(read(six(8)), "fragment");
    assert.equal(read(six(8, 60)), "fragment");
    assert.equal(read(six(8, 6)), "notUdp");
  });

  it("says why it takes nothing else for a datagram", () => {
    const four = ipv4Packet();
    assert.equal(read(withBytes(four, { 9: 6 })), "notUdp", "TCP");
    assert.equal(read(withBytes(four, { 9: 4 })), "tunnelled", "IP in IP");
    assert.equal(read(withBytes(four, { 9: 47 })), "tunnelled", "GRE");
    assert.equal(read(withBytes(four, { 0: 0x44 })), "malformed", "header of 16 bytes");
    assert.equal(read(withBytes(four, { 0: 0x55 })), "malformed", "IP version 5");
    assert.equal(read(withBytes(four, { 25: 7 })), "malformed", "UDP length 7");
    assert.equal(read(withBytes(four, { 3: 27 })), "malformed", "IP length within the UDP header");
    assert.equal(read(withBytes(ipv6Packet(), { 6: 58 })), "notUdp", "ICMPv6");
    assert.equal(read(withBytes(ipv6Packet(), { 6: 41 })), "tunnelled", "IPv6 in IPv6");
    assert.equal(read(four, 147), "unknownLinkType");
    assert.equal(isKnownLinkType(147), false);

    const ethernet = (type: number) =>
      read(Uint8Array.of(...new Array(12).fill(0), type >> 8, type & 255, ...four), 1);
    assert.equal(ethernet(0x0806), "notUdp", "ARP");
    assert.equal(ethernet(0x8847), "tunnelled", "MPLS");
    assert.equal(ethernet(0x8864), "tunnelled", "PPP over Ethernet");
    assert.equal(ethernet(60), "notUdp", "an LLC header of no protocol");
    assert.equal(read(Uint8Array.of(0, 0, 0, 7, ...four), 0), "notUdp", "no IP family");
    assert.equal(read(Uint8Array.of(2, 0, 0, 2, ...four), 0), "notUdp", "a family of both ends");
  });

  for (const [name, linkType, header] of LINK_HEADERS) {
    it(`finds the IP header behind ${name}`, () => {
      assert.ok(isKnownLinkType(linkType));
      const packet = Uint8Array.of(...header, ...ipv4Packet());
      const record = found(packet, linkType);
      assert.deepEqual([payloadOf(record), record.length], ["Hello", 5]);
    });
  }

  it("knows the number that each system has for IPv6", () => {
    for (const family of [10, 23, 24, 28, 30]) {
      for (const header of [Uint8Array.of(family, 0, 0, 0), Uint8Array.of(0, 0, 0, family)]) {
        assert.equal(payloadOf(found(Uint8Array.of(...header, ...ipv6Packet()), 0)), "Hello");
      }
    }
  });

  it("knows the direction where Linux tells it", () => {
    const cooked = LINK_HEADERS.filter(([, linkType]) => linkType === 113 || linkType === 276);
    const { unknown, in: toUs, out } = Direction;
    for (const [name, linkType, header] of cooked) {
      for (const [type, direction] of [toUs, toUs, toUs, unknown, out, unknown].entries()) {
        const packet = Uint8Array.of(...header, ...ipv4Packet());
        const at = linkType === 113 ? 1 : 10;
        assert.equal(found(withBytes(packet, { [at]: type }), linkType).direction, direction, name);
      }
    }
  });

  it("never reads outside of the packet, whatever is in it", () => {
    const linkTypes = fc.constantFrom(...LINK_HEADERS);
    const change = fc.tuple(fc.nat(99), fc.nat(255));
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      change.map(([at, value]) => withBytes(ipv4Packet(), { [at]: value })),
      change.map(([at, value]) => withBytes(ipv6Packet(), { [at]: value })),
      change.map(([at, value]) =>
        withBytes(ipv6With(44, [0, 0, 0, 0, 0, 0, 0, 0]), { [at]: value }),
      ),
    );
    let datagrams = 0;
    fc.assert(
      fc.property(content, linkTypes, fc.nat(200), (bytes, [, linkType, header], more) => {
        const packet = Uint8Array.of(...header, ...bytes);
        const record = read(packet, linkType, packet.length + more);
        if (typeof record === "string") return;
        datagrams++;
        assert.ok(record.payload + record.capturedLength <= packet.length);
        assert.ok(record.destinationAddress + record.addressLength <= packet.length);
        assert.ok(record.capturedLength >= 0 && record.capturedLength <= record.length);
      }),
      { numRuns: 5000 },
    );
    assert.ok(datagrams > 500, `only ${datagrams} datagrams were looked at`);
  });
});

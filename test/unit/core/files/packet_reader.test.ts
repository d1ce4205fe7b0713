import assert from "node:assert/strict";
import fc from "fast-check";
import { type DatagramRecord, Direction } from "../../../../extension/core/files/capture_sink.ts";
import { LinkType } from "../../../../extension/core/files/packet/link_layer.ts";
import { NO_LENGTH, readPacket } from "../../../../extension/core/files/packet/packet_reader.ts";
import { emptyRecord } from "../../../../extension/core/files/packet/packet_record.ts";
import { formatAddress } from "../../../../extension/core/wire/address.ts";
import {
  ipv4Packet,
  ipv6Packet,
  ipv6With,
  LINK_HEADERS,
  withBytes,
} from "../../support/packets.ts";

const RAW = LinkType.raw;

/** What readPacket() finds in the packet, or why it finds nothing; other bytes of the file are around it. */
function read(packet: ArrayLike<number>, linkType: number = RAW, original = packet.length) {
  const bytes = new Uint8Array(packet.length + 50).fill(0xee);
  bytes.set(packet, 10);
  const record = { ...emptyRecord(), bytes };
  return readPacket(record, linkType, 10, 10 + packet.length, original) ?? record;
}

function found(packet: ArrayLike<number>, linkType?: number, original?: number): DatagramRecord {
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
      const address = (at: number) => formatAddress(record.bytes, at, record.addressLength);
      assert.deepEqual(
        [address(record.sourceAddress), address(record.destinationAddress)],
        packet.length === 33 ? ["127.0.0.1", "10.0.0.2"] : ["2001:db8::1", "2001:db8:1:2:3:4:5:6"],
      );
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
    for (const claimsMore of [
      withBytes(Uint8Array.of(...ipv4Packet(), 0, 0, 0, 0), { 25: 200 }),
      withBytes(Uint8Array.of(...ipv6Packet(), 0, 0, 0, 0), { 45: 200 }),
    ]) {
      assert.equal(payloadOf(found(claimsMore)), "Hello");
      assert.equal(found(claimsMore).length, 192);
    }
  });

  it("takes the UDP length where the IP header leaves the length to the network card", () => {
    assert.equal(payloadOf(found(withBytes(ipv4Packet(), { 2: 0, 3: 0 }))), "Hello");
    assert.equal(payloadOf(found(withBytes(ipv6Packet(), { 4: 0, 5: 0 }))), "Hello");
    const jumbo = found(
      withBytes(ipv6Packet(new Uint8Array(70_000)), { 4: 0, 5: 0, 44: 0, 45: 0 }),
    );
    assert.equal(jumbo.length, 70_000);
    assert.equal(read(withBytes(ipv6Packet(), { 44: 0, 45: 0 })), "malformed", "no jumbogram");
    const offload = found(withBytes(ipv4Packet(), { 2: 0, 3: 0, 24: 0, 25: 0 }));
    assert.deepEqual([payloadOf(offload), offload.comment], ["Hello", NO_LENGTH]);
    assert.equal(read(withBytes(ipv4Packet(), { 24: 0, 25: 0 })), "malformed", "IP has a length");
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

  it("knows the IPv6 extension headers and how each tells its length", () => {
    for (const [name, type, length, size] of [
      ["hop-by-hop options", 0, 0, 8],
      ["hop-by-hop options", 0, 2, 24],
      ["routing", 43, 1, 16],
      ["fragment, whose second byte is reserved", 44, 5, 8],
      ["authentication", 51, 1, 12],
      ["authentication", 51, 4, 24],
      ["destination options", 60, 3, 32],
      ["mobility", 135, 1, 16],
      ["host identity", 139, 1, 16],
      ["shim6", 140, 1, 16],
    ] as const) {
      const header = new Array<number>(size).fill(0xff).with(0, 17).with(1, length);
      // Offset and M flag of a fragment: the reserved bits between them may be anything.
      if (type === 44) header.splice(2, 2, 0, 0x06);
      assert.equal(payloadOf(found(ipv6With(type, header))), "Hello", name);
      const tcp = header.with(0, 6);
      assert.equal(read(ipv6With(type, tcp)), "notUdp", name);
      const whole = ipv6With(type, tcp);
      assert.equal(read(whole.subarray(0, 48), RAW, whole.length), "notUdp", name);
      assert.equal(read(whole.subarray(0, 47), RAW, whole.length), "cutShort", name);
    }
    for (const [name, type] of [
      ["encapsulating security payload", 50],
      ["no next header", 59],
      ["ICMPv6", 58],
    ] as const) {
      assert.equal(read(ipv6With(type, [17, 0, 0, 0, 0, 0, 0, 0])), "notUdp", name);
    }
  });

  it("says what a packet is as soon as its headers tell, however few bytes were kept", () => {
    const tcp4 = withBytes(ipv4Packet(), { 9: 6 });
    const tcp6 = withBytes(ipv6Packet(), { 6: 6 });
    const mac = new Array<number>(12).fill(0xff);
    const cooked = new Array<number>(14).fill(0xff);
    const cooked2 = new Array<number>(18).fill(0xff);
    const arp = [0x08, 0x06];
    for (const [name, linkType, headers, reason] of [
      ["TCP over IPv4", RAW, [...tcp4.subarray(0, 20)], "notUdp"],
      ["TCP over IPv6", RAW, [...tcp6.subarray(0, 40)], "notUdp"],
      ["ARP", 1, [...mac, ...arp], "notUdp"],
      ["encrypted MACsec", 1, [...mac, 0x88, 0xe5, 0x0c, 0, 0, 0, 0, 0], "tunnelled"],
      ["ARP in a VLAN", 1, [...mac, 0x81, 0, 0xee, 0xee, ...arp], "notUdp"],
      ["802.2 with information frames", 1, [...mac, 0, 40, 6, 6, 0], "notUdp"],
      ["ARP with a SNAP header", 1, [...mac, 0, 40, 0xaa, 0xaa, 3, 0, 0, 0, ...arp], "notUdp"],
      ["ARP, Linux cooked", 113, [...cooked, ...arp], "notUdp"],
      ["ARP, Linux cooked 2", 276, [...arp, ...cooked2], "notUdp"],
      ["AppleTalk on a loopback", 0, [16, 0, 0, 0], "notUdp"],
    ] as const) {
      assert.equal(read(headers, linkType, 100), reason, name);
      assert.equal(read(headers.slice(0, -1), linkType, 100), "cutShort", name);
    }
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
    for (const [name, protocol] of [
      ["IPv4", 4],
      ["IPv6", 41],
      ["GRE", 47],
      ["MPLS", 137],
    ] as const) {
      assert.equal(read(withBytes(four, { 9: protocol })), "tunnelled", `${name} in IPv4`);
      assert.equal(read(withBytes(ipv6Packet(), { 6: protocol })), "tunnelled", `${name} in IPv6`);
    }
    assert.equal(read(withBytes(four, { 0: 0x44 })), "malformed", "header of 16 bytes");
    assert.equal(read(withBytes(four, { 0: 0x55 })), "malformed", "IP version 5");
    assert.equal(read(withBytes(ipv6Packet(), { 0: 0x70 })), "malformed", "IP version 7");
    assert.equal(read(withBytes(four, { 25: 7 })), "malformed", "UDP length 7");
    assert.equal(read(withBytes(four, { 3: 27 })), "malformed", "IP length within the UDP header");
    assert.equal(read(withBytes(ipv6Packet(), { 6: 58 })), "notUdp", "ICMPv6");
    for (const linkType of [147, 201]) assert.equal(read(four, linkType), "unknownLinkType");
    assert.equal(read(four, 229), "malformed", "IPv4 where there is only IPv6");
    assert.equal(read(ipv6Packet(), 228), "malformed", "IPv6 where there is only IPv4");

    const ethernet = (type: number) =>
      read(Uint8Array.of(...new Array(12).fill(0), type >> 8, type & 255, ...four), 1);
    assert.equal(ethernet(0x0806), "notUdp", "ARP");
    assert.equal(ethernet(0x8847), "tunnelled", "MPLS");
    assert.equal(ethernet(0x8848), "tunnelled", "MPLS with several labels");
    assert.equal(ethernet(0x8864), "notUdp", "PPP over Ethernet of another version");
    assert.equal(ethernet(60), "notUdp", "an LLC header of no protocol");
    assert.equal(read(Uint8Array.of(0, 0, 0, 7, ...four), 0), "notUdp", "no IP family");
    for (const family of [
      [2, 0, 0, 2],
      [2, 1, 0, 0],
      [0, 0, 1, 2],
    ]) {
      assert.equal(read([...family, ...four], 0), "notUdp", `no small number: ${family}`);
    }
    const frame = (...header: readonly number[]) =>
      read([...new Array<number>(12).fill(0), ...header, ...four], 1);
    assert.equal(frame(0x08, 0x06, 0, 0, 8, 0), "notUdp", "IP behind what is no VLAN tag");
    assert.equal(frame(0x05, 0xdd, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0), "notUdp", "type 1501");
    assert.equal(frame(0, 41, 6, 6, 0x13), "notUdp", "802.2 with a control byte of its own");
    assert.equal(frame(0, 41, 0xab, 0xaa, 3, 0, 0, 0, 8, 0), "notUdp", "another access point");
    assert.equal(frame(0, 41, 0xaa, 0xaa, 3, 0, 0, 1, 8, 0), "notUdp", "another organisation");
    assert.equal(frame(0, 41, 0xaa, 0xaa, 3, 1, 0, 0, 8, 0), "notUdp", "another organisation");
    assert.equal(typeof frame(0x05, 0xdc, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0), "object", "length 1500");
  });

  for (const [name, linkType, header] of LINK_HEADERS) {
    it(`finds the IP header behind ${name}`, () => {
      const packet = Uint8Array.of(...header, ...ipv4Packet());
      const record = found(packet, linkType);
      assert.deepEqual([payloadOf(record), record.length], ["Hello", 5]);
    });
  }

  it("finds IPv6 behind each way to announce it", () => {
    const mac = new Array<number>(12).fill(0);
    for (const [name, linkType, header] of [
      ["raw IP", 101, []],
      ["IPv6", 229, []],
      ["Ethernet", 1, [...mac, 0x86, 0xdd]],
      ["802.1Q", 1, [...mac, 0x81, 0, 0, 5, 0x86, 0xdd]],
      ["802.3 with SNAP", 1, [...mac, 0, 61, 0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd]],
    ] as const) {
      const record = found([...header, ...ipv6Packet()], linkType);
      assert.deepEqual([payloadOf(record), record.addressLength], ["Hello", 16], name);
    }
  });

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
        assert.ok(record.payload + record.capturedLength <= 10 + packet.length);
        assert.ok(record.destinationAddress + record.addressLength <= 10 + packet.length);
        assert.ok(record.capturedLength >= 0 && record.capturedLength <= record.length);
      }),
      { numRuns: 5000 },
    );
    assert.ok(datagrams > 500, `only ${datagrams} datagrams were looked at`);
  });
});

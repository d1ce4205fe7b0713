/**
 * What a captured packet has in front of its IP header: the link types that UDP is captured with
 * (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcaplinktype).
 */
import { type DatagramRecord, Direction, type OtherPacket } from "../capture_sink.ts";

/** LINKTYPE_ values. */
export const LinkType = {
  null: 0,
  ethernet: 1,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

/** What some systems wrote for raw IP before there was a number for it. */
const OLD_RAW = [12, 14];
/** AF_INET, and AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS. */
const ADDRESS_FAMILIES = [2, 10, 23, 24, 28, 30];

/** Types of Ethernet frames (IEEE 802 numbers); a number up to 1500 is a length instead, and an LLC header follows. */
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const MAX_LENGTH_FIELD = 1500;
/** 802.1Q, 802.1ad, and what was used before that. */
const VLAN_TAGS = [0x8100, 0x88a8, 0x9100];
/** MPLS with one label and several, PPP over Ethernet. */
const TUNNELS = [0x8847, 0x8848, 0x8864];

/**
 * Where the IP header of the packet from `start` to `end` starts, or why there is none. The packet's
 * direction is put into `record` where the link layer tells it.
 */
export function findNetworkHeader(
  record: DatagramRecord,
  linkType: number,
  start: number,
  end: number,
): number | OtherPacket {
  const { bytes } = record;
  record.direction = Direction.unknown;
  switch (linkType) {
    case LinkType.raw:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return start;
    case LinkType.ethernet:
      return behindEtherType(bytes, start + 12, end);
    case LinkType.null:
    case LinkType.loop:
      return behindAddressFamily(bytes, start, end);
    case LinkType.linuxCooked:
      record.direction = cookedDirection(uint16(bytes, start));
      return behindEtherType(bytes, start + 14, end);
    case LinkType.linuxCooked2:
      if (start + 20 > end) return "cutShort";
      record.direction = cookedDirection(bytes[start + 10] ?? 0);
      return behindProtocol(bytes, uint16(bytes, start), start + 20, end);
    default:
      return OLD_RAW.includes(linkType) ? start : "unknownLinkType";
  }
}

/** The address family of the capturing machine, in its byte order: small, so its first or its last byte. */
function behindAddressFamily(bytes: Uint8Array, start: number, end: number): number | OtherPacket {
  if (start + 4 > end) return "cutShort";
  const first = bytes[start] ?? 0;
  const last = bytes[start + 3] ?? 0;
  const isSmall = uint16(bytes, start + 1) === 0 && (first === 0 || last === 0);
  return isSmall && ADDRESS_FAMILIES.includes(first | last) ? start + 4 : "notUdp";
}

/** Behind the type or length field at `at`, any number of VLAN tags, and what follows them. */
function behindEtherType(bytes: Uint8Array, at: number, end: number): number | OtherPacket {
  if (at + 2 > end) return "cutShort";
  return behindProtocol(bytes, uint16(bytes, at), at + 2, end);
}

/** Behind whatever a frame of type `protocol` has at `at` in front of its IP header. */
function behindProtocol(
  bytes: Uint8Array,
  protocol: number,
  at: number,
  end: number,
): number | OtherPacket {
  let type = protocol;
  let behind = at;
  while (type !== IPV4 && type !== IPV6) {
    if (TUNNELS.includes(type)) return "tunnelled";
    if (type <= MAX_LENGTH_FIELD) return behindLlc(bytes, behind, end);
    if (!VLAN_TAGS.includes(type)) return "notUdp";
    if (behind + 4 > end) return "cutShort";
    type = uint16(bytes, behind + 2);
    behind += 4;
  }
  return behind;
}

/** Behind an 802.2 header: IP has its own service access point (RFC 948), or comes with a SNAP header (RFC 1042). */
function behindLlc(bytes: Uint8Array, at: number, end: number): number | OtherPacket {
  if (at + 3 > end) return "cutShort";
  if (bytes[at + 2] !== 0x03) return "notUdp";
  if (bytes[at] === 0x06) return at + 3;
  if (uint16(bytes, at) !== 0xaaaa) return "notUdp";
  if (at + 8 > end) return "cutShort";
  const isEtherType = bytes[at + 3] === 0 && uint16(bytes, at + 4) === 0;
  const type = uint16(bytes, at + 6);
  return isEtherType && (type === IPV4 || type === IPV6) ? at + 8 : "notUdp";
}

/** What Linux says of the packet (if_packet.h): to us, to all, to many, to others, from us. */
function cookedDirection(packetType: number): Direction {
  if (packetType === 4) return Direction.out;
  return packetType <= 2 ? Direction.in : Direction.unknown;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

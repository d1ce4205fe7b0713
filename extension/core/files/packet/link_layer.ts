/**
 * What a captured packet has in front of its IP header: the link types that UDP is captured with
 * (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcaplinktype). docs/captures.md lists them.
 */
import { Direction, type OtherPacket } from "../capture_sink.ts";
import {
  behindEthernet,
  behindEtherType,
  behindLlc,
  behindPpp,
  behindPppoe,
  behindProtocol,
  EtherType,
} from "./frame.ts";
import { type PacketRecord, uint16 } from "./packet_record.ts";

/** LINKTYPE_ values. */
export const LinkType = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  pppHdlc: 50,
  pppEther: 51,
  raw: 101,
  ciscoHdlc: 104,
  ieee80211: 105,
  loop: 108,
  linuxCooked: 113,
  radiotap: 127,
  /** What macOS calls its own captures where it may not say PKTAP. */
  user2: 149,
  pppPppd: 166,
  ppi: 192,
  pppWithDirection: 204,
  ipv4: 228,
  ipv6: 229,
  nflog: 239,
  pktap: 258,
  linuxCooked2: 276,
} as const;

/** What some systems wrote for raw IP before there was a number for it. */
const OLD_RAW = [12, 14];
/** AF_INET, and AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS. */
const ADDRESS_FAMILIES = [2, 10, 23, 24, 28, 30];
/** The kind of a packet is told in front of it, and such a kind again: so often. */
const MOST_WRAPPINGS = 4;

/**
 * Where the IP header of the packet from `start` to `end` starts, or why there is none. The packet's
 * direction is put into `record` where the link layer tells it.
 */
export function findNetworkHeader(
  record: PacketRecord,
  linkType: number,
  start: number,
  end: number,
): number | OtherPacket {
  const { bytes } = record;
  record.direction = Direction.unknown;
  switch (linkType) {
    case LinkType.raw:
      return start;
    case LinkType.ethernet: {
      // Most frames have nothing in front of IP: quickly.
      const type = uint16(bytes, start + 12);
      const isIp = type === EtherType.ipv4 || type === EtherType.ipv6;
      return isIp && start + 14 <= end ? start + 14 : behindEthernet(record, start, end);
    }
    case LinkType.linuxCooked:
      record.direction = cookedDirection(uint16(bytes, start));
      return behindEtherType(record, start + 14, end);
    case LinkType.linuxCooked2:
      if (start + 20 > end) return "cutShort";
      record.direction = cookedDirection(bytes[start + 10] ?? 0);
      return behindProtocol(record, uint16(bytes, start), start + 20, end);
    default:
      return findRarer(record, linkType, start, end);
  }
}

function findRarer(
  record: PacketRecord,
  linkType: number,
  start: number,
  end: number,
): number | OtherPacket {
  const { bytes } = record;
  switch (linkType) {
    case LinkType.ipv4:
      return isVersion(bytes, 4, start, end) ? start : "malformed";
    case LinkType.ipv6:
      return isVersion(bytes, 6, start, end) ? start : "malformed";
    case LinkType.null:
    case LinkType.loop:
      return behindAddressFamily(bytes, start, end);
    // Wireshark's mergecap writes what was 50 as 9.
    case LinkType.ppp:
    case LinkType.pppHdlc:
    case LinkType.ciscoHdlc:
      return behindHdlc(record, start, end);
    case LinkType.pppEther:
      return behindPppoe(record, start, end);
    case LinkType.pppPppd:
    case LinkType.pppWithDirection:
      record.direction = bytes[start] === 0 ? Direction.in : Direction.out;
      return behindPpp(record, start + 1, end);
    case LinkType.ieee80211:
      return behind80211(record, start, end);
    case LinkType.radiotap:
      return behindRadiotap(record, start, end);
    case LinkType.nflog:
      return behindNflog(bytes, start, end);
    case LinkType.ppi:
      return behindPpi(record, start, end);
    case LinkType.pktap:
    case LinkType.user2:
      return behindPktap(record, start, end);
    default:
      return OLD_RAW.includes(linkType) ? start : "unknownLinkType";
  }
}

function isVersion(bytes: Uint8Array, version: number, start: number, end: number): boolean {
  return start >= end || (bytes[start] ?? 0) >> 4 === version;
}

/** The address family of the capturing machine, in its byte order: small, so its first or its last byte; or an EtherType. */
function behindAddressFamily(bytes: Uint8Array, start: number, end: number): number | OtherPacket {
  if (start + 4 > end) return "cutShort";
  const type = uint16(bytes, start + 2);
  if (type === EtherType.ipv4 || type === EtherType.ipv6) return start + 4;
  const first = bytes[start] ?? 0;
  // The EtherType as a number of 32 bits, little-endian.
  const little = first | ((bytes[start + 1] ?? 0) << 8);
  if (type === 0 && (little === EtherType.ipv4 || little === EtherType.ipv6)) return start + 4;
  const last = bytes[start + 3] ?? 0;
  const isSmall = uint16(bytes, start + 1) === 0 && (first === 0 || last === 0);
  return isSmall && ADDRESS_FAMILIES.includes(first | last) ? start + 4 : "notUdp";
}

/** PPP (RFC 1662) and Cisco's way (RFC 1547) on one kind of line, told apart by the first byte. */
function behindHdlc(record: PacketRecord, start: number, end: number): number | OtherPacket {
  const address = record.bytes[start];
  const isCisco = address === 0x0f || address === 0x8f;
  return isCisco ? behindEtherType(record, start + 2, end) : behindPpp(record, start, end);
}

/** Behind the header of a frame of wireless data (IEEE 802.11-2020 section 9.3.2). */
function behind80211(
  record: PacketRecord,
  start: number,
  end: number,
  isPadded = false,
): number | OtherPacket {
  const { bytes } = record;
  if (start + 24 > end) return "cutShort";
  const kind = bytes[start] ?? 0;
  const flags = bytes[start + 1] ?? 0;
  const isData = (kind & 0x0f) === 0x08;
  const hasNoData = (kind & 0x40) !== 0;
  if (!isData || hasNoData) return "notUdp";
  // What is encrypted may be anything.
  if ((flags & 0x40) !== 0) return "tunnelled";
  let behind = start + 24;
  if ((flags & 3) === 3) behind += 6;
  if ((kind & 0x80) !== 0) {
    if (behind + 2 > end) return "cutShort";
    // Several frames in one.
    if (((bytes[behind] ?? 0) & 0x80) !== 0) return "tunnelled";
    behind += 2;
    if ((flags & 0x80) !== 0) behind += 4;
  }
  // Some radios put the content on a border of 4 bytes.
  if (isPadded) behind = start + ((behind - start + 3) & ~3);
  return behindLlc(record, behind, end);
}

/** Behind what the radio told (radiotap.org): little-endian, its length in bytes 2 and 3. */
function behindRadiotap(record: PacketRecord, start: number, end: number): number | OtherPacket {
  const { bytes } = record;
  if (start + 8 > end) return "cutShort";
  const length = (bytes[start + 2] ?? 0) | ((bytes[start + 3] ?? 0) << 8);
  if (length < 8) return "malformed";
  return behind80211(record, start + length, end, (radiotapFlags(bytes, start) & 0x20) !== 0);
}

/** The flags of the frame, which stand behind a time of 8 bytes where there is one; 0 where there are none. */
function radiotapFlags(bytes: Uint8Array, start: number): number {
  const present = littleEndian(bytes, start + 4);
  if ((present & 2) === 0) return 0;
  let at = start + 4;
  while (at + 8 <= bytes.length && (bytes[at + 3] ?? 0) >= 0x80) at += 4;
  at += 4;
  if ((present & 1) !== 0) at = start + ((at - start + 7) & ~7) + 8;
  return bytes[at] ?? 0;
}

/**
 * Behind the records of a Linux firewall's log, the packet itself in the one of type 9 (LINKTYPE_NFLOG). They are in the
 * byte order of the machine, which the first type tells: it is a small number.
 */
function behindNflog(bytes: Uint8Array, start: number, end: number): number | OtherPacket {
  if (start + 8 > end) return "cutShort";
  const isLittle = bytes[start + 6] !== 0;
  const number = (at: number) =>
    isLittle ? (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) : uint16(bytes, at);
  for (let at = start + 4; at + 4 <= end; ) {
    const length = number(at);
    if ((number(at + 2) & 0x7fff) === 9) return at + 4;
    if (length < 4) return "malformed";
    at += (length + 3) & ~3;
  }
  return "cutShort";
}

/** Behind CACE's per-packet information, which names the link type of what follows. */
function behindPpi(record: PacketRecord, start: number, end: number): number | OtherPacket {
  if (start + 8 > end) return "cutShort";
  const length = littleEndian(record.bytes, start + 2) & 0xffff;
  return behindWrapping(record, littleEndian(record.bytes, start + 4), start + length, end);
}

/** Behind what macOS tells of a packet: the length of that, and its link type; bits of the flags are the direction. */
function behindPktap(record: PacketRecord, start: number, end: number): number | OtherPacket {
  const { bytes } = record;
  if (start + 40 > end) return "cutShort";
  const length = littleEndian(bytes, start);
  const flags = littleEndian(bytes, start + 36);
  // Other things may be called by the number that is for private use.
  if (length < 40 || length > 1024 || littleEndian(bytes, start + 4) !== 1)
    return "unknownLinkType";
  const found = behindWrapping(record, littleEndian(bytes, start + 8), start + length, end);
  if (record.direction === Direction.unknown && (flags & 3) !== 3) {
    record.direction = (flags & 1) === 1 ? Direction.in : Direction.unknown;
    if ((flags & 2) === 2) record.direction = Direction.out;
  }
  return found;
}

function behindWrapping(
  record: PacketRecord,
  linkType: number,
  start: number,
  end: number,
): number | OtherPacket {
  if (++record.depth > MOST_WRAPPINGS) return "malformed";
  return findNetworkHeader(record, linkType, start, end);
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0
  );
}

/** What Linux says of the packet (if_packet.h): to us, to all, to many, to others, from us. */
function cookedDirection(packetType: number): Direction {
  if (packetType === 4) return Direction.out;
  return packetType <= 2 ? Direction.in : Direction.unknown;
}

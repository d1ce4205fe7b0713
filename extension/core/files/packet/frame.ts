/** What stands between the start of a frame and the IP header: types, tags, labels and the headers of tunnels below IP. */
import type { OtherPacket } from "../capture_sink.ts";
import { enterTunnel, type PacketRecord, uint16, uint32 } from "./packet_record.ts";

/** Types of Ethernet frames (IEEE 802 numbers); a number up to 1500 is a length instead, and an LLC header follows. */
export const EtherType = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
  transparentEthernet: 0x6558,
  ppp: 0x880b,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  nsh: 0x894f,
} as const;
const MAX_LENGTH_FIELD = 1500;
const MAC_ADDRESSES = 12;

/**
 * Tags that stand between a type and the next one, by their type, with their bytes before that next type: 802.1Q,
 * 802.1ad and what was used before, Cisco's VN-Tag, E-TAG (802.1BR), redundancy tag (802.1CB).
 */
const TAGS: ReadonlyMap<number, number> = new Map([
  [0x8100, 2],
  [0x88a8, 2],
  [0x9100, 2],
  [0x8926, 4],
  [0x893f, 6],
  [0xf1c1, 4],
]);
/** Tags behind which a whole frame stands: 802.1ah, Cisco FabricPath. */
const FRAME_TAGS: ReadonlyMap<number, number> = new Map([
  [0x88e7, 4],
  [0x8903, 2],
]);
const MACSEC = 0x88e5;
const PPPOE_SESSION = 0x8864;

/** Behind the header of the Ethernet frame at `at`. */
export function behindEthernet(record: PacketRecord, at: number, end: number) {
  return behindEtherType(record, at + MAC_ADDRESSES, end);
}

/** Behind the type or length field at `at`, and what follows it in front of the IP header. */
export function behindEtherType(
  record: PacketRecord,
  at: number,
  end: number,
): number | OtherPacket {
  if (at + 2 > end) return "cutShort";
  return behindProtocol(record, uint16(record.bytes, at), at + 2, end);
}

/** Behind whatever a frame of type `protocol` has at `at` in front of its IP header. */
export function behindProtocol(
  record: PacketRecord,
  protocol: number,
  at: number,
  end: number,
): number | OtherPacket {
  const { bytes } = record;
  let type = protocol;
  let behind = at;
  while (type !== EtherType.ipv4 && type !== EtherType.ipv6) {
    if (type <= MAX_LENGTH_FIELD) return behindLlc(record, behind, end);
    const tag = TAGS.get(type);
    if (tag === undefined) return behindTunnel(record, type, behind, end);
    if (behind + tag + 2 > end) return "cutShort";
    type = uint16(bytes, behind + tag);
    behind += tag + 2;
  }
  return behind;
}

function behindTunnel(
  record: PacketRecord,
  type: number,
  at: number,
  end: number,
): number | OtherPacket {
  switch (type) {
    case EtherType.mpls:
    case EtherType.mplsMulticast:
      return behindMpls(record, at, end);
    case PPPOE_SESSION:
      return behindPppoe(record, at, end);
    case EtherType.ppp:
      return behindPpp(record, at, end);
    case EtherType.transparentEthernet:
      return enterTunnel(record, "") ? behindEthernet(record, at, end) : "tunnelled";
    case MACSEC:
      return behindMacsec(record, at, end);
    case EtherType.nsh:
      return behindNsh(record, at, end);
  }
  const tag = FRAME_TAGS.get(type);
  if (tag === undefined) return "notUdp";
  return enterTunnel(record, "") ? behindEthernet(record, at + tag, end) : "tunnelled";
}

/** Behind an 802.2 header: IP has its own service access point (RFC 948), or comes with a SNAP header (RFC 1042). */
export function behindLlc(record: PacketRecord, at: number, end: number): number | OtherPacket {
  const { bytes } = record;
  if (at + 3 > end) return "cutShort";
  if (bytes[at + 2] !== 0x03) return "notUdp";
  if (bytes[at] === 0x06) return at + 3;
  if (uint16(bytes, at) !== 0xaaaa) return "notUdp";
  if (at + 8 > end) return "cutShort";
  const isEtherType = bytes[at + 3] === 0 && uint16(bytes, at + 4) === 0;
  const type = uint16(bytes, at + 6);
  return isEtherType && type > MAX_LENGTH_FIELD
    ? behindProtocol(record, type, at + 8, end)
    : "notUdp";
}

/** Behind the labels of MPLS (RFC 3032), of which the last one is marked. What follows is told by its first half byte (RFC 4928). */
export function behindMpls(record: PacketRecord, at: number, end: number): number | OtherPacket {
  const { bytes } = record;
  const labels: number[] = [];
  let behind = at;
  for (let isLast = false; !isLast; behind += 4) {
    if (behind + 4 > end) return "cutShort";
    if (labels.length < 4) labels.push(uint32(bytes, behind) >>> 12);
    isLast = ((bytes[behind + 2] ?? 0) & 1) === 1;
  }
  if (!enterTunnel(record, `MPLS ${labels.join(" ")}`)) return "tunnelled";
  if (behind >= end) return "cutShort";
  const version = (bytes[behind] ?? 0) >> 4;
  if (version === 4 || version === 6) return behind;
  // The control word of a wire of Ethernet frames (RFC 4448 section 4.6).
  return version === 0 ? behindEthernet(record, behind + 4, end) : "tunnelled";
}

/** Behind the header of a PPPoE session (RFC 2516 section 4). */
export function behindPppoe(record: PacketRecord, at: number, end: number): number | OtherPacket {
  const { bytes } = record;
  if (at + 6 > end) return "cutShort";
  if (bytes[at] !== 0x11 || bytes[at + 1] !== 0) return "notUdp";
  if (!enterTunnel(record, `PPPoE ${uint16(bytes, at + 2)}`)) return "tunnelled";
  return behindPpp(record, at + 6, end);
}

/** Behind the header of PPP: address and control where they are there (RFC 1662), and the protocol (RFC 1661). */
export function behindPpp(record: PacketRecord, at: number, end: number): number | OtherPacket {
  const { bytes } = record;
  const start = uint16(bytes, at) === 0xff03 ? at + 2 : at;
  if (start + 2 > end) return "cutShort";
  // An odd first byte is the whole number: its leading zero was left out.
  const isShort = ((bytes[start] ?? 0) & 1) === 1;
  const protocol = isShort ? (bytes[start] ?? 0) : uint16(bytes, start);
  const behind = start + (isShort ? 1 : 2);
  switch (protocol) {
    case 0x21:
    case 0x57:
      return behind;
    case 0x281:
    case 0x283:
      return behindMpls(record, behind, end);
    default:
      return "notUdp";
  }
}

/** Behind the tag of 802.1AE, where what follows is signed and not encrypted. */
function behindMacsec(record: PacketRecord, at: number, end: number): number | OtherPacket {
  if (at + 6 > end) return "cutShort";
  const control = record.bytes[at] ?? 0;
  if ((control & 0x0c) !== 0) return "tunnelled";
  return behindEtherType(record, at + ((control & 0x20) === 0 ? 6 : 14), end);
}

/** Behind a network service header (RFC 8300). */
function behindNsh(record: PacketRecord, at: number, end: number): number | OtherPacket {
  const { bytes } = record;
  if (at + 8 > end) return "cutShort";
  const behind = at + ((bytes[at + 1] ?? 0) & 0x3f) * 4;
  if (!enterTunnel(record, `NSH ${uint32(bytes, at + 4) >>> 8}`)) return "tunnelled";
  switch (bytes[at + 3]) {
    case 1:
    case 2:
      return behind;
    case 3:
      return behindEthernet(record, behind, end);
    case 5:
      return behindMpls(record, behind, end);
    default:
      return "tunnelled";
  }
}

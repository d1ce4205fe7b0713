/**
 * Finds UDP datagrams in captured packets: IPv4 (RFC 791), IPv6 (RFC 8200) and UDP (RFC 768) headers, and what carries
 * them inside other packets.
 */
import type { OtherPacket } from "../capture_sink.ts";
import { behindMpls } from "./frame.ts";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, readRefusal } from "./icmp.ts";
import { findNetworkHeader, LinkType } from "./link_layer.ts";
import { enterTunnel, type PacketRecord, uint16, uint32 } from "./packet_record.ts";
import { behindGre, behindUdpTunnel, endsOf, isTunnelPort } from "./tunnels.ts";

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;
const FRAGMENT_HEADER = 44;

/** What a datagram says whose headers do not tell how long it is; what was captured of its packet does. */
export const NO_LENGTH = "no length in the headers";

/** Protocols within IP that are looked into. */
const Protocol = { ipv4: 4, udp: 17, ipv6: 41, gre: 47, authentication: 51, mpls: 137 } as const;

/**
 * Finds the UDP datagram in the packet that lies in `record.bytes` from `start` to `end`, of which the
 * original had `originalLength` bytes, and fills in its direction, addresses, ports and payload.
 *
 * @returns why the packet is no whole UDP datagram, or undefined when it is one. Of a `"fragment"`,
 *   `record.fragment` and the addresses are filled in. Where it is `"notUdp"`, `record.refusal` may tell more.
 */
export function readPacket(
  record: PacketRecord,
  linkType: number,
  start: number,
  end: number,
  originalLength: number,
): OtherPacket | undefined {
  const originalEnd = start + originalLength;
  if (record.refusal !== undefined) record.refusal = undefined;
  if (record.depth !== 0 || record.comment !== "") {
    record.tunnel = "";
    record.comment = "";
    record.depth = 0;
  }
  const network = findNetworkHeader(record, linkType, start, end);
  const reason =
    typeof network === "string"
      ? network
      : readIp(record, network, end, originalEnd, linkType !== LinkType.raw);
  if (reason !== "cutShort" && reason !== "malformed") return reason;
  // Nothing was cut off by the writer: the packet itself is too short for its headers.
  const isWrong = reason === "malformed" || originalEnd <= end;
  // What a tunnel holds may be something that we don't know.
  return isWrong ? (record.tunnel === "" ? "malformed" : "tunnelled") : "cutShort";
}

/**
 * Reads what an IP packet holds, from `at` on: a datagram, or a tunnel. `end` and `originalEnd`: of the IP packet. Its
 * addresses are in `record`.
 *
 * @param mayHoldTunnel False where a datagram is what a program sent, whatever is in it: what a tap has written.
 */
export function readContent(
  record: PacketRecord,
  protocol: number,
  at: number,
  end: number,
  originalEnd: number,
  hasNoLength: boolean,
  mayHoldTunnel: boolean,
): OtherPacket | undefined {
  if (protocol !== Protocol.udp) {
    return readOtherContent(record, protocol, at, end, originalEnd, mayHoldTunnel);
  }
  const reason = readUdp(record, at, end, originalEnd, hasNoLength);
  return mayHoldTunnel && reason === undefined && isTunnelPort(record.destinationPort)
    ? readUdpTunnel(record, originalEnd)
    : reason;
}

function readOtherContent(
  record: PacketRecord,
  protocol: number,
  at: number,
  end: number,
  originalEnd: number,
  mayHoldTunnel: boolean,
): OtherPacket | undefined {
  switch (protocol) {
    case Protocol.ipv4:
    case Protocol.ipv6:
      if (!enterTunnel(record, `IP ${endsOf(record)}`)) return "tunnelled";
      return readIp(record, at, end, originalEnd, mayHoldTunnel);
    case Protocol.gre:
      return readBehind(record, behindGre(record, at, end), end, originalEnd);
    case Protocol.mpls:
      return readBehind(record, behindMpls(record, at, end), end, originalEnd);
    case Protocol.authentication: {
      // RFC 4302 section 2: the next protocol, and a length that counts in 4 bytes.
      if (at + 12 > end) return "cutShort";
      if (!enterTunnel(record, "")) return "tunnelled";
      const { bytes } = record;
      const behind = at + ((bytes[at + 1] ?? 0) + 2) * 4;
      const next = bytes[at] ?? 0;
      return readContent(record, next, behind, end, originalEnd, false, mayHoldTunnel);
    }
    case PROTOCOL_ICMP:
      record.refusal = readRefusal(record, 4, at, end);
      return "notUdp";
    case PROTOCOL_ICMPV6:
      record.refusal = readRefusal(record, 16, at, end);
      return "notUdp";
    default:
      return "notUdp";
  }
}

function readBehind(
  record: PacketRecord,
  network: number | OtherPacket,
  end: number,
  originalEnd: number,
): OtherPacket | undefined {
  return typeof network === "string" ? network : readIp(record, network, end, originalEnd, true);
}

/**
 * What the datagram holds that was just read: a whole one, or a message that one was refused. Otherwise that datagram stays.
 */
function readUdpTunnel(record: PacketRecord, originalEnd: number): OtherPacket | undefined {
  const { tunnel, payload, capturedLength } = record;
  const end = payload + capturedLength;
  const inside = behindUdpTunnel(record, end);
  if (inside === undefined) return undefined;
  const { depth, addressLength, sourceAddress, destinationAddress } = record;
  const { sourcePort, destinationPort, length } = record;
  const innerEnd = Math.min(originalEnd, payload + length);
  const reason = readIp(record, inside, end, innerEnd, true);
  if (reason === undefined || record.refusal !== undefined) return reason;
  Object.assign(record, { addressLength, sourceAddress, destinationAddress, sourcePort });
  Object.assign(record, { destinationPort, payload, capturedLength, length, tunnel, depth });
  return undefined;
}

function readIp(
  record: PacketRecord,
  ip: number,
  end: number,
  originalEnd: number,
  mayHoldTunnel: boolean,
): OtherPacket | undefined {
  if (ip >= end) return "cutShort";
  // By the version that the header tells, whatever the link layer announces.
  const version = (record.bytes[ip] ?? 0) >> 4;
  if (version === 4) return readIpv4(record, ip, end, originalEnd, mayHoldTunnel);
  if (version === 6) return readIpv6(record, ip, end, originalEnd, mayHoldTunnel);
  return "malformed";
}

function readIpv4(
  record: PacketRecord,
  ip: number,
  end: number,
  originalEnd: number,
  mayHoldTunnel: boolean,
): OtherPacket | undefined {
  const { bytes } = record;
  if (ip + IPV4_HEADER > end) return "cutShort";
  const headerBytes = ((bytes[ip] ?? 0) & 0x0f) * 4;
  if (headerBytes < IPV4_HEADER) return "malformed";
  const protocol = bytes[ip + 9] ?? 0;
  // Length 0: the network card was to fill it in (segmentation offload); the packet is all there is.
  const length = uint16(bytes, ip + 2);
  const ipEnd = length === 0 ? originalEnd : Math.min(ip + length, originalEnd);
  record.addressLength = 4;
  record.sourceAddress = ip + 12;
  record.destinationAddress = ip + 16;
  const at = ip + headerBytes;
  // More fragments to come, or not the first one.
  if ((uint16(bytes, ip + 6) & 0x3fff) !== 0) {
    return readIpv4Fragment(record, ip, protocol, at, end, ipEnd);
  }
  const capturedEnd = Math.min(end, ipEnd);
  return readContent(record, protocol, at, capturedEnd, ipEnd, length === 0, mayHoldTunnel);
}

function readIpv4Fragment(
  record: PacketRecord,
  ip: number,
  protocol: number,
  at: number,
  end: number,
  ipEnd: number,
): OtherPacket {
  if (!mayHoldUdp(protocol)) return "notUdp";
  const { bytes } = record;
  const flags = uint16(bytes, ip + 6);
  const isMore = (flags & 0x2000) !== 0;
  const identification = uint16(bytes, ip + 4);
  return readFragment(record, protocol, identification, flags << 3, isMore, at, end, ipEnd);
}

function readIpv6(
  record: PacketRecord,
  ip: number,
  end: number,
  originalEnd: number,
  mayHoldTunnel: boolean,
): OtherPacket | undefined {
  const { bytes } = record;
  if (ip + IPV6_HEADER > end) return "cutShort";
  // Length 0: a jumbogram (RFC 2675), or again offload.
  const length = uint16(bytes, ip + 4);
  const ipEnd = length === 0 ? originalEnd : Math.min(ip + IPV6_HEADER + length, originalEnd);
  record.addressLength = 16;
  record.sourceAddress = ip + 8;
  record.destinationAddress = ip + 24;
  let next = bytes[ip + 6] ?? 0;
  let at = ip + IPV6_HEADER;
  while (next !== Protocol.udp && isExtension(next)) {
    if (at + 8 > end) return "cutShort";
    const size = extensionLength(bytes, next, at);
    const isPart = next === FRAGMENT_HEADER && !isAtomicFragment(bytes, at);
    next = bytes[at] ?? 0;
    if (isPart) {
      if (!mayHoldUdp(next) && !isExtension(next)) return "notUdp";
      const place = uint16(bytes, at + 2);
      const identification = uint32(bytes, at + 4);
      const isMore = (place & 1) !== 0;
      return readFragment(record, next, identification, place & ~7, isMore, at + 8, end, ipEnd);
    }
    at += size;
  }
  const capturedEnd = Math.min(end, ipEnd);
  return readContent(record, next, at, capturedEnd, ipEnd, length === 0, mayHoldTunnel);
}

function readFragment(
  record: PacketRecord,
  protocol: number,
  identification: number,
  offset: number,
  isMore: boolean,
  start: number,
  end: number,
  originalEnd: number,
): OtherPacket {
  if (start > originalEnd) return "malformed";
  if (start > end) return "cutShort";
  const { fragment } = record;
  fragment.protocol = protocol;
  fragment.identification = identification;
  fragment.offset = offset & 0xfff8;
  fragment.isMore = isMore;
  fragment.start = start;
  fragment.end = Math.min(end, originalEnd);
  fragment.originalEnd = originalEnd;
  return "fragment";
}

/** Hop-by-hop options, routing, fragment, authentication, destination options, mobility, host identity, shim6. */
function isExtension(type: number): boolean {
  switch (type) {
    case 0:
    case 43:
    case FRAGMENT_HEADER:
    case Protocol.authentication:
    case 60:
    case 135:
    case 139:
    case 140:
      return true;
    default:
      return false;
  }
}

/** Bytes of the IPv6 extension header at `at`, always some: authentication counts in 4 (RFC 4302), the others in 8. */
function extensionLength(bytes: Uint8Array, type: number, at: number): number {
  if (type === FRAGMENT_HEADER) return 8;
  const length = bytes[at + 1] ?? 0;
  return type === Protocol.authentication ? (length + 2) * 4 : (length + 1) * 8;
}

/** A fragment header on a whole packet (RFC 6946). */
function isAtomicFragment(bytes: Uint8Array, at: number): boolean {
  return (uint16(bytes, at + 2) & 0xfff9) === 0;
}

function mayHoldUdp(protocol: number): boolean {
  switch (protocol) {
    case Protocol.udp:
    case Protocol.ipv4:
    case Protocol.ipv6:
    case Protocol.gre:
    case Protocol.authentication:
    case Protocol.mpls:
      return true;
    default:
      return false;
  }
}

function readUdp(
  record: PacketRecord,
  udp: number,
  end: number,
  ipEnd: number,
  hasNoLength: boolean,
): OtherPacket | undefined {
  const { bytes } = record;
  if (udp + UDP_HEADER > ipEnd) return "malformed";
  if (udp + UDP_HEADER > end) return "cutShort";
  let udpLength = uint16(bytes, udp + 4);
  if (udpLength === 0 && hasNoLength) {
    // Both were to be filled in, or are too large to be told (Linux's BIG TCP). IPv6 may tell it elsewhere.
    udpLength = ipEnd - udp;
    if (record.addressLength === 4) record.comment = NO_LENGTH;
  }
  if (udpLength < UDP_HEADER) return "malformed";
  record.sourcePort = uint16(bytes, udp);
  record.destinationPort = uint16(bytes, udp + 2);
  record.payload = udp + UDP_HEADER;
  record.length = udpLength - UDP_HEADER;
  // What lies behind the IP packet is padding of the link layer, never payload.
  record.capturedLength = Math.min(end, ipEnd, udp + udpLength) - record.payload;
  return undefined;
}

/** Finds UDP datagrams in captured packets: IPv4 (RFC 791), IPv6 (RFC 8200) and UDP (RFC 768) headers. */
import { type DatagramRecord, Direction, type OtherPacket } from "../capture_sink.ts";
import { findNetworkHeader } from "./link_layer.ts";

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;
const PROTOCOL_UDP = 17;
const FRAGMENT_HEADER = 44;
/** IPv4, IPv6, GRE and MPLS within IP. */
const TUNNELS = [4, 41, 47, 137];

/** A record for {@link readPacket} to fill in; readers have one for all their packets. */
export function emptyRecord(): DatagramRecord {
  return {
    interfaceId: 0,
    time: 0,
    direction: Direction.unknown,
    bytes: new Uint8Array(0),
    addressLength: 4,
    sourceAddress: 0,
    destinationAddress: 0,
    sourcePort: 0,
    destinationPort: 0,
    payload: 0,
    payloadFileOffset: 0,
    capturedLength: 0,
    length: 0,
    dropped: 0,
    comment: "",
  };
}

/**
 * Finds the UDP datagram in the packet that lies in `record.bytes` from `start` to `end`, of which the
 * original had `originalLength` bytes, and fills in its direction, addresses, ports and payload.
 *
 * @returns why the packet is no whole UDP datagram, or undefined when it is one.
 */
export function readPacket(
  record: DatagramRecord,
  linkType: number,
  start: number,
  end: number,
  originalLength: number,
): OtherPacket | undefined {
  const originalEnd = start + originalLength;
  const network = findNetworkHeader(record, linkType, start, end);
  const reason = typeof network === "string" ? network : readIp(record, network, end, originalEnd);
  // Nothing was cut off by the writer: the packet itself is too short for its headers.
  return reason === "cutShort" && originalEnd <= end ? "malformed" : reason;
}

function readIp(
  record: DatagramRecord,
  ip: number,
  end: number,
  originalEnd: number,
): OtherPacket | undefined {
  if (ip >= end) return "cutShort";
  // By the version that the header tells, whatever the link layer announces.
  const version = (record.bytes[ip] ?? 0) >> 4;
  if (version === 4) return readIpv4(record, ip, end, originalEnd);
  if (version === 6) return readIpv6(record, ip, end, originalEnd);
  return "malformed";
}

function readIpv4(
  record: DatagramRecord,
  ip: number,
  end: number,
  originalEnd: number,
): OtherPacket | undefined {
  const { bytes } = record;
  if (ip + IPV4_HEADER > end) return "cutShort";
  const headerBytes = ((bytes[ip] ?? 0) & 0x0f) * 4;
  if (headerBytes < IPV4_HEADER) return "malformed";
  const protocol = bytes[ip + 9] ?? 0;
  if (protocol !== PROTOCOL_UDP) return otherProtocol(protocol);
  // More fragments to come, or not the first one.
  if ((uint16(bytes, ip + 6) & 0x3fff) !== 0) return "fragment";
  // Length 0: the network card was to fill it in (segmentation offload); the packet is all there is.
  const length = uint16(bytes, ip + 2);
  const ipEnd = length === 0 ? originalEnd : Math.min(ip + length, originalEnd);
  record.addressLength = 4;
  record.sourceAddress = ip + 12;
  record.destinationAddress = ip + 16;
  return readUdp(record, ip + headerBytes, end, ipEnd, false);
}

function readIpv6(
  record: DatagramRecord,
  ip: number,
  end: number,
  originalEnd: number,
): OtherPacket | undefined {
  const { bytes } = record;
  if (ip + IPV6_HEADER > end) return "cutShort";
  // Length 0: a jumbogram (RFC 2675), or again offload.
  const length = uint16(bytes, ip + 4);
  const ipEnd = length === 0 ? originalEnd : Math.min(ip + IPV6_HEADER + length, originalEnd);
  let next = bytes[ip + 6] ?? 0;
  let at = ip + IPV6_HEADER;
  while (next !== PROTOCOL_UDP) {
    if (!isExtension(next)) return otherProtocol(next);
    if (at + 8 > end) return "cutShort";
    const size = extensionLength(bytes, next, at);
    const isPart = next === FRAGMENT_HEADER && !isAtomicFragment(bytes, at);
    next = bytes[at] ?? 0;
    if (isPart) return mayHoldUdp(next) ? "fragment" : otherProtocol(next);
    at += size;
  }
  record.addressLength = 16;
  record.sourceAddress = ip + 8;
  record.destinationAddress = ip + 24;
  return readUdp(record, at, end, ipEnd, length === 0);
}

/** Hop-by-hop options, routing, fragment, authentication, destination options, mobility, host identity, shim6. */
function isExtension(type: number): boolean {
  switch (type) {
    case 0:
    case 43:
    case FRAGMENT_HEADER:
    case 51:
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
  return type === 51 ? (length + 2) * 4 : (length + 1) * 8;
}

/** A fragment header on a whole packet (RFC 6946). */
function isAtomicFragment(bytes: Uint8Array, at: number): boolean {
  return (uint16(bytes, at + 2) & 0xfff9) === 0;
}

function mayHoldUdp(next: number): boolean {
  return next === PROTOCOL_UDP || isExtension(next);
}

function otherProtocol(protocol: number): OtherPacket {
  return TUNNELS.includes(protocol) ? "tunnelled" : "notUdp";
}

function readUdp(
  record: DatagramRecord,
  udp: number,
  end: number,
  ipEnd: number,
  mayBeJumbo: boolean,
): OtherPacket | undefined {
  const { bytes } = record;
  if (udp + UDP_HEADER > ipEnd) return "malformed";
  if (udp + UDP_HEADER > end) return "cutShort";
  let udpLength = uint16(bytes, udp + 4);
  if (udpLength === 0 && mayBeJumbo) udpLength = ipEnd - udp;
  if (udpLength < UDP_HEADER) return "malformed";
  record.sourcePort = uint16(bytes, udp);
  record.destinationPort = uint16(bytes, udp + 2);
  record.payload = udp + UDP_HEADER;
  record.length = udpLength - UDP_HEADER;
  // What lies behind the IP packet is padding of the link layer, never payload.
  record.capturedLength = Math.min(end, ipEnd, udp + udpLength) - record.payload;
  return undefined;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/**
 * ICMP messages that a datagram could not be delivered: of IPv4 (RFC 792) and of IPv6 (RFC 4443). They quote the
 * datagram that they are about, or its first bytes.
 */
import type { Refusal } from "../capture_sink.ts";
import { type PacketRecord, uint16 } from "./packet_record.ts";

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_ICMPV6 = 58;
export const PROTOCOL_UDP = 17;

export const ICMP_HEADER = 8;
export const UDP_HEADER = 8;

/** Of "destination unreachable" (type 3), by code; RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1. */
const UNREACHABLE: readonly Refusal[] = [
  "network",
  "host",
  "other",
  "port",
  "tooLarge",
  "other",
  "network",
  "host",
  "host",
  "prohibited",
  "prohibited",
  "network",
  "host",
  "prohibited",
  "prohibited",
  "prohibited",
];
/** The same of type 1 of ICMPv6; RFC 4443 section 3.1. */
const UNREACHABLE_V6: readonly Refusal[] = [
  "network",
  "prohibited",
  "network",
  "host",
  "port",
  "prohibited",
  "prohibited",
];

/**
 * Reads the ICMP message at `at`, in a packet between addresses of `addressLength` bytes. Where it says that a datagram
 * was not delivered, `record` is about that datagram then, as far as it is quoted.
 */
export function readRefusal(
  record: PacketRecord,
  addressLength: number,
  at: number,
  end: number,
): Refusal | undefined {
  const { bytes } = record;
  if (at + ICMP_HEADER > end) return undefined;
  const refusal = refusalOf(addressLength, bytes[at] ?? 0, bytes[at + 1] ?? 0);
  if (refusal === undefined) return undefined;
  const quote = at + ICMP_HEADER;
  // RFC 4884 section 5: where it is told how long the quote is, something else comes behind it.
  const told = addressLength === 4 ? (bytes[at + 5] ?? 0) * 4 : (bytes[at + 4] ?? 0) * 8;
  const quoteEnd = told === 0 ? end : Math.min(end, quote + told);
  const udp =
    addressLength === 4 ? readIpv4(record, quote, quoteEnd) : readIpv6(record, quote, quoteEnd);
  if (udp === undefined || udp + UDP_HEADER > quoteEnd) return undefined;
  const length = uint16(bytes, udp + 4) - UDP_HEADER;
  if (length < 0) return undefined;
  record.sourcePort = uint16(bytes, udp);
  record.destinationPort = uint16(bytes, udp + 2);
  record.payload = udp + UDP_HEADER;
  record.length = length;
  record.capturedLength = Math.min(quoteEnd - record.payload, length);
  return refusal;
}

function refusalOf(addressLength: number, type: number, code: number): Refusal | undefined {
  if (addressLength === 4) {
    if (type === 3) return UNREACHABLE[code] ?? "other";
    if (type === 11) return code === 0 ? "expired" : "other";
    return type === 12 ? "other" : undefined;
  }
  if (type === 1) return UNREACHABLE_V6[code] ?? "other";
  if (type === 2) return "tooLarge";
  if (type === 3) return code === 0 ? "expired" : "other";
  return type === 4 ? "other" : undefined;
}

/** Where the UDP header is that the quoted packet has, if it has one. */
function readIpv4(record: PacketRecord, ip: number, end: number): number | undefined {
  const { bytes } = record;
  const header = ((bytes[ip] ?? 0) & 0x0f) * 4;
  const isFirst = (uint16(bytes, ip + 6) & 0x1fff) === 0;
  const isUdp = (bytes[ip] ?? 0) >> 4 === 4 && bytes[ip + 9] === PROTOCOL_UDP;
  if (!isUdp || !isFirst || header < 20 || ip + header > end) return undefined;
  setEnds(record, 4, ip + 12, ip + 16);
  return ip + header;
}

/** Without extension headers, but for that of the first of several fragments. */
function readIpv6(record: PacketRecord, ip: number, end: number): number | undefined {
  const { bytes } = record;
  if (ip + 40 > end || (bytes[ip] ?? 0) >> 4 !== 6) return undefined;
  const isFirst = bytes[ip + 6] === 44 && ip + 48 <= end && (uint16(bytes, ip + 42) & 0xfff8) === 0;
  const next = isFirst ? bytes[ip + 40] : bytes[ip + 6];
  if (next !== PROTOCOL_UDP) return undefined;
  setEnds(record, 16, ip + 8, ip + 24);
  return ip + (isFirst ? 48 : 40);
}

function setEnds(record: PacketRecord, length: 4 | 16, source: number, destination: number): void {
  record.addressLength = length;
  record.sourceAddress = source;
  record.destinationAddress = destination;
}

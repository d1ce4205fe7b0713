/**
 * ICMP messages that a datagram could not be delivered: of IPv4 (RFC 792) and of IPv6 (RFC 4443). They quote the
 * datagram that they are about, or its first bytes.
 */
import type { Refusal } from "../capture_sink.ts";
import { addWords, finishChecksum } from "./ip_checksum.ts";
import { headerLength, writeIpv4Headers, writeIpv6Headers } from "./packet.ts";
import { type PacketRecord, uint16 } from "./packet_record.ts";

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_ICMPV6 = 58;
const PROTOCOL_UDP = 17;

const ICMP_HEADER = 8;
const UDP_HEADER = 8;
const NO_IPV6 = new Uint8Array(16);
const NO_BYTES = new Uint8Array(0);

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

/** Type and code that say so, of ICMP and of ICMPv6. */
const CODES: Readonly<Record<Refusal, readonly [v4: number, v6: number]>> = {
  port: [0x0303, 0x0104],
  host: [0x0301, 0x0103],
  network: [0x0300, 0x0100],
  prohibited: [0x030d, 0x0101],
  tooLarge: [0x0304, 0x0200],
  expired: [0x0b00, 0x0300],
  other: [0x0302, 0x0400],
};

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

/** Bytes of what {@link writeRefusal} writes. */
export function refusalLength(addressLength: number, quoted: number): number {
  return 2 * headerLength(addressLength) - UDP_HEADER + ICMP_HEADER + quoted;
}

/** Of longer payloads, nothing can be quoted: all of it has to fit into one packet. */
export const MOST_QUOTED = 65_000;

/** One end of a datagram. */
export interface PacketEnd {
  /** Big-endian, where the datagram goes over IPv4. */
  readonly ipv4: number;
  /** 16 bytes, where it goes over IPv6. */
  readonly ipv6: Uint8Array | undefined;
  readonly port: number;
}

/**
 * Writes at `offset` the message that tells `source` of its datagram to `destination`, which had `payloadLength` bytes:
 * as from the destination, since who has told it is not known. It quotes the headers, and `quoted` of the payload.
 */
export function writeRefusal(
  view: DataView,
  offset: number,
  refusal: Refusal,
  source: PacketEnd,
  destination: PacketEnd,
  payloadLength: number,
  quoted: Uint8Array = NO_BYTES,
): void {
  const isIpv6 = destination.ipv6 !== undefined;
  const ip = headerLength(isIpv6 ? 16 : 4) - UDP_HEADER;
  const icmp = offset + ip;
  const length = ICMP_HEADER + ip + UDP_HEADER + quoted.length;
  const from = source.ipv6 ?? NO_IPV6;
  const to = destination.ipv6 ?? NO_IPV6;
  const quote = icmp + ICMP_HEADER;
  // Each with the UDP header that the message then takes the place of, or whose checksum nobody knows.
  if (isIpv6) {
    writeIpv6Headers(view, quote, from, to, source.port, destination.port, NO_BYTES);
    view.setUint16(quote + 4, UDP_HEADER + payloadLength);
    view.setUint16(quote + ip + 4, UDP_HEADER + payloadLength);
    view.setUint16(quote + ip + 6, 0);
    writeIpv6Headers(view, offset, to, from, 0, 0, NO_BYTES);
    view.setUint16(offset + 4, length);
    view.setUint8(offset + 6, PROTOCOL_ICMPV6);
  } else {
    const ports = [source.port, destination.port] as const;
    writeIpv4Headers(view, quote, source.ipv4, destination.ipv4, ...ports, payloadLength);
    writeIpv4Headers(view, offset, destination.ipv4, source.ipv4, 0, 0, length - UDP_HEADER);
    view.setUint8(offset + 9, PROTOCOL_ICMP);
    // The checksum is the complement of a sum in which the protocol was another one.
    const checksum = view.getUint16(offset + 10);
    view.setUint16(
      offset + 10,
      finishChecksum((~checksum & 0xffff) + 0xffff - PROTOCOL_UDP + PROTOCOL_ICMP),
    );
  }
  view.setUint16(icmp, CODES[refusal][isIpv6 ? 1 : 0]);
  view.setUint16(icmp + 2, 0);
  view.setUint32(icmp + 4, 0);
  new Uint8Array(view.buffer, view.byteOffset).set(quoted, quote + ip + UDP_HEADER);
  const message = new Uint8Array(view.buffer, view.byteOffset + icmp, length);
  // RFC 4443 section 2.3: over a pseudo-header as well.
  const pseudo = isIpv6 ? addWords(addWords(length + PROTOCOL_ICMPV6, from), to) : 0;
  view.setUint16(icmp + 2, finishChecksum(addWords(pseudo, message)));
}

/**
 * IP and UDP headers (RFC 791, RFC 8200, RFC 768), written for datagrams that were seen from inside a
 * program, where the kernel has taken the real ones away.
 */
import { addWords, finishChecksum } from "./ip_checksum.ts";

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;
const PROTOCOL_UDP = 17;
/** What hosts put there; the real one is not known. */
const TIME_TO_LIVE = 64;

/** Bytes of the IP and UDP headers in front of a payload between addresses of `addressLength` bytes. */
export function headerLength(addressLength: number): number {
  return (addressLength === 4 ? IPV4_HEADER : IPV6_HEADER) + UDP_HEADER;
}

/** The longest payload that the 16-bit length fields can tell: 65,507 bytes for IPv4, 65,527 for IPv6. */
export function maxPayload(addressLength: number): number {
  return 0xffff - UDP_HEADER - (addressLength === 4 ? IPV4_HEADER : 0);
}

/**
 * Writes the IPv4 and UDP headers at `offset` and returns where the payload starts. The addresses are
 * big-endian numbers (127.0.0.1 is 0x7f000001). UDP checksum 0: none was computed (RFC 768).
 */
export function writeIpv4Headers(
  view: DataView,
  offset: number,
  source: number,
  destination: number,
  sourcePort: number,
  destinationPort: number,
  payloadLength: number,
): number {
  const totalLength = IPV4_HEADER + UDP_HEADER + payloadLength;
  const sum =
    0x4500 +
    totalLength +
    ((TIME_TO_LIVE << 8) | PROTOCOL_UDP) +
    (source >>> 16) +
    (source & 0xffff) +
    (destination >>> 16) +
    (destination & 0xffff);
  view.setUint32(offset, (0x4500 << 16) | totalLength);
  view.setUint32(offset + 4, 0);
  view.setUint32(offset + 8, (((TIME_TO_LIVE << 8) | PROTOCOL_UDP) << 16) | finishChecksum(sum));
  view.setUint32(offset + 12, source);
  view.setUint32(offset + 16, destination);
  view.setUint32(offset + 20, (sourcePort << 16) | destinationPort);
  view.setUint32(offset + 24, (UDP_HEADER + payloadLength) << 16);
  return offset + IPV4_HEADER + UDP_HEADER;
}

/**
 * Writes the IPv6 and UDP headers at `offset` and returns where the payload starts.
 * `payload` is the whole payload, because the checksum, which IPv6 demands, covers all of it.
 */
export function writeIpv6Headers(
  view: DataView,
  offset: number,
  source: Uint8Array,
  destination: Uint8Array,
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
): number {
  const udpLength = UDP_HEADER + payload.length;
  view.setUint32(offset, 6 << 28);
  view.setUint32(offset + 4, (udpLength << 16) | (PROTOCOL_UDP << 8) | TIME_TO_LIVE);
  for (let index = 0; index < 16; index++) {
    view.setUint8(offset + 8 + index, source[index] ?? 0);
    view.setUint8(offset + 24 + index, destination[index] ?? 0);
  }
  // The pseudo-header of RFC 8200 section 8.1: addresses, length, protocol; then ports and length.
  let sum = udpLength + PROTOCOL_UDP + sourcePort + destinationPort + udpLength;
  sum = addWords(sum, source);
  sum = addWords(sum, destination);
  sum = addWords(sum, payload);
  const udp = offset + IPV6_HEADER;
  view.setUint32(udp, (sourcePort << 16) | destinationPort);
  // A sum of 0 is sent as 0xffff: 0 would say that there is none.
  view.setUint32(udp + 4, (udpLength << 16) | (finishChecksum(sum) || 0xffff));
  return udp + UDP_HEADER;
}

/** Writes what {@link readRefusal} reads: the ICMP message that a datagram could not be delivered. */
import type { Refusal } from "../capture_sink.ts";
import { ICMP_HEADER, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_UDP, UDP_HEADER } from "./icmp.ts";
import { addWords, finishChecksum } from "./ip_checksum.ts";
import { headerLength, writeIpv4Headers, writeIpv6Headers } from "./packet.ts";

const NO_IPV6 = new Uint8Array(16);
const NO_BYTES = new Uint8Array(0);

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

/** Headers that carry packets inside IP packets and datagrams: GRE, VXLAN, VXLAN-GPE, Geneve, GTP-U. */

import { formatAddress } from "../../wire/address.ts";
import type { OtherPacket } from "../capture_sink.ts";
import { behindEthernet, behindProtocol, EtherType } from "./frame.ts";
import { enterTunnel, type PacketRecord, uint16, uint32 } from "./packet_record.ts";

/** Frames that a switch has mirrored, in GRE. */
const ERSPAN = 0x88be;

/** "10.0.0.1 ⇄ 10.0.0.2": the ends of the packet whose header was just read, the same whichever way it went. */
export function endsOf(record: PacketRecord): string {
  const { bytes, sourceAddress, destinationAddress, addressLength } = record;
  const source = formatAddress(bytes, sourceAddress, addressLength);
  const destination = formatAddress(bytes, destinationAddress, addressLength);
  return source < destination ? `${source} ⇄ ${destination}` : `${destination} ⇄ ${source}`;
}

/** Behind a header of GRE (RFC 2784, RFC 2890; its version 1 for PPP: RFC 2637 section 4.1), and what it announces. */
export function behindGre(record: PacketRecord, at: number, end: number): number | OtherPacket {
  const { bytes } = record;
  if (at + 4 > end) return "cutShort";
  const flags = uint16(bytes, at);
  const type = uint16(bytes, at + 2);
  const has = (bit: number) => ((flags & bit) === 0 ? 0 : 4);
  // A list of routes, which nobody sends any more.
  if ((flags & 0x4000) !== 0) return "tunnelled";
  const version = flags & 7;
  if (version > 1 || !enterTunnel(record, `GRE ${endsOf(record)}`)) return "tunnelled";
  if (version === 1) {
    const behind = at + 8 + has(0x1000) + has(0x80);
    return type === EtherType.ppp ? behindProtocol(record, type, behind, end) : "tunnelled";
  }
  const behind = at + 4 + has(0x8000) + has(0x2000) + has(0x1000);
  // With a number it is type 2, which has a header of its own.
  if (type === ERSPAN) return behindEthernet(record, behind + has(0x1000) * 2, end);
  const found = behindProtocol(record, type, behind, end);
  return found === "notUdp" ? "tunnelled" : found;
}

const VXLAN_PORTS = [4789, 8472];
const VXLAN_GPE_PORT = 4790;
const GENEVE_PORT = 6081;
const GTP_PORT = 2152;
const TUNNEL_PORTS = [...VXLAN_PORTS, VXLAN_GPE_PORT, GENEVE_PORT, GTP_PORT];
/** What VXLAN-GPE calls what it carries (draft-ietf-nvo3-vxlan-gpe-13 section 3.2, MPLS of earlier drafts), as a type of Ethernet. */
const GPE_TYPES: Readonly<Record<number, number>> = {
  1: EtherType.ipv4,
  2: EtherType.ipv6,
  3: EtherType.transparentEthernet,
  4: EtherType.nsh,
  5: EtherType.mpls,
};
/** The message that carries a packet of a phone (3GPP TS 29.281 section 7.1). */
const GTP_PACKET = 255;

/** Whether tunnels are sent to this port. */
export function isTunnelPort(port: number): boolean {
  return TUNNEL_PORTS.includes(port);
}

/**
 * Where the IP header starts that a datagram's payload holds behind a header of VXLAN (RFC 7348), VXLAN-GPE, Geneve (RFC 8926) or
 * GTP-U: undefined where it is no such thing. Ports are only a hint: all bits that have to be 0 are, and lengths agree.
 */
export function behindUdpTunnel(record: PacketRecord, end: number): number | undefined {
  const { bytes, payload, destinationPort } = record;
  if (destinationPort === GTP_PORT) return behindGtp(record, end);
  const header = uint32(bytes, payload);
  const word = uint32(bytes, payload + 4);
  if (payload + 8 > end || (word & 0xff) !== 0) return undefined;
  const id = word >>> 8;
  if (VXLAN_PORTS.includes(destinationPort)) {
    if (header !== 0x0800_0000) return undefined;
    return insideOf(record, `VXLAN ${id}`, () => behindEthernet(record, payload + 8, end));
  }
  if (destinationPort === VXLAN_GPE_PORT) {
    // Version 0, with a number, and no message about the tunnel itself; what is sent to many has a bit of its own.
    const hasOthers = (header & 0xf9ff_ff00) !== 0x0800_0000;
    // Without the bit for it, there is no type: Ethernet, as in VXLAN.
    const type =
      (header & 0x0400_0000) === 0 ? EtherType.transparentEthernet : GPE_TYPES[header & 0xff];
    if (hasOthers || type === undefined) return undefined;
    const name = `VXLAN-GPE ${id}`;
    return insideOf(record, name, () => behindProtocol(record, type, payload + 8, end));
  }
  if (destinationPort !== GENEVE_PORT || (header >>> 24) >> 6 !== 0) return undefined;
  const behind = payload + 8 + ((header >>> 24) & 0x3f) * 4;
  const type = header & 0xffff;
  return insideOf(record, `Geneve ${id}`, () => behindProtocol(record, type, behind, end));
}

/**
 * Behind a header of GTP-U (3GPP TS 29.281 section 5) and its extension headers. Its number is another one each way, and
 * no part of the name.
 */
function behindGtp(record: PacketRecord, end: number): number | undefined {
  const { bytes, payload, length } = record;
  const flags = bytes[payload] ?? 0;
  const isPacket = flags >> 3 === 0b00110 && bytes[payload + 1] === GTP_PACKET;
  if (!isPacket || uint16(bytes, payload + 2) !== length - 8) return undefined;
  let behind = payload + ((flags & 0b111) === 0 ? 8 : 12);
  // The last byte of each names the next. One without a length leads to the end, where there is no packet.
  if ((flags & 0b100) !== 0)
    while (behind < end && bytes[behind - 1] !== 0) behind += (bytes[behind] || end) * 4;
  return insideOf(record, "GTP-U", () => behind);
}

function insideOf(
  record: PacketRecord,
  name: string,
  find: () => number | OtherPacket,
): number | undefined {
  const { tunnel, depth } = record;
  const isEntered = enterTunnel(record, `${name} ${endsOf(record)}`);
  const found = isEntered ? find() : "tunnelled";
  if (typeof found === "number") return found;
  record.tunnel = tunnel;
  record.depth = depth;
  return undefined;
}

import assert from "node:assert/strict";
import {
  headerLength,
  writeIpv4Headers,
  writeIpv6Headers,
} from "../../../extension/core/files/packet/packet.ts";
import { parseAddress } from "../../../extension/core/wire/address.ts";
import type { Endpoint } from "../../../extension/core/wire/endpoint.ts";

const LOOPBACK = 0x7f000001;
const HERE = parseAddress("2001:db8::1") ?? new Uint8Array();
const THERE = parseAddress("2001:db8:1:2:3:4:5:6") ?? new Uint8Array();
const encoder = new TextEncoder();

/** 127.0.0.1:53211 to 10.0.0.2:9999. */
export function ipv4Packet(payload: string | Uint8Array = "Hello"): Uint8Array {
  const data = typeof payload === "string" ? encoder.encode(payload) : payload;
  const bytes = new Uint8Array(28 + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set(data, writeIpv4Headers(view, 0, LOOPBACK, 0x0a000002, 53211, 9999, data.length));
  return bytes;
}

/** [2001:db8::1]:53211 to [2001:db8:1:2:3:4:5:6]:9999. */
export function ipv6Packet(payload: string | Uint8Array = "Hello"): Uint8Array {
  const data = typeof payload === "string" ? encoder.encode(payload) : payload;
  const bytes = new Uint8Array(48 + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set(data, writeIpv6Headers(view, 0, HERE, THERE, 53211, 9999, data));
  return bytes;
}

/** An IP packet with a datagram from one end to the other. */
export function datagramPacket(
  source: Endpoint,
  destination: Endpoint,
  data: Uint8Array,
  wireLength = data.length,
): Uint8Array {
  const [from, to] = [source, destination].map(({ address }) => parseAddress(address));
  assert.ok(from && to);
  const bytes = new Uint8Array(headerLength(from.length) + data.length);
  const view = new DataView(bytes.buffer);
  const start =
    from.length === 4
      ? writeIpv4Headers(
          view,
          0,
          new DataView(from.buffer).getUint32(0),
          new DataView(to.buffer).getUint32(0),
          source.port,
          destination.port,
          wireLength,
        )
      : writeIpv6Headers(view, 0, from, to, source.port, destination.port, data);
  bytes.set(data, start);
  return bytes;
}

/** An IPv6 packet with extension headers, given as bytes, between its header and UDP. */
export function ipv6With(firstHeader: number, extensions: readonly number[]): Uint8Array {
  const plain = ipv6Packet();
  const head = withBytes(plain.subarray(0, 40), {
    4: (plain.length - 40 + extensions.length) >> 8,
    5: (plain.length - 40 + extensions.length) & 255,
    6: firstHeader,
  });
  return Uint8Array.of(...head, ...extensions, ...plain.subarray(40));
}

/** A copy with other bytes at some places. */
export function withBytes(
  packet: Uint8Array,
  changes: Readonly<Record<number, number>>,
): Uint8Array {
  const copy = packet.slice();
  for (const [at, value] of Object.entries(changes)) copy[Number(at)] = value;
  return copy;
}

const MAC_ADDRESSES = Array.from({ length: 12 }, (_, index) => index);
const SNAP = [0xaa, 0xaa, 3, 0, 0, 0];

/** What macOS tells of a packet: the length of that, its kind, the link type of what follows. */
function pktap(length: number, linkType: number, flags = 0): number[] {
  const header = new Array<number>(length).fill(0);
  header.splice(0, 12, length, 0, 0, 0, 1, 0, 0, 0, linkType, 0, 0, 0);
  header[36] = flags;
  return header;
}

/** What each link layer puts in front of an IPv4 packet: name, link type, header. */
export const LINK_HEADERS: readonly (readonly [string, number, readonly number[]])[] = [
  ["raw IP", 101, []],
  ["IPv4", 228, []],
  ["raw IP of old", 12, []],
  ["raw IP of OpenBSD", 14, []],
  ["Ethernet", 1, [...MAC_ADDRESSES, 8, 0]],
  ["802.1Q", 1, [...MAC_ADDRESSES, 0x81, 0, 0, 5, 8, 0]],
  ["802.1ad", 1, [...MAC_ADDRESSES, 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]],
  ["three VLAN tags", 1, [...MAC_ADDRESSES, 0x91, 0, 0, 1, 0x81, 0, 0, 5, 0x81, 0, 0, 6, 8, 0]],
  ["802.3 with SNAP", 1, [...MAC_ADDRESSES, 0, 41, ...SNAP, 8, 0]],
  ["802.3 with the service access point of IP", 1, [...MAC_ADDRESSES, 0, 36, 6, 6, 3]],
  ["VLAN and SNAP", 1, [...MAC_ADDRESSES, 0x81, 0, 0, 5, 0, 41, ...SNAP, 8, 0]],
  ["BSD loopback, little-endian", 0, [2, 0, 0, 0]],
  ["BSD loopback, big-endian", 0, [0, 0, 0, 2]],
  ["OpenBSD loopback", 108, [0, 0, 0, 2]],
  ["BSD loopback with an EtherType", 0, [0x0f, 0, 8, 0]],
  ["BSD loopback with an EtherType, little-endian", 0, [0, 8, 0, 0]],
  ["VN-Tag", 1, [...MAC_ADDRESSES, 0x89, 0x26, 0, 1, 0, 2, 8, 0]],
  ["E-TAG", 1, [...MAC_ADDRESSES, 0x89, 0x3f, 0, 0, 0, 1, 0, 0, 8, 0]],
  ["redundancy tag", 1, [...MAC_ADDRESSES, 0xf1, 0xc1, 0, 0, 0, 9, 8, 0]],
  ["802.1ah", 1, [...MAC_ADDRESSES, 0x88, 0xe7, 0, 0, 0, 7, ...MAC_ADDRESSES, 8, 0]],
  ["FabricPath", 1, [...MAC_ADDRESSES, 0x89, 0x03, 0, 1, ...MAC_ADDRESSES, 8, 0]],
  ["MACsec, signed", 1, [...MAC_ADDRESSES, 0x88, 0xe5, 0, 0, 0, 0, 0, 1, 8, 0]],
  [
    "MACsec, signed, with its channel",
    1,
    [...MAC_ADDRESSES, 0x88, 0xe5, 0x20, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 0],
  ],
  ["PPP", 9, [0, 0x21]],
  ["PPP, shortened", 9, [0x21]],
  ["PPP with address and control", 9, [0xff, 3, 0, 0x21]],
  ["PPP in HDLC frames", 50, [0xff, 3, 0, 0x21]],
  ["Cisco HDLC", 104, [0x0f, 0, 8, 0]],
  ["Cisco HDLC where PPP may be", 50, [0x8f, 0, 8, 0]],
  ["PPP of pppd", 166, [1, 0xff, 3, 0, 0x21]],
  ["PPP with a direction", 204, [0, 0xff, 3, 0, 0x21]],
  ["802.11", 105, [8, 1, ...new Array<number>(22).fill(0), ...SNAP, 8, 0]],
  ["802.11, four addresses, QoS", 105, [0x88, 3, ...new Array<number>(30).fill(0), ...SNAP, 8, 0]],
  [
    "radiotap",
    127,
    [0, 0, 9, 0, 2, 0, 0, 0, 0, 8, 1, ...new Array<number>(22).fill(0), ...SNAP, 8, 0],
  ],
  [
    "radiotap, padded QoS",
    127,
    [0, 0, 9, 0, 2, 0, 0, 0, 0x20, 0x88, 1, ...new Array<number>(26).fill(0), ...SNAP, 8, 0],
  ],
  ["PPI around Ethernet", 192, [0, 0, 8, 0, 1, 0, 0, 0, ...MAC_ADDRESSES, 8, 0]],
  ["NFLOG, little-endian", 239, [2, 0, 0, 5, 5, 0, 10, 0, 0, 0, 0, 0, 255, 255, 9, 0]],
  ["NFLOG, big-endian", 239, [2, 0, 0, 5, 0, 8, 0, 1, 8, 0, 3, 0, 255, 255, 0, 9]],
  ["PKTAP around raw IP", 258, [...pktap(108, 101)]],
  ["PKTAP around BSD loopback, called USER2", 149, [...pktap(112, 0), 2, 0, 0, 0]],
  ["Linux cooked", 113, [0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0]],
  ["Linux cooked, VLAN", 113, [0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x81, 0, 0, 5, 8, 0]],
  ["Linux cooked 2", 276, [8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0]],
  [
    "Linux cooked 2, VLAN",
    276,
    [0x81, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 8, 0],
  ],
];

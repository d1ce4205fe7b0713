import { DECODERS } from "../decode/decoder_names.ts";
import { EVERYTHING, type Expression, onFlow, onRow } from "./expression.ts";
import { addresses, type Field, numbers, payload, ports, texts } from "./field_kinds.ts";
import { LENGTH, SECONDS } from "./numbers.ts";

const HAS_PAYLOAD = onRow(({ length }) => length > 0);

/** Wireshark's fields by their names, with Wireshark's meaning unless a comment says otherwise. */
export const FIELDS: Readonly<Record<string, Field>> = {
  "udp.port": ports((flow, test) => test(flow.sourcePort) || test(flow.destinationPort)),
  "udp.srcport": ports((flow, test) => test(flow.sourcePort)),
  "udp.dstport": ports((flow, test) => test(flow.destinationPort)),
  // The header of 8 bytes counts (RFC 768).
  "udp.length": numbers(LENGTH, "20", (test) => onRow(({ length }) => test(length + 8))),
  // An empty payload has the length 0, and not none.
  "data.len": numbers(LENGTH, "20", (test) => onRow(({ length }) => test(length))),
  "ip.addr": addresses(
    4,
    (flow, test) => test(flow.sourceAddress) || test(flow.destinationAddress),
  ),
  "ip.src": addresses(4, (flow, test) => test(flow.sourceAddress)),
  "ip.dst": addresses(4, (flow, test) => test(flow.destinationAddress)),
  "ipv6.addr": addresses(
    16,
    (flow, test) => test(flow.sourceAddress) || test(flow.destinationAddress),
  ),
  "ipv6.src": addresses(16, (flow, test) => test(flow.sourceAddress)),
  "ipv6.dst": addresses(16, (flow, test) => test(flow.destinationAddress)),
  "frame.time_relative": numbers(SECONDS, "1.5", (test) => ({
    kind: "row",
    test: (row) => test(row.time - row.firstTime),
    dependsOn: "firstTime",
  })),
  "frame.time_epoch": numbers(SECONDS, "1700000000.5", (test) => onRow(({ time }) => test(time))),
  "frame.comment": texts("EMSGSIZE", (test) =>
    onRow(({ comment }) => comment !== "" && test(comment)),
  ),
  "frame.interface_name": texts("127.0.0.1:9999", (test) => ({
    kind: "flow",
    test: (_, { name }) => name !== "" && test(name),
    dependsOn: "sockets",
  })),
  // The headers are not searched: where a tap recorded the datagram they are reconstructed.
  udp: { ...payload(EVERYTHING), isWithHeader: true },
  "udp.payload": payload(HAS_PAYLOAD),
  data: payload(HAS_PAYLOAD),
  "data.data": payload(HAS_PAYLOAD),
  // Wireshark has it only where it is told to show data as text.
  "data.text": payload(HAS_PAYLOAD),
};

/** Protocols that are conditions on their own, beside the fields that are. */
export const PROTOCOLS = {
  ip: onFlow(({ sourceAddress }) => sourceAddress.length === 4),
  ipv6: onFlow(({ sourceAddress }) => sourceAddress.length === 16),
} as const;

/** Protocols that payloads are decoded as, by the names that Wireshark has for them: conditions, also where nothing else stands. */
export const DECODED_PROTOCOLS: ReadonlyMap<string, Expression> = new Map(
  DECODERS.map(({ id }) => [id, { kind: "needle", needle: { kind: "protocol", protocol: id } }]),
);

/**
 * What people filter by in Wireshark and cannot here: protocols that are not decoded, or are below UDP. As text, `tftp`
 * would find the datagrams that hold these four letters.
 */
export const OTHER_PROTOCOLS: ReadonlySet<string> = new Set([
  "arp",
  "bfd",
  "bootp",
  "classicstun",
  "dhcp",
  "dhcpv6",
  "dtls",
  "echo",
  "eth",
  "gquic",
  "gre",
  "gtp",
  "http",
  "http2",
  "icmp",
  "icmpv6",
  "ieee80211",
  "igmp",
  "isakmp",
  "llmnr",
  "memcache",
  "mpls",
  "mqtt",
  "mqtt-sn",
  "nbns",
  "netflow",
  "openvpn",
  "ppp",
  "quic",
  "radius",
  "rip",
  "rtcp",
  "rtps",
  "sctp",
  "sip",
  "sll",
  "snmp",
  "someip",
  "ssl",
  "tcp",
  "tftp",
  "tls",
  "vlan",
  "vxlan",
  "wg",
  "wlan",
  "zmtp",
]);

import { datagramPacket, ipv4Packet, ipv6Packet } from "./packets.ts";

const MAC = new Array<number>(12).fill(2);
export const INNER = [...ipv4Packet("inside")];
export const OUTER = { address: "192.0.2.1", port: 50_000 };
export const END = { address: "192.0.2.9", port: 4789 };

/** A packet of this protocol around a content. */
export function ip(protocol: number, content: readonly number[]): number[] {
  const packet = datagramPacket(OUTER, END, Uint8Array.from(content)).slice();
  packet[9] = protocol;
  // Without the UDP header.
  const length = 20 + content.length;
  return [
    ...packet.subarray(0, 2),
    length >> 8,
    length & 255,
    ...packet.subarray(4, 20),
    ...content,
  ];
}

export const ethernet = (type: number, content: readonly number[]) => [
  ...MAC,
  type >> 8,
  type & 255,
  ...content,
];
export const udp = (port: number, content: readonly number[]) => [
  ...datagramPacket(OUTER, { ...END, port }, Uint8Array.from(content)),
];
export const gre = (type: number, content: readonly number[], flags: readonly number[] = [0, 0]) =>
  ip(47, [...flags, type >> 8, type & 255, ...content]);

const pppoe = (content: readonly number[]) => {
  const length = content.length + 2;
  return ethernet(0x8864, [0x11, 0, 0, 17, length >> 8, length & 255, 0, 0x21, ...content]);
};

export const ENDS = "192.0.2.1 ⇄ 192.0.2.9";
export const VXLAN = [8, 0, 0, 0, 0, 0, 5, 0];

/** Ethernet frames with the datagram `inside` in other packets, and how these are named. */
export const TUNNELS: readonly (readonly [
  name: string,
  frame: readonly number[],
  tunnel: string,
])[] = [
  ["IP in IP", ethernet(0x0800, ip(4, INNER)), `IP ${ENDS}`],
  ["IPv6 in IPv4", ethernet(0x0800, ip(41, [...ipv6Packet("inside")])), `IP ${ENDS}`],
  ["GRE", ethernet(0x0800, gre(0x0800, INNER)), `GRE ${ENDS}`],
  [
    "GRE with a checksum, a key and a number",
    ethernet(0x0800, gre(0x0800, [...new Array<number>(12).fill(1), ...INNER], [0xb0, 0])),
    `GRE ${ENDS}`,
  ],
  ["Ethernet in GRE", ethernet(0x0800, gre(0x6558, ethernet(0x0800, INNER))), `GRE ${ENDS}`],
  ["ERSPAN", ethernet(0x0800, gre(0x88be, ethernet(0x0800, INNER))), `GRE ${ENDS}`],
  [
    "ERSPAN of type 2",
    ethernet(
      0x0800,
      gre(
        0x88be,
        [0, 0, 0, 1, 0x10, ...new Array<number>(7).fill(0), ...ethernet(0x0800, INNER)],
        [0x10, 0],
      ),
    ),
    `GRE ${ENDS}`,
  ],
  [
    "PPP in GRE",
    ethernet(0x0800, gre(0x880b, [0, 40, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21, ...INNER], [0x30, 1])),
    `GRE ${ENDS}`,
  ],
  ["MPLS", ethernet(0x8847, [0, 1, 0, 64, 0, 1, 0x11, 64, ...INNER]), "MPLS 16 17"],
  [
    "Ethernet in MPLS",
    ethernet(0x8847, [0, 1, 1, 64, 0, 0, 0, 0, ...ethernet(0x0800, INNER)]),
    "MPLS 16",
  ],
  ["MPLS in IP", ethernet(0x0800, ip(137, [0, 1, 1, 64, ...INNER])), "MPLS 16"],
  ["PPPoE", pppoe(INNER), "PPPoE 17"],
  ["VXLAN", ethernet(0x0800, udp(4789, [...VXLAN, ...ethernet(0x0800, INNER)])), `VXLAN 5 ${ENDS}`],
  [
    "VXLAN-GPE",
    ethernet(0x0800, udp(4790, [0x0c, 0, 0, 1, 0, 0, 5, 0, ...INNER])),
    `VXLAN-GPE 5 ${ENDS}`,
  ],
  [
    "IPv6 in VXLAN-GPE",
    ethernet(0x0800, udp(4790, [0x0c, 0, 0, 2, 0, 0, 5, 0, ...ipv6Packet("inside")])),
    `VXLAN-GPE 5 ${ENDS}`,
  ],
  [
    "Ethernet in VXLAN-GPE, to many",
    ethernet(0x0800, udp(4790, [0x0e, 0, 0, 3, 0, 0, 5, 0, ...ethernet(0x0800, INNER)])),
    `VXLAN-GPE 5 ${ENDS}`,
  ],
  [
    "a service header in VXLAN-GPE",
    ethernet(0x0800, udp(4790, [0x0c, 0, 0, 4, 0, 0, 5, 0, 0, 2, 2, 1, 0, 0, 7, 255, ...INNER])),
    `VXLAN-GPE 5 ${ENDS}, NSH 7`,
  ],
  [
    "MPLS in VXLAN-GPE",
    ethernet(0x0800, udp(4790, [0x0c, 0, 0, 5, 0, 0, 5, 0, 0, 1, 1, 64, ...INNER])),
    `VXLAN-GPE 5 ${ENDS}, MPLS 16`,
  ],
  [
    "Geneve",
    ethernet(
      0x0800,
      udp(6081, [1, 0, 0x65, 0x58, 0, 0, 7, 0, 1, 2, 3, 4, ...ethernet(0x0800, INNER)]),
    ),
    `Geneve 7 ${ENDS}`,
  ],
  [
    "GTP-U",
    ethernet(0x0800, udp(2152, [0x30, 255, 0, INNER.length, 0, 0, 0, 5, ...INNER])),
    `GTP-U ${ENDS}`,
  ],
  [
    "GTP-U with a number",
    ethernet(
      0x0800,
      udp(2152, [0x32, 255, 0, INNER.length + 4, 0, 0, 0, 5, 0, 9, 0, 0x85, ...INNER]),
    ),
    `GTP-U ${ENDS}`,
  ],
  [
    "GTP-U with extension headers, in GTP-U",
    ethernet(
      0x0800,
      udp(2152, [
        ...[0x30, 255, 0, INNER.length + 28 + 8 + 16, 0, 0, 0, 5],
        ...udp(2152, [
          ...[0x34, 255, 0, INNER.length + 16, 0, 0, 0, 5],
          ...[0, 0, 0, 0x85, 1, 0, 9, 0xc0, 2, 1, 2, 3, 4, 5, 6, 0],
          ...INNER,
        ]),
      ]),
    ),
    `GTP-U ${ENDS}, GTP-U ${ENDS}`,
  ],
  [
    "VXLAN in GRE in PPPoE",
    pppoe(gre(0x0800, udp(4789, [...VXLAN, ...ethernet(0x0800, INNER)]))),
    `PPPoE 17, GRE ${ENDS}, VXLAN 5 ${ENDS}`,
  ],
  [
    "an authentication header",
    ethernet(0x0800, ip(51, [17, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, ...INNER.slice(20)])),
    "",
  ],
];

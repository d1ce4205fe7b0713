import assert from "node:assert/strict";
import { LinkType } from "../../../../extension/core/files/packet/link_layer.ts";
import { readPacket } from "../../../../extension/core/files/packet/packet_reader.ts";
import { emptyRecord } from "../../../../extension/core/files/packet/packet_record.ts";
import { datagramPacket, ipv4Packet, ipv6Packet } from "../../support/packets.ts";

const MAC = new Array<number>(12).fill(2);
const INNER = [...ipv4Packet("inside")];
const OUTER = { address: "192.0.2.1", port: 50_000 };
const END = { address: "192.0.2.9", port: 4789 };

/** A packet of this protocol around a content. */
function ip(protocol: number, content: readonly number[]): number[] {
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

const ethernet = (type: number, content: readonly number[]) => [
  ...MAC,
  type >> 8,
  type & 255,
  ...content,
];
const udp = (port: number, content: readonly number[]) => [
  ...datagramPacket(OUTER, { ...END, port }, Uint8Array.from(content)),
];
const gre = (type: number, content: readonly number[], flags: readonly number[] = [0, 0]) =>
  ip(47, [...flags, type >> 8, type & 255, ...content]);

function read(packet: readonly number[], linkType: number = LinkType.ethernet) {
  const bytes = Uint8Array.from(packet);
  const record = { ...emptyRecord(), bytes };
  const reason = readPacket(record, linkType, 0, bytes.length, bytes.length);
  if (reason !== undefined) return reason;
  const { payload, capturedLength, tunnel } = record;
  return [Buffer.from(bytes.subarray(payload, payload + capturedLength)).toString(), tunnel];
}

const ENDS = "192.0.2.1 ⇄ 192.0.2.9";
const VXLAN = [8, 0, 0, 0, 0, 0, 5, 0];

describe("tunnels", () => {
  for (const [name, packet, tunnel] of [
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
          [0, 0, 0, 1, ...new Array<number>(8).fill(0), ...ethernet(0x0800, INNER)],
          [0x10, 0],
        ),
      ),
      `GRE ${ENDS}`,
    ],
    [
      "PPP in GRE",
      ethernet(
        0x0800,
        gre(0x880b, [0, 40, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21, ...INNER], [0x30, 1]),
      ),
      `GRE ${ENDS}`,
    ],
    ["MPLS", ethernet(0x8847, [0, 1, 0, 64, 0, 1, 0x11, 64, ...INNER]), "MPLS 16 17"],
    [
      "Ethernet in MPLS",
      ethernet(0x8847, [0, 1, 1, 64, 0, 0, 0, 0, ...ethernet(0x0800, INNER)]),
      "MPLS 16",
    ],
    ["MPLS in IP", ethernet(0x0800, ip(137, [0, 1, 1, 64, ...INNER])), "MPLS 16"],
    ["PPPoE", ethernet(0x8864, [0x11, 0, 0, 17, 0, 40, 0, 0x21, ...INNER]), "PPPoE 17"],
    [
      "VXLAN",
      ethernet(0x0800, udp(4789, [...VXLAN, ...ethernet(0x0800, INNER)])),
      `VXLAN 5 ${ENDS}`,
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
      ethernet(0x8864, [
        0x11,
        0,
        0,
        17,
        0,
        40,
        0,
        0x21,
        ...gre(0x0800, udp(4789, [...VXLAN, ...ethernet(0x0800, INNER)])),
      ]),
      `PPPoE 17, GRE ${ENDS}, VXLAN 5 ${ENDS}`,
    ],
    [
      "an authentication header",
      ethernet(0x0800, ip(51, [17, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, ...INNER.slice(20)])),
      "",
    ],
  ] as const) {
    it(`show the datagram inside, and are named: ${name}`, () => {
      assert.deepEqual(read(packet), ["inside", tunnel]);
    });
  }

  it("are the same whichever way a packet goes", () => {
    const back = [
      ...datagramPacket(
        { ...END, port: 50_000 },
        { ...OUTER, port: 4789 },
        Uint8Array.from([...VXLAN, ...ethernet(0x0800, INNER)]),
      ),
    ];
    assert.deepEqual(read(ethernet(0x0800, back)), ["inside", `VXLAN 5 ${ENDS}`]);
  });

  it("that hold no datagram, or only look like tunnels, are the datagrams that they are", () => {
    const tcp = INNER.with(9, 6);
    for (const payload of [
      [...VXLAN, ...ethernet(0x0800, tcp)],
      [...VXLAN, ...ethernet(0x0806, [])],
      [...VXLAN.with(1, 1), ...ethernet(0x0800, INNER)],
      [...VXLAN.with(7, 1), ...ethernet(0x0800, INNER)],
      [...VXLAN, 1, 2, 3],
      [...new TextEncoder().encode("hello")],
    ]) {
      const found = read(ethernet(0x0800, udp(4789, payload)));
      assert.deepEqual(found, [Buffer.from(payload).toString(), ""], payload.join());
    }
  });

  it("are a program's own business where a tap has recorded what it sent", () => {
    const payload = [...VXLAN, ...ethernet(0x0800, INNER)];
    assert.equal(read(udp(4789, payload), LinkType.raw)[1], "");
  });

  it("of a phone that hold no datagram, or only look like it, are the datagrams that they are", () => {
    const header = [0x30, 255, 0, INNER.length, 0, 0, 0, 5];
    const longer = [...header.with(0, 0x34).with(3, INNER.length + 8), 0, 0, 0, 0x85];
    for (const payload of [
      [...header, ...INNER.with(9, 6)],
      [...header.with(1, 1), ...INNER],
      [...header.with(0, 0x38), ...INNER],
      [...header.with(0, 0x10), ...INNER],
      [...header.with(3, INNER.length + 1), ...INNER],
      [...longer, 0, 0, 0, 0, ...INNER],
      [...longer, 255, 0, 0, 0, ...INNER],
      header,
      header.slice(0, 7),
    ]) {
      const [text, tunnel] = read(ethernet(0x0800, udp(2152, payload)));
      assert.deepEqual([text, tunnel], [Buffer.from(payload).toString(), ""]);
    }
  });

  it("say that there may be a datagram inside where they cannot be looked into", () => {
    for (const [name, packet] of [
      ["GRE of another kind", gre(0x0900, INNER)],
      ["GRE with routes", gre(0x0800, INNER, [0x40, 0])],
      ["an IP packet that is none", ip(4, [1, 2, 3, 4])],
    ] as const) {
      assert.equal(read(ethernet(0x0800, packet)), "tunnelled", name);
    }
  });

  it("end, however many there are", () => {
    let packet = INNER;
    for (let depth = 0; depth < 15; depth++) packet = ip(4, packet);
    assert.deepEqual(read(ethernet(0x0800, packet))[0], "inside");
    for (let depth = 0; depth < 200; depth++) packet = ip(4, packet).with(2, 0).with(3, 0);
    assert.equal(read(ethernet(0x0800, packet)), "tunnelled");
    const wrapped = new Array(3000).fill([0, 0, 8, 0, 192, 0, 0, 0]).flat();
    assert.equal(read(wrapped, LinkType.ppi), "malformed");
    const labels = new Array(60_000).fill([0, 1, 0, 64]).flat();
    assert.equal(read(ethernet(0x8847, labels)), "malformed");
    const tags = new Array(60_000).fill([0, 0, 0x81, 0]).flat();
    assert.equal(read(ethernet(0x8100, tags)), "malformed");
  });
});

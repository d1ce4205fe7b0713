import assert from "node:assert/strict";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { CaptureReader } from "../../../../extension/core/files/capture_reader.ts";
import { LinkType } from "../../../../extension/core/files/packet/link_layer.ts";
import { readPacket } from "../../../../extension/core/files/packet/packet_reader.ts";
import { emptyRecord } from "../../../../extension/core/files/packet/packet_record.ts";
import { datagramPacket } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import {
  END,
  ENDS,
  ethernet,
  gre,
  INNER,
  ip,
  OUTER,
  TUNNELS,
  udp,
  VXLAN,
} from "../../support/tunnel_packets.ts";
import { AFTER_ALL, readable } from "../capture/reading.ts";

function read(packet: readonly number[], linkType: number = LinkType.ethernet) {
  const bytes = Uint8Array.from(packet);
  const record = { ...emptyRecord(), bytes };
  const reason = readPacket(record, linkType, 0, bytes.length, bytes.length);
  if (reason !== undefined) return reason;
  const { payload, capturedLength, tunnel } = record;
  return [Buffer.from(bytes.subarray(payload, payload + capturedLength)).toString(), tunnel];
}

/** What became of the datagrams of a capture with these frames. */
function refused(frames: readonly (readonly number[])[]): Delivery[] {
  const capture = readable();
  const file = capture.addFile("capture.pcap");
  const sink = new FileSink({ capture, file, writer: "w", clearedBefore: 0, isForeign: true });
  const pcap = new PcapBytes({ linkType: LinkType.ethernet });
  for (const [at, frame] of frames.entries()) pcap.packet(1_700_000_000 + at, 0, frame);
  new CaptureReader(sink).read(pcap.bytes, 0);
  capture.commit();
  capture.settle(AFTER_ALL);
  return Array.from({ length: capture.length }, (_, position) =>
    capture.delivery(capture.idAt(position)),
  );
}

describe("tunnels", () => {
  for (const [name, packet, tunnel] of TUNNELS) {
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

  it("of VXLAN-GPE that are of another version, or about the tunnel itself, are the datagrams that they are", () => {
    const header = [0x0c, 0, 0, 1, 0, 0, 5, 0];
    for (const [at, byte] of [
      [0, 0x04],
      [0, 0x0d],
      [0, 0x1c],
      [0, 0x4c],
      [1, 1],
      [2, 1],
      [3, 0],
      [3, 9],
      [7, 1],
    ] as const) {
      const payload = [...header.with(at, byte), ...INNER];
      const found = read(ethernet(0x0800, udp(4790, payload)));
      assert.deepEqual(found, [Buffer.from(payload).toString(), ""], `${byte} at ${at}`);
    }
    // Without a type it is Ethernet.
    const frame = udp(4790, [8, 0, 0, 0, 0, 0, 5, 0, ...ethernet(0x0800, INNER)]);
    assert.deepEqual(read(ethernet(0x0800, frame)), ["inside", `VXLAN-GPE 5 ${ENDS}`]);
  });

  it("tell what was refused inside of them", () => {
    const message = ip(1, [3, 3, 0, 0, 0, 0, 0, 0, ...INNER]);
    const inVxlan = (packet: readonly number[]) =>
      ethernet(0x0800, udp(4789, [...VXLAN, ...ethernet(0x0800, packet)]));
    for (const tunnelled of [
      inVxlan,
      (packet: readonly number[]) => ethernet(0x0800, ip(4, packet)),
      (packet: readonly number[]) =>
        ethernet(0x0800, udp(4790, [12, 0, 0, 1, 0, 0, 5, 0, ...packet])),
    ]) {
      assert.deepEqual(refused([tunnelled(INNER), tunnelled(message)]), [Delivery.refused]);
      // Another message, or the same beside the tunnel, is about nothing that is there.
      const others = [tunnelled(message.with(20, 0)), ethernet(0x0800, message)];
      for (const other of others) {
        assert.ok(!refused([tunnelled(INNER), other]).includes(Delivery.refused));
      }
    }
    // What is no message of a refusal is in a datagram that is one.
    assert.equal(refused([inVxlan(INNER), inVxlan(message.with(20, 0))]).length, 2);
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

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { datagramPacket } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import { areInstalled } from "../../support/tshark.ts";
import {
  tsharkConversations,
  tsharkEndpoints,
  tsharkRtpStreams,
  tsharkTotal,
} from "../../support/tshark_statistics.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";
import { countFile } from "./counted.ts";

const data = fileURLToPath(new URL("../../../data/", import.meta.url));
const CAPTURES = [
  "field/decoder_payloads.pcap",
  "field/wireshark_filters_f.pcap",
  "field/ipv6_packet_with_mapped_addresses.pcap",
  "field/dns_query_from_ephemeral_port_57120.pcap",
];

describe("the figures of statistics agree with Wireshark's", function () {
  this.timeout(60_000);
  let folder: string;

  before(async function () {
    if (!(await areInstalled("tshark"))) this.skip();
    standInForVscode();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-witness-"));
  });

  after(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  for (const name of CAPTURES) {
    it(`of ${name}`, async () => {
      const path = join(data, name);
      const theirs = await tsharkConversations(path);
      assert.ok(theirs.length > 0);
      const { rows, total } = await countFile(path, {});
      const sorted = (lines: readonly string[]) => [...lines].sort();
      const told = (ends: readonly [string, string], [there, back]: readonly [number, number]) =>
        ends[0] < ends[1] ? `${ends} ${there} ${back}` : `${[ends[1], ends[0]]} ${back} ${there}`;
      assert.deepEqual(
        sorted(
          rows.map(({ name: one, peer = "", datagrams }) =>
            told([one, peer], [datagrams.forward, datagrams.back]),
          ),
        ),
        sorted(theirs.map(({ ends, datagrams }) => told(ends, datagrams))),
      );
      const ends = (await countFile(path, { by: "endpoint" })).rows;
      assert.deepEqual(
        sorted(
          ends.map(({ name: end, datagrams }) => `${end} ${datagrams.forward} ${datagrams.back}`),
        ),
        sorted(
          (await tsharkEndpoints(path)).map(
            ({ end, sent, received }) => `${end} ${sent} ${received}`,
          ),
        ),
      );
      const { datagrams, bytes } = await tsharkTotal(path);
      assert.deepEqual([total.datagrams, total.bytes], [datagrams, bytes]);
    });
  }

  it("in the jitter of RTP, with a clock that begins anew and datagrams out of order", async () => {
    const ends = [
      { address: "10.0.0.1", port: 40_000 },
      { address: "10.0.0.2", port: 5004 },
    ] as const;
    const bytes = new PcapBytes({ linkType: 101 });
    const header = new DataView(new ArrayBuffer(12 + 160));
    header.setUint16(0, 0x8000);
    header.setUint32(8, 0xcafe_babe);
    // Each 20 ms, and some of them late by what nobody foresees.
    const late = (index: number) => ((index * index * 7919) % 23_000) * (index % 5 === 0 ? 1 : 0.1);
    const sent = Array.from({ length: 300 }, (_, index) => index);
    const arrival = (index: number) => index * 20_000 + Math.floor(late(index));
    sent.sort((a, b) => arrival(a) - arrival(b));
    for (const index of sent) {
      header.setUint16(2, (65_500 + index) % 65_536);
      header.setUint32(4, (2 ** 32 - 10_000 + index * 160) % 2 ** 32);
      const at = arrival(index);
      bytes.packet(
        1_700_000_000 + Math.floor(at / 1e6),
        at % 1e6,
        datagramPacket(...ends, new Uint8Array(header.buffer)),
      );
    }
    const path = join(folder, "rtp.pcap");
    await writeFile(path, bytes.bytes);
    const decodeAs = { 5004: "rtp" };
    const { rows } = await countFile(path, { by: "field", field: "rtp.ssrc" }, { decodeAs });
    const [theirs] = await tsharkRtpStreams(path, "-d", "udp.port==5004,rtp");
    const [ours] = rows;
    assert.ok(ours?.jitter && theirs && rows.length === 1);
    assert.equal(ours.datagrams.forward, theirs.datagrams);
    assert.ok(
      Math.abs(ours.jitter.max / 1000 - theirs.maxJitter) < 0.002,
      JSON.stringify([ours, theirs]),
    );
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { LinkType } from "../../../../extension/core/files/packet/link_layer.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import { ourRows } from "../../../corpus/our_rows.ts";
import { tsharkRows } from "../../../corpus/tshark_rows.ts";
import {
  ipv4Packet,
  ipv6Packet,
  ipv6With,
  LINK_HEADERS,
  withBytes,
} from "../../support/packets.ts";
import { PcapBytes, PcapMagic } from "../../support/pcap_bytes.ts";
import { areInstalled, run, tsharkUdpLines } from "../../support/tshark.ts";
import { TUNNELS } from "../../support/tunnel_packets.ts";
import { readUdpLines } from "../../support/udp_lines.ts";

/** Times that no 32-bit sum may spoil. */
const SECONDS = 4_000_000_000;

/** IP packets of every kind, and how many of them are whole datagrams. */
const fragment = (offset: number) => ipv6With(44, [17, 0, 0, offset, 1, 2, 3, 4]);
const ipv4Options = () => {
  const plain = ipv4Packet("options");
  const packet = Uint8Array.of(...plain.subarray(0, 20), 0x94, 4, 0, 0, ...plain.subarray(20));
  return withBytes(packet, { 0: 0x46, 3: packet.length });
};
const DATAGRAMS = [
  ipv4Packet("Hello, Michael!"),
  ipv4Packet(""),
  ipv4Packet(new Uint8Array(150).fill(0xa5)),
  ipv4Options(),
  Uint8Array.of(...ipv4Packet("padded"), 0, 0, 0, 0, 0, 0),
  ipv6Packet("Hello, IPv6!"),
  ipv6With(0, [60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0]),
  fragment(0),
];
const OTHERS = [
  withBytes(ipv4Packet("the first fragment"), { 6: 0x20 }),
  withBytes(ipv4Packet("a later fragment"), { 7: 0x20 }),
  fragment(9),
  withBytes(ipv4Packet(new Uint8Array(20)), { 9: 6 }),
  withBytes(ipv4Packet(new Uint8Array(20)), { 9: 1, 20: 8 }),
];
const CUT = [30, 28, 20, 10, 1];

/** What this version of tshark reads otherwise, and why we don't. */
const NOT_COMPARED = [
  // The link type is for IPv4 alone.
  /^IPv4$/,
  // tshark takes the last four bytes for a checksum of the frame, which captures have not.
  /^FabricPath$/,
  // It wants the right length in front of each packet; the packets of a real capture have it.
  /^NFLOG/,
  // It does not know the number.
  /^PPP of pppd$/,
];
const COMPARED = LINK_HEADERS.filter(([name]) => !NOT_COMPARED.some((one) => one.test(name)));
const PAYLOADS = ["one", "two", "three", "four"];

/** A file with all of these packets behind such a link header, or those that it can carry. */
function linkFile(linkType: number, header: readonly number[], options: { magic?: number } = {}) {
  const file = new PcapBytes({ linkType, ...options });
  let packets = 0;
  const add = (ip: Uint8Array, length?: number) => {
    const whole = Uint8Array.of(...headerFor(linkType, header, ip), ...ip);
    const kept = length === undefined ? whole.length : header.length + length;
    file.packet(SECONDS + packets, 123_456 + packets, whole.subarray(0, kept), whole.length);
    packets++;
  };
  for (const packet of [...DATAGRAMS, ...OTHERS]) add(packet);
  for (const length of CUT) add(ipv4Packet("cut short"), length);
  return { bytes: file.bytes, packets };
}

/** The same link header for what an IP packet needs: its version, and its length where Ethernet tells a length. */
function headerFor(linkType: number, header: readonly number[], ip: Uint8Array): number[] {
  const result = [...header];
  const isIpv6 = (ip[0] ?? 0) >> 4 === 6;
  const isBsd = linkType === 0 || linkType === 108;
  if (isBsd && isIpv6) result[result.indexOf(2)] = 28;
  const type = linkType === 276 && header.length === 20 ? 0 : header.length - 2;
  if (isIpv6 && header[type] === 8 && !isBsd) result.splice(type, 2, 0x86, 0xdd);
  const llc = linkType === 1 ? header.findIndex((_, at) => isLengthField(header, at)) : -1;
  if (llc >= 0) {
    const length = header.length - llc - 2 + ip.length;
    result.splice(llc, 2, length >> 8, length & 255);
  }
  return result;
}

/** Whether the header of LLC follows behind the two bytes at `at`. */
function isLengthField(header: readonly number[], at: number): boolean {
  return (header[at + 2] === 0xaa || header[at + 2] === 6) && header[at + 4] === 3;
}

describe("agreement with Wireshark", () => {
  let folder: string;

  before(async function () {
    if (!(await areInstalled("tshark", "capinfos", "editcap", "mergecap", "text2pcap")))
      this.skip();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-wireshark-"));
  });

  after(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  async function write(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  }

  /** Checks that we find in the file what tshark finds, and no packet is missing; returns the datagrams. */
  async function agree(path: string): Promise<readonly string[]> {
    const bytes = await readFile(path);
    const { lines, others, problem } = readUdpLines(bytes);
    assert.equal(problem, undefined);
    assert.deepEqual(lines, await tsharkUdpLines(path));
    const [, packets] = (await run("capinfos", "-TrcM", path)).trim().split("\t");
    assert.equal(lines.length + others.length, Number(packets));

    const saved = new SavedCapture(await write("packed.gz", gzipSync(bytes)));
    const { datagrams, problems } = await saved.read();
    await saved.close();
    assert.deepEqual([datagrams, problems], [lines.length, []]);
    return lines;
  }

  for (const [name, linkType, header] of COMPARED) {
    it(`on packets behind ${name}`, async () => {
      const { bytes, packets } = linkFile(linkType, header);
      const lines = await agree(await write("link.pcap", bytes));
      // Two of those that are cut have a whole UDP header.
      assert.equal(lines.length, DATAGRAMS.length + 2);
      assert.equal(packets, DATAGRAMS.length + OTHERS.length + CUT.length);
    });
  }

  it("on datagrams in other packets", async () => {
    const file = new PcapBytes({ linkType: LinkType.ethernet });
    for (const [at, [, frame]] of TUNNELS.entries()) file.packet(SECONDS + at, 0, frame);
    const path = await write("tunnels.pcap", file.bytes);
    const { rows } = await ourRows(path);
    const theirs = (await tsharkRows(path)) ?? [];
    const at = (row: string) => Number(row.split(".")[0]) - SECONDS;
    for (const [index, [name]] of TUNNELS.entries()) {
      const found = (all: readonly string[]) => all.filter((row) => at(row) === index);
      assert.deepEqual(found(rows), found(theirs), name);
    }
    assert.equal(rows.length, TUNNELS.length);
  });

  it("on each format that editcap writes", async () => {
    const [, linkType, header] = LINK_HEADERS[3] ?? assert.fail();
    const source = await write("source.pcap", linkFile(linkType, header).bytes);
    const expected = await agree(source);
    for (const format of ["pcap", "nsecpcap", "modpcap", "pcapng"]) {
      const path = join(folder, `${format}.cap`);
      await run("editcap", "-F", format, source, path);
      assert.deepEqual(await agree(path), expected, format);
    }
  });

  it("on nanoseconds, cut packets, comments and shifted times", async () => {
    const [, linkType, header] = LINK_HEADERS[3] ?? assert.fail();
    const options = { magic: PcapMagic.nanoseconds };
    const source = await write("nano.pcap", linkFile(linkType, header, options).bytes);
    const path = join(folder, "edited.pcapng");
    await agree(source);
    const edits = ["-s", "60", "-t", "-0.000123789", "-a", "1:the first", "-a", "2:ä"];
    await run("editcap", ...edits, source, path);
    await agree(path);
  });

  it("on several link types that mergecap put into one file", async () => {
    const paths: string[] = [];
    for (const [at, [, linkType, header]] of COMPARED.entries()) {
      paths.push(await write(`part${at}.pcap`, linkFile(linkType, header).bytes));
    }
    const path = join(folder, "merged.pcapng");
    await run("mergecap", "-w", path, ...paths);
    const lines = await agree(path);
    assert.equal(lines.length, COMPARED.length * (DATAGRAMS.length + 2));
    await run("mergecap", "-a", "-w", path, ...paths);
    assert.equal((await agree(path)).length, lines.length);
  });

  it("on what text2pcap and tshark write", async () => {
    const dump = "0000 48 65 6c 6c 6f\n0000 00 01 02 03 ff fe\n";
    const text = await write("dump.txt", new TextEncoder().encode(dump));
    for (const [name, ...options] of [
      ["four", "-4", "10.1.2.3,10.4.5.6"],
      ["six", "-6", "fe80::1,ff02::1:2"],
    ]) {
      const path = join(folder, `${name}.pcapng`);
      await run("text2pcap", "-q", "-u", "1000,2000", ...options, text, path);
      assert.equal((await agree(path)).length, 2);
      const again = join(folder, `${name}.again`);
      await run("tshark", "-r", path, "-w", again);
      assert.equal((await agree(again)).length, 2);
    }
  });

  it("on what dumpcap records, with the direction of each packet", async function () {
    // Who may capture is up to the machine; where nobody may, dumpcap lists nothing.
    const interfaces = (await areInstalled("dumpcap"))
      ? await run("dumpcap", "-D").catch(() => "")
      : "";
    if (!/^\d+\. any/m.test(interfaces)) this.skip();
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address();
    const path = join(folder, "dumpcap.pcapng");
    const filter = `udp and port ${port}`;
    const dumpcap = spawn(
      "dumpcap",
      ["-i", "any", "-f", filter, "-c", String(PAYLOADS.length), "-w", path],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    try {
      const ended = once(dumpcap, "exit");
      let said = "";
      await new Promise<void>((resolve) => {
        dumpcap.stderr.on("data", (piece) => {
          said += String(piece);
          // It names the file once it is listening.
          if (said.includes("File: ")) resolve();
        });
        dumpcap.once("exit", () => resolve());
      });
      // On loopback libpcap leaves the sender's copy of each packet out.
      for (const payload of PAYLOADS) socket.send(payload, port, "127.0.0.1");
      await ended;
      assert.equal((await agree(path)).length, PAYLOADS.length, said);
      const saved = new SavedCapture(path);
      await saved.read();
      const directions = PAYLOADS.map(
        (_, at) => saved.capture.flow(saved.capture.idAt(at)).direction,
      );
      await saved.close();
      assert.deepEqual(
        directions,
        PAYLOADS.map(() => Direction.in),
      );
    } finally {
      dumpcap.kill();
      socket.close();
    }
  });
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { CommandFiles } from "../../../../extension/host/capture/command_files.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import { sentence } from "../../support/problem_sentence.ts";
import { readUdpLines } from "../../support/udp_lines.ts";

const SUITE = join(import.meta.dirname, "../../../data/pcapng-suite");

/** Captures of either format, and of several sections one after the other, as `cat a b` makes them. */
const CAPTURES: ReadonlyMap<string, Uint8Array> = new Map([
  ...["test001_le", "test010_be", "test101_le", "test201_be"].map((name) => {
    return [name, readFileSync(join(SUITE, `${name}.pcapng`))] as const;
  }),
  [
    "two sections, two byte orders",
    Buffer.concat(
      ["test010_le", "test102_be"].map((name) => readFileSync(join(SUITE, `${name}.pcapng`))),
    ),
  ],
  ...[true, false].map((littleEndian) => {
    const pcap = new PcapBytes({ littleEndian });
    for (let i = 0; i < 20; i++) pcap.packet(i, i, ipv4Packet(Uint8Array.of(i, i + 1)));
    return [`pcap, ${littleEndian ? "little" : "big"} endian`, pcap.bytes] as const;
  }),
]);

describe("CommandFiles", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-command-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** The datagrams of all files, in the order of their names; each file is read by itself. */
  async function linesOf(): Promise<string[]> {
    const names = (await readdir(folder)).sort();
    const lines: string[] = [];
    for (const name of names) {
      assert.match(name, /^\d+-4242\.command-\d{6}\.pcapng$/);
      const { lines: its, problem } = readUdpLines(await readFile(join(folder, name)));
      assert.equal(problem, undefined, name);
      lines.push(...its);
    }
    return lines;
  }

  async function clean(): Promise<void> {
    for (const name of await readdir(folder)) await rm(join(folder, name));
  }

  for (const [name, bytes] of CAPTURES) {
    it(`has every datagram of ${name}, however it comes and wherever files end`, async () => {
      const expected = readUdpLines(bytes).lines;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }),
          fc.integer({ min: 0, max: 600 }),
          async (cuts, segmentBytes) => {
            await clean();
            const files = new CommandFiles(folder, 4242, segmentBytes);
            const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
            for (const [index, place] of places.entries()) {
              await files.write(bytes.subarray(place, places[index + 1]));
            }
            await files.close();
            assert.deepEqual(await linesOf(), expected);
            assert.equal(files.splitter.datagrams, expected.length);
            assert.equal(files.splitter.unfinished, 0);
          },
        ),
        { numRuns: 20 },
      );
    });
  }

  it("writes the very bytes of the stream, and nothing twice while files have room", async () => {
    for (const [name, bytes] of CAPTURES) {
      await clean();
      const files = new CommandFiles(folder, 4242);
      for (const byte of bytes) await files.write(Uint8Array.of(byte));
      await files.close();
      const written = await Promise.all(
        (await readdir(folder)).sort().map((file) => readFile(join(folder, file))),
      );
      assert.ok(Buffer.concat(written).equals(bytes), name);
    }
  });

  it("writes no half packet, and counts what is missing", async () => {
    const bytes = CAPTURES.get("pcap, little endian") ?? assert.fail();
    const files = new CommandFiles(folder, 4242);
    await files.write(bytes.subarray(0, bytes.length - 3));
    await files.close();
    assert.equal((await linesOf()).length, 19);
    assert.ok(files.splitter.unfinished > 0);
  });

  it("says where a stream stops making sense, and keeps what came before", async () => {
    const bytes = CAPTURES.get("test010_be") ?? assert.fail();
    const files = new CommandFiles(folder, 4242);
    await files.write(bytes);
    await files.write(new Uint8Array(64).fill(7));
    assert.match(sentence(files.splitter.problem), new RegExp(`from byte ${bytes.length} on`));
    await files.close();
    assert.deepEqual(await linesOf(), readUdpLines(bytes).lines);
  });

  it("makes no file of what is no capture", async () => {
    const files = new CommandFiles(folder, 4242);
    await files.write(new TextEncoder().encode("tcpdump: permission denied"));
    assert.match(sentence(files.splitter.problem), /neither pcapng nor pcap/);
    await files.close();
    assert.deepEqual(readdirSync(folder), []);
  });
});

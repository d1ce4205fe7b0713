import assert from "node:assert/strict";
import fs from "node:fs";
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { payloadStretches } from "../../../../extension/core/capture/payload_stretches.ts";
import type { CaptureProblem } from "../../../../extension/core/files/problem.ts";
import { searchPayloads } from "../../../../extension/host/capture/payload_search.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import { ipv4Fragments, partsOf } from "../../support/fragment_packets.ts";
import { ipv4Packet, ipv6Packet, withBytes } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import { PcapngBytes } from "../../support/pcapng_bytes.ts";
import { sentence } from "../../support/problem_sentence.ts";

/** A pcap file with `count` datagrams, "number 0" on. */
function pcap(count: number): Uint8Array {
  const header = new PcapBytes().bytes;
  const one = new PcapBytes().packet(1, 0, ipv4Packet("number 0000000")).bytes.subarray(24);
  const bytes = new Uint8Array(header.length + count * one.length);
  bytes.set(header);
  for (let n = 0; n < count; n++) {
    const at = header.length + n * one.length;
    bytes.set(one, at);
    bytes.set(new TextEncoder().encode(String(n).padStart(7, "0")), at + one.length - 7);
  }
  return bytes;
}

const sentences = (problems: readonly CaptureProblem[]) => problems.map(sentence).join(" ");

describe("SavedCapture", () => {
  let folder: string;
  let saved: SavedCapture | undefined;
  const { TMPDIR } = process.env;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-test-"));
    process.env.TMPDIR = join(folder, "temporary");
    await mkdir(process.env.TMPDIR);
  });

  afterEach(async () => {
    await saved?.close();
    saved = undefined;
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    await rm(folder, { recursive: true });
  });

  async function open(bytes: Uint8Array, name = "saved"): Promise<SavedCapture> {
    await saved?.close();
    const path = join(folder, name);
    await writeFile(path, bytes);
    saved = new SavedCapture(path);
    return saved;
  }

  async function payloadAt(capture: SavedCapture, position: number): Promise<string> {
    return new TextDecoder().decode(await capture.payload(capture.capture.idAt(position)));
  }

  it("reads datagrams, other packets and payloads", async () => {
    const file = new PcapngBytes(true).section().interface().interface([], 201);
    file.packet(0, 1n, [...ipv4Packet("first")]).packet(1, 2n, [1, 2, 3]);
    file.packet(0, 3n, [...ipv4Packet("second")]);
    const capture = await open(file.bytes);
    const summary = await capture.read();
    assert.deepEqual(summary, {
      datagrams: 2,
      otherPackets: {
        notUdp: 0,
        fragment: 0,
        cutShort: 0,
        malformed: 0,
        tunnelled: 0,
        unknownLinkType: 1,
      },
      problems: [],
    });
    assert.equal(capture.capture.sockets.size, 2, "one for each interface");
    assert.equal(await payloadAt(capture, 1), "second");
    assert.equal((await capture.payload(capture.capture.idAt(1), 3)).length, 3);
  });

  it("knows in the end which datagrams were lost, unless their receipts may be in what cannot be read", async () => {
    const f = new PcapngBytes(true).section();
    f.interface([...f.text(2, "127.0.0.1:53211"), ...f.text(3, "a.ts, pid 1, socket 1")]);
    f.interface([...f.text(2, "10.0.0.2:9999"), ...f.text(3, "b.ts, pid 2, socket 1")]);
    const flags = (direction: number) => f.option(2, f.u32(direction));
    f.packet(0, 1_000_000n, [...ipv4Packet("arrives")], flags(2));
    f.packet(0, 1_000_001n, [...ipv4Packet("is lost")], flags(2));
    f.packet(1, 1_000_002n, [...ipv4Packet("arrives")], flags(1));
    const { delivered, lost, alone, receipt } = Delivery;
    for (const [bytes, second] of [
      [f.bytes, lost],
      [Uint8Array.of(...f.bytes, ...new Array(100).fill(0xff)), alone],
      [Uint8Array.of(...f.bytes, 5, 0, 0, 0), alone],
    ] as const) {
      const { capture } = await open(bytes);
      await saved?.read();
      const deliveries = [0, 1, 2].map((position) => capture.delivery(capture.idAt(position)));
      assert.deepEqual(deliveries, [delivered, second, receipt]);
    }
  });

  it("has the first rows long before the last ones, tells how far it is, and holds nobody up", async () => {
    const bytes = pcap(60_000);
    const capture = await open(bytes);
    const seen: { read: number; total: number; rows: number }[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const summary = await capture.read({
      onProgress: (progress) => seen.push({ ...progress, rows: capture.capture.length }),
    });
    clearInterval(timer);
    assert.deepEqual([summary.datagrams, summary.problems], [60_000, []]);
    assert.ok(seen.length > 4);
    assert.ok(turns > 0, "the event loop went round");
    const [first] = seen;
    assert.ok(first && first.rows > 0 && first.rows < 5_000, `${first?.rows} rows at first`);
    assert.ok(seen.every(({ total }) => total === bytes.length));
    assert.deepEqual(
      seen.map(({ read }) => read),
      seen.map(({ read }) => read).sort((a, b) => a - b),
    );
    assert.equal(seen.at(-1)?.read, bytes.length);
    for (const position of [0, 31_234, 59_999]) {
      const expected = `number ${String(position).padStart(7, "0")}`;
      assert.equal(await payloadAt(capture, position), expected);
    }
  });

  it("reads on when its first rows have been shown, not before", async () => {
    for (const bytes of [pcap(60_000), gzipSync(pcap(60_000))]) {
      const capture = await open(bytes);
      let show = () => {};
      const firstShown = new Promise<void>((resolve) => {
        show = resolve;
      });
      let chunks = 0;
      const first = new Promise<void>((resolve) => {
        const onProgress = () => {
          chunks++;
          resolve();
        };
        void capture.read({ firstShown, onProgress });
      });
      await first;
      // As often as all of it could have been read.
      for (let turn = 0; turn < 20; turn++) await readFile(capture.path);
      assert.equal(chunks, 1);
      assert.ok(capture.capture.length > 0);
      show();
      assert.equal((await capture.read()).datagrams, 60_000);
    }
  });

  it("reads, and searches, the payload of a datagram that came in fragments, and of a jumbogram", async () => {
    const text = "from the first fragment to the last";
    const fragments = ipv4Fragments(ipv4Packet(text), partsOf(8 + text.length, 16));
    const file = new PcapBytes().packet(1, 0, ipv4Packet("before"));
    for (const fragment of fragments.reverse()) file.packet(2, 0, fragment);
    const jumbo = withBytes(ipv6Packet("x".repeat(70_000)), { 4: 0, 5: 0, 44: 0, 45: 0 });
    file.packet(3, 0, jumbo).packet(4, 0, ipv4Packet("behind"));
    const capture = await open(file.bytes);
    const { datagrams, otherPackets } = await capture.read();
    assert.deepEqual([datagrams, otherPackets.fragment], [4, 0]);
    assert.equal(await payloadAt(capture, 1), text);
    assert.equal((await capture.payload(capture.capture.idAt(1), 20)).length, 20);
    assert.equal((await payloadAt(capture, 2)).length, 70_000);
    const stretches = payloadStretches(capture.capture.datagrams.stored, 0, 10);
    const found: number[] = [];
    const bytes = (needle: string) => ({ kind: "bytes", bytes: Buffer.from(needle) }) as const;
    // "to the last" lies across a border of fragments.
    await searchPayloads(stretches, [bytes("to the last"), bytes("be"), bytes("xxxx")], {
      onHits: ({ run, hits }) => {
        const first = stretches[run]?.firstId ?? 0;
        for (const indices of hits) for (const index of indices) found.push(first + index);
      },
    });
    assert.deepEqual(found.sort(), [0, 1, 2, 3]);
  });

  it("can be cancelled, and keeps what it has read", async () => {
    const capture = await open(pcap(60_000));
    const abort = new AbortController();
    const summary = await capture.read({ signal: abort.signal, onProgress: () => abort.abort() });
    assert.ok(summary.datagrams > 0 && summary.datagrams < 60_000);
    assert.equal(summary.problems.length, 1);
    assert.match(sentence(summary.problems[0]), /^Reading was stopped at byte \d+ of \d+\.$/);
    assert.equal(await payloadAt(capture, 1), "number 0000001");
  });

  it("can be closed while it reads", async () => {
    const capture = await open(gzipSync(pcap(60_000)));
    const reading = capture.read();
    await capture.close();
    assert.equal((await reading).problems[0]?.code, "stopped");
    await assert.rejects(capture.payload(capture.capture.length), /Cannot/);
  });

  it("keeps what stands before the cut, wherever a file is cut, and says where that is", async () => {
    const first = new PcapBytes().packet(1, 0, ipv4Packet("first"));
    const whole = first.length;
    const bytes = first.packet(2, 0, ipv4Packet("second")).bytes;
    for (let end = 1; end <= bytes.length; end++) {
      const capture = await open(bytes.subarray(0, end));
      const { datagrams, problems } = await capture.read();
      assert.equal(datagrams, end === bytes.length ? 2 : end >= whole ? 1 : 0, `cut at ${end}`);
      const consumed = end < 24 ? 0 : end < whole ? 24 : end < bytes.length ? whole : end;
      if (consumed === end) assert.deepEqual(problems, []);
      else
        assert.match(
          sentences(problems),
          new RegExp(`last ${end - consumed} bytes .*byte ${consumed} on`),
        );
      await capture.close();
    }
  });

  it("passes on where a file is corrupt", async () => {
    const bytes = Uint8Array.of(...pcap(3), ...new Array(100).fill(0xff));
    const { datagrams, problems } = await (await open(bytes)).read();
    assert.equal(datagrams, 3);
    assert.match(
      sentences(problems),
      new RegExp(`^Cannot read the capture from byte ${bytes.length - 100}`),
    );
  });

  it("says what is no capture", async () => {
    const saidOf = async (bytes: Uint8Array) => {
      const { problems } = await (await open(bytes)).read();
      return sentences(problems);
    };
    assert.match(await saidOf(new Uint8Array(0)), /it is empty\.$/);
    const text = new TextEncoder().encode("{}\n");
    assert.match(await saidOf(text), /last 3 bytes/);
    const html = new TextEncoder().encode("<html></html>");
    assert.match(await saidOf(html), /neither pcapng nor pcap/);
    const { problems } = await new SavedCapture(folder).read();
    assert.match(sentences(problems), /it is not a file/);
    await assert.rejects(new SavedCapture(join(folder, "none")).read(), /ENOENT/);
  });

  it("finds room for more datagrams than the first ones let expect", async () => {
    const large = new PcapBytes().packet(1, 0, ipv4Packet(new Uint8Array(65_000))).bytes;
    const small = pcap(120_000).subarray(24);
    const capture = await open(Buffer.concat([large, large.subarray(24), small]));
    const { datagrams, problems } = await capture.read();
    assert.deepEqual(problems, []);
    assert.equal(datagrams, 120_002);
    for (const n of [0, 1, 60_000, 119_999]) {
      assert.equal(await payloadAt(capture, n + 2), `number ${String(n).padStart(7, "0")}`);
    }
  });

  it("reads a block that is larger than what is read at once", async () => {
    const start = new PcapngBytes(true).section().interface().bytes;
    const packet = [...ipv4Packet(new Uint8Array(60_000))];
    const end = new PcapngBytes(true).packet(0, 1n, packet).bytes;
    const block = new Uint8Array(3_000_000);
    for (const at of [4, block.length - 4])
      new DataView(block.buffer).setUint32(at, block.length, true);
    block[0] = 0xad;
    const file = Buffer.concat([start, block, end]);
    const capture = await open(file);
    assert.deepEqual((await capture.read()).problems, []);
    assert.equal((await capture.payload(capture.capture.idAt(0))).length, 60_000);
  });

  describe("with gzip", () => {
    it("reads what is packed as what is not, and leaves nothing behind", async () => {
      const bytes = pcap(60_000);
      const packed = gzipSync(bytes);
      const capture = await open(packed);
      const seen: { read: number; total: number; rows: number }[] = [];
      const { datagrams, problems } = await capture.read({
        onProgress: (progress) => seen.push({ ...progress, rows: capture.capture.length }),
      });
      assert.deepEqual([datagrams, problems], [60_000, []]);
      assert.ok(seen.length > 1 && seen[0] && seen[0].rows > 0 && seen[0].rows < 60_000);
      assert.deepEqual([seen.at(-1)?.read, seen.at(-1)?.total], [packed.length, packed.length]);
      assert.equal(await payloadAt(capture, 59_999), "number 0059999");
      await capture.close();
      assert.deepEqual(await readdir(process.env.TMPDIR ?? ""), []);
    });

    it("reads several members in a row", async () => {
      const bytes = pcap(10);
      const middle = 100;
      const packed = [gzipSync(bytes.subarray(0, middle)), gzipSync(bytes.subarray(middle))];
      const { datagrams, problems } = await (await open(Buffer.concat(packed))).read();
      assert.deepEqual([datagrams, problems], [10, []]);
    });

    it("keeps what could be unpacked of a file that is cut or damaged", async () => {
      const packed = gzipSync(pcap(20_000));
      const cut = await (await open(packed.subarray(0, packed.length - 20))).read();
      assert.ok(cut.datagrams > 15_000 && cut.datagrams <= 20_000, `${cut.datagrams}`);
      assert.equal(cut.problems.length, 1);
      assert.match(
        sentences(cut.problems),
        /^Cannot unpack the capture behind byte \d+ .* ends too early/,
      );

      const damaged = packed.slice();
      damaged.fill(0xff, 40_000, 40_100);
      const broken = await (await open(damaged)).read();
      assert.ok(broken.datagrams > 3_000 && broken.datagrams < 20_000, `${broken.datagrams}`);
      // Either gzip notices the damage, or what comes out of it is no packet any more.
      assert.match(sentences(broken.problems), /^Cannot (unpack|read) .* byte \d+/);
    });

    it("keeps all that stands before a fault, which may be in the midst or behind the end", async () => {
      const packed = gzipSync(pcap(20_000));
      const wrongSum = packed.slice();
      wrongSum[packed.length - 8] = (wrongSum[packed.length - 8] ?? 0) ^ 1;
      const behind = Buffer.concat([packed, Buffer.from("garbage")]);
      // What begins with three bits of 1 is no block of deflate (RFC 1951 section 3.2.3).
      const unended = gzipSync(pcap(20_000), { finishFlush: constants.Z_SYNC_FLUSH });
      const within = Buffer.concat([unended, new Uint8Array(40_000).fill(0xff)]);
      for (const bytes of [wrongSum, behind, within]) {
        const { datagrams, problems } = await (await open(bytes)).read();
        assert.deepEqual([datagrams, problems[0]?.code], [20_000, "gzipDamaged"]);
        assert.equal(problems[0]?.arguments[0], pcap(20_000).length);
      }
    });

    it("stops at a limit, for a small file can hold terabytes", async () => {
      const bomb = gzipSync(Buffer.concat([pcap(1000), new Uint8Array(50_000_000)]));
      assert.ok(bomb.length < 100_000);
      const capture = await open(bomb);
      const { datagrams, problems } = await capture.read({ maxUnpackedBytes: 1_000_000 });
      // Behind the datagrams there are packets of no bytes.
      assert.equal(datagrams, 1000);
      assert.match(sentences(problems), /more than 1000000 bytes; unpack it yourself/);
    });

    it("stops unpacking what is no capture", async () => {
      const packed = gzipSync(new Uint8Array(50_000_000).fill(65));
      const seen: number[] = [];
      const capture = await open(packed);
      const { problems } = await capture.read({ onProgress: ({ read }) => seen.push(read) });
      assert.match(sentences(problems), /first bytes are 41 41 41 41/);
      assert.ok((seen.at(-1) ?? 0) < packed.length, "the rest was left alone");
    });

    it("keeps what the folder for temporary files takes, and says what keeps it from the rest", async () => {
      const bytes = pcap(20_000);
      const room = Math.floor(bytes.length / 2);
      const { writeSync } = fs;
      let taken = 0;
      // What is nearly full takes a part.
      fs.writeSync = ((fd: number, from: Uint8Array, at: number, _: undefined, place: number) => {
        if (taken === room) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
        const length = Math.min(from.length - at, room - taken, 100_000);
        taken += length;
        return writeSync(fd, from, at, length, place);
      }) as typeof writeSync;
      syncBuiltinESMExports();
      try {
        const capture = await open(gzipSync(bytes));
        const { datagrams, problems } = await capture.read();
        assert.ok(datagrams > 9_000 && datagrams < 10_000, `${datagrams}`);
        assert.equal(
          await payloadAt(capture, datagrams - 1),
          `number ${String(datagrams - 1).padStart(7, "0")}`,
        );
        const said = `Cannot unpack the capture behind byte ${room} of its content: the folder for temporary files takes no more (ENOSPC); make room on its disk.`;
        assert.equal(sentences(problems), said);
      } finally {
        fs.writeSync = writeSync;
        syncBuiltinESMExports();
      }
    });

    it("says so where there is no folder for temporary files", async () => {
      process.env.TMPDIR = join(folder, "gone");
      const { datagrams, problems } = await (await open(gzipSync(pcap(1)))).read();
      assert.equal(datagrams, 0);
      assert.match(sentences(problems), /the folder for temporary files takes no more \(ENOENT\)/);
    });

    it("reads to the last what a network can have written, however little memory a file may take beside", async () => {
      // Of one flow, each at a time of its own and with a number in it, as things that report do.
      const bytes = pcap(60_000);
      const [header, length] = [24, (bytes.length - 24) / 60_000];
      const view = new DataView(bytes.buffer);
      for (let n = 0; n < 60_000; n++) {
        view.setUint32(header + n * length, n / 500, true);
        view.setUint32(header + n * length + 4, (n % 500) * 2000 + ((n * n) % 997), true);
      }
      const packed = gzipSync(bytes, { level: 9 });
      const { datagrams, problems } = await (await open(packed)).read({ freeMemory: 2 ** 20 });
      assert.deepEqual([datagrams, problems], [60_000, []]);
    });

    it("does not look for a second gzip in the first", async () => {
      const { problems } = await (await open(gzipSync(gzipSync(pcap(1))))).read();
      assert.match(sentences(problems), /first bytes are 1f 8b/);
    });
  });

  it("takes no memory for a block that claims 4 GB", async () => {
    for (const littleEndian of [true, false]) {
      const file = new PcapngBytes(littleEndian)
        .section()
        .interface()
        .packet(0, 1n, [...ipv4Packet()]);
      const claim = new Uint8Array(12);
      const view = new DataView(claim.buffer);
      view.setUint32(0, 6, littleEndian);
      view.setUint32(4, 0xffff_fffc, littleEndian);
      const path = join(folder, "saved");
      await writeFile(path, Buffer.concat([file.bytes, claim]));
      // The file is as large as it says, and its bytes take no room on the disk.
      await truncate(path, 5 * 2 ** 30);
      const before = process.memoryUsage().arrayBuffers;
      saved = new SavedCapture(path);
      const { datagrams, problems } = await saved.read();
      const taken = process.memoryUsage().arrayBuffers - before;
      assert.equal(datagrams, 1);
      assert.match(sentences(problems), new RegExp(`byte ${file.bytes.length}\\b`));
      assert.ok(taken < 64 * 2 ** 20, `${taken} bytes for one datagram`);
      await saved.close();
      saved = undefined;
    }
  });

  it("takes a capture of 10,000 interfaces, and all their sockets", async () => {
    const file = new PcapngBytes(true).section();
    for (let socket = 0; socket < 10_000; socket++) file.interface();
    for (let socket = 0; socket < 10_000; socket++)
      file.packet(socket, BigInt(socket), [...ipv4Packet()]);
    const capture = await open(file.bytes);
    const before = process.cpuUsage();
    const { datagrams } = await capture.read();
    const { user, system } = process.cpuUsage(before);
    assert.equal(datagrams, 10_000);
    assert.equal(capture.capture.sockets.size, 10_000);
    // What grows with its square takes a minute.
    assert.ok(user + system < 5_000_000, `took ${user + system} µs`);
  });

  /** A packed file of many such blocks, behind one section: a hundred times their size is what a few KiB hold. */
  async function packed(
    block: (file: PcapngBytes) => unknown,
    times: number,
  ): Promise<SavedCapture> {
    const once = new PcapngBytes(true);
    block(once);
    const many = Buffer.alloc(once.bytes.length * times, once.bytes);
    return open(gzipSync(Buffer.concat([new PcapngBytes(true).section().interface().bytes, many])));
  }

  it("remembers interfaces up to a limit and says so, be they of one section or of many", async () => {
    for (const [block, times] of [
      [(file: PcapngBytes) => file.interface(), 300_000],
      [(file: PcapngBytes) => file.section().interface(), 300_000],
    ] as const) {
      const capture = await packed(block, times);
      const { problems } = await capture.read();
      assert.equal(capture.capture.sockets.size, 2 ** 18);
      assert.match(sentences(problems), /^Cannot read .* more than 262144 interfaces; split it/);
      await capture.close();
    }
  });

  it("keeps names and comments up to a limit and says so, and the same text a million times", async () => {
    for (const [isSame, read] of [
      [true, 20_000],
      [false, 16_384],
    ] as const) {
      const one = new PcapngBytes(true);
      one.packet(0, 1n, [...ipv4Packet()], one.text(1, "00000".padEnd(4096, "x")));
      const many = Buffer.alloc(one.bytes.length * 20_000, one.bytes);
      for (let n = 0; !isSame && n < 20_000; n++) {
        const at = one.bytes.length * n + Buffer.from(one.bytes).indexOf("00000x");
        many.write(String(n).padStart(5, "0"), at, "latin1");
      }
      const start = new PcapngBytes(true).section().interface().bytes;
      const capture = await open(gzipSync(Buffer.concat([start, many]), { level: 1 }));
      const { datagrams, problems } = await capture.read();
      assert.equal(datagrams, isSame ? read : read + 1);
      const said = `Cannot read the capture from byte ${start.length + read * one.bytes.length} on: its names and comments are more than 67108864 bytes`;
      assert.ok(
        isSame ? problems.length === 0 : sentences(problems).startsWith(said),
        sentences(problems),
      );
      await capture.close();
    }
  });

  it("remembers flows up to a limit and says so", async () => {
    const file = new PcapngBytes(true).section().interface();
    for (let port = 1; port <= 40_000; port++) {
      const packet = ipv4Packet();
      new DataView(packet.buffer).setUint16(20, port);
      file.packet(0, BigInt(port), [...packet]);
    }
    const capture = await open(file.bytes);
    const { datagrams, problems } = await capture.read({ mostFlows: 10_000 });
    const said =
      /^Cannot read the capture from byte \d+ on: it has more than 10000 flows; split it/;
    assert.match(sentences(problems), said);
    // What was read at once is shown.
    assert.ok(datagrams > 10_000 && datagrams < 40_000, `${datagrams}`);
  });

  it("keeps the beginning of a comment that nobody reads to its end", async () => {
    const long = "x".repeat(60_000);
    const capture = await packed((file) => {
      const texts = [...file.text(1, long), ...file.text(1, long)];
      file.packet(0, 1n, [...ipv4Packet()], [...texts, ...file.option(0, [])]);
    }, 100);
    const { datagrams } = await capture.read();
    assert.equal(datagrams, 100);
    const lengths = Array.from(
      { length: datagrams },
      (_, at) => capture.capture.datagrams.comment(capture.capture.idAt(at)).length,
    );
    assert.deepEqual([...new Set(lengths)], [4096]);
  });

  it("reads what is there when it is opened, although the file grows", async () => {
    const capture = await open(pcap(2));
    const reading = capture.read();
    await appendFile(join(folder, "saved"), new Uint8Array(5));
    const { datagrams, problems } = await reading;
    assert.equal(datagrams, 2);
    assert.ok(problems.length <= 1);
  });
});

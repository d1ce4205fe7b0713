import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants, writeSync } from "node:fs";
import {
  copyFile,
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { textNeedle } from "../../../../extension/core/filter/needle.ts";
import { OpenFiles } from "../../../../extension/host/capture/open_files.ts";
import {
  type PayloadHits,
  searchPayloads,
} from "../../../../extension/host/capture/payload_search.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import { inTurnOf } from "../../../../extension/host/capture/turns_of_disk.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";

const MANY = 12;

describe("A disk that does not answer", () => {
  let folder: string;
  let path: string;
  /** Has it answer, also where no thread is left. */
  let restore = () => {};

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-test-"));
    path = join(folder, "saved");
    await writeFile(path, new PcapBytes().packet(1, 0, ipv4Packet("Hello")).bytes);
  });

  afterEach(async () => {
    restore();
    restore = () => {};
    await rm(folder, { recursive: true });
  });

  /** Asks a pipe that nobody writes into: the system does not answer, as it does not of a dead share. */
  async function askInVain(diskOf: (n: number) => string): Promise<() => Promise<void>> {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const share = await open(pipe, constants.O_RDWR);
    restore = () => void writeSync(share.fd, Buffer.alloc(MANY, "x"));
    const bytes = Buffer.alloc(MANY);
    const asked = Array.from({ length: MANY }, (_, n) =>
      inTurnOf(diskOf(n), () => share.read(bytes, n, 1)),
    );
    return async () => {
      restore();
      await Promise.all(asked);
      assert.equal(bytes.toString(), "x".repeat(MANY));
      restore = () => {};
      await share.close();
    };
  }

  it("keeps threads enough for whoever asks another one", async function () {
    if (process.platform === "win32") this.skip();
    this.timeout(20_000);
    const answer = await askInVain(() => "share");
    // Without a thread these wait for ever.
    assert.ok((await inTurnOf("disk", () => stat(folder))).isDirectory());
    assert.ok((await stat(folder)).isDirectory());
    await answer();
  });

  it("keeps one for others, however many there are", async function () {
    if (process.platform === "win32") this.skip();
    this.timeout(20_000);
    const answer = await askInVain((n) => `share ${n}`);
    assert.ok((await stat(folder)).isDirectory());
    await answer();
  });

  describe("is asked by two at a time", () => {
    /** Asks many times of files that do not answer; then they do. */
    async function holdUp(ask: (n: number) => Promise<unknown>): Promise<void> {
      let underWay = 0;
      let most = 0;
      let answer = () => {};
      const answering = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const handle = await open(path);
      const prototype = Object.getPrototypeOf(handle) as FileHandle;
      await handle.close();
      const { read } = prototype;
      restore = () => {
        answer();
        prototype.read = read;
      };
      prototype.read = async function (this: FileHandle, ...place: unknown[]) {
        most = Math.max(most, ++underWay);
        await answering;
        underWay--;
        return Reflect.apply(read, this, place);
      } as FileHandle["read"];
      const asked = Array.from({ length: MANY }, (_, n) => ask(n));
      while (underWay < 2) await nextTurn();
      // Whoever else could ask would have done so: the system is asked in the order of time.
      for (let turn = 0; turn < MANY; turn++) await stat(path);
      assert.equal(most, 2);
      restore();
      await Promise.all(asked);
      assert.equal(underWay, 0);
    }

    it("where payloads of a saved capture are shown", async () => {
      const saved = new SavedCapture(path);
      assert.equal((await saved.read()).datagrams, 1);
      await holdUp(() => saved.payload(saved.capture.idAt(0)));
      await saved.close();
    });

    it("where those of captures in several of its folders are", async () => {
      const captures: SavedCapture[] = [];
      for (const name of ["a", "b", "c"]) {
        await mkdir(join(folder, name));
        await copyFile(path, join(folder, name, "saved"));
        const saved = new SavedCapture(join(folder, name, "saved"));
        await saved.read();
        captures.push(saved);
      }
      await holdUp((n) => captures[n % 3]?.payload(0) ?? assert.fail());
      for (const saved of captures) await saved.close();
    });

    it("where a capture is searched again and again", async () => {
      const runs = [{ path, offsets: [24 + 16 + 28], lengths: [5] }];
      let found = 0;
      const onHits = ({ hits }: PayloadHits) => {
        found += hits[0]?.length ?? 0;
      };
      await holdUp(() => searchPayloads(runs, [textNeedle("ell")], { onHits }));
      assert.equal(found, MANY);
    });

    it("where payloads of the capture folder are shown", async () => {
      const files = new OpenFiles(MANY);
      const names = Array.from({ length: MANY }, (_, n) => join(folder, `${n}`));
      for (const name of names) await writeFile(name, "x");
      await holdUp((n) => files.file(names[n] ?? "").read(Buffer.alloc(1), 0, 1, 0));
      await files.closeAll();
    });
  });
});

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import { sentence } from "../../support/problem_sentence.ts";
import { HOSTILE_FILES, hostileFile } from "./hostile_files.ts";

const MIB = 2 ** 20;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that are in use, without what nobody holds on to any more; that is given back bit by bit. */
async function used(): Promise<number> {
  for (let last = Number.POSITIVE_INFINITY; ; ) {
    collectGarbage();
    await nextTurn();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const now = heapUsed + arrayBuffers;
    if (now > last - MIB / 10) return now;
    last = now;
  }
}

/** So many of each would take far more than the packed file may. */
const COUNTS: Readonly<Record<keyof typeof HOSTILE_FILES, number>> = {
  same: 1_000_000,
  flows: 400_000,
  pairs: 100_000,
  channels: 100_000,
  sockets: 50_000,
  comments: 400_000,
  pieces: 200_000,
  refusals: 100_000,
};
/** What may be taken beside for each byte of a file, and by whatever else is there: what is read at once, and code. */
const FOR_BYTE = 8;
const BESIDE = 20 * MIB;

describe("The memory that an open capture takes", function () {
  this.timeout(60_000);

  const free = 4 * MIB;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-test-"));
  });

  after(() => rm(folder, { recursive: true }));

  /** What a file takes when it is open, and what is said of it. */
  async function opened(bytes: Uint8Array) {
    const path = join(folder, "saved");
    await writeFile(path, bytes);
    const before = await used();
    const saved = new SavedCapture(path);
    const { problems } = await saved.read({ freeMemory: free });
    const taken = (await used()) - before;
    await saved.close();
    return { taken, said: problems.map(sentence).join(" ") };
  }

  for (const [name, make] of Object.entries(HOSTILE_FILES)) {
    it(`is in proportion to a packed file of ${name}`, async () => {
      await opened(hostileFile(make(), 1000));
      const most = COUNTS[name as keyof typeof HOSTILE_FILES];
      for (const count of [most / 4, most]) {
        const packed = gzipSync(hostileFile(make(), count), { level: 4 });
        const { taken, said } = await opened(packed);
        const may = 1.5 * (free + FOR_BYTE * packed.length) + BESIDE;
        assert.ok(taken < may, `${taken} bytes of ${packed.length}`);
        if (count < most) continue;
        assert.match(
          said,
          /^Cannot unpack .* takes \d+ MiB of memory, more than a network writes;/,
        );
      }
    });
  }
});

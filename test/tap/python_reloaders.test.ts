import assert from "node:assert/strict";
import { renameSync, utimesSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythons, pythonWith } from "../support/pythons.ts";
import { PYTHON_TAP } from "../support/runtimes.ts";
import { Stranger } from "../support/script_socket.ts";
import { readFolder } from "./support/capture_folder.ts";
import { startProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

const PROGRAMS = join(import.meta.dirname, "programs/python/reloaders");

interface Reloader {
  readonly python: string | undefined;
  readonly words: readonly string[];
}

const RELOADERS: Readonly<Record<string, Reloader>> = {
  "uvicorn --reload": {
    python: pythonWith("uvicorn"),
    // With uvloop, which it takes where that is installed, sockets are none of Python's.
    words: ["-m", "uvicorn", "served:application", "--reload", "--port", "0", "--loop", "asyncio"],
  },
  ...Object.fromEntries(
    pythons.map(({ name, command }) => [
      `one of multiprocessing on ${name}`,
      { python: command, words: ["watching.py"] },
    ]),
  ),
};

/** What a reloader printed, without what is different each time. */
const alike = (text: string) =>
  text
    .replaceAll(/\b\d{3,}\b/g, "N")
    .split("\n")
    .sort();

describe("a program in Python under a reloader", function () {
  this.timeout(120_000);
  const tapped = TapUnderTest.forSuite();
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-reloaded-"));
    for (const name of ["served.py", "watching.py"]) {
      await copyFile(join(PROGRAMS, name), join(folder, name));
    }
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Has each edition answer, and ends the reloader. */
  async function reloaded(reloader: Reloader, tap?: ReturnType<TapUnderTest["inNewFolder"]>) {
    const runtime = {
      name: "Python",
      command: reloader.python,
      bare: () => [],
      tapped: () => [],
      environment: { PYTHONPATH: PYTHON_TAP },
    };
    const served = join(folder, "served.py");
    const first = await readFile(join(PROGRAMS, "served.py"), "utf8");
    await writeFile(served, first);
    const [script = "", ...words] = reloader.words;
    const program = startProgram(runtime, script, { tap, words, cwd: folder });
    let printed = "";
    let complained = "";
    program.process.stdout?.on("data", (text: string) => {
      printed += text;
    });
    program.process.stderr?.on("data", (text: string) => {
      complained += text;
    });
    // What has changed before uvicorn looked for the first time is no change to it: it is changed again then.
    const isMissed = (edition: number, since: number) =>
      reloader.words.includes("uvicorn") &&
      complained.split("detected file change").length < edition &&
      Date.now() - since > 2000;
    const asker = await Stranger.bind();
    for (const edition of [1, 2, 3]) {
      const next = join(folder, "next");
      if (edition > 1) {
        await writeFile(next, first.replace("EDITION = 1", `EDITION = ${edition}`));
      }
      const pattern = new RegExp(`^edition ${edition} at (\\d+)$`, "m");
      let changed = 0;
      await until(`edition ${edition} listens`, () => {
        if (pattern.test(printed)) return true;
        if (edition > 1 && (changed === 0 || isMissed(edition, changed))) {
          const file = changed === 0 ? next : served;
          changed = Date.now();
          // Python goes by seconds and by the length to tell that a file is another one.
          utimesSync(file, new Date(), new Date(changed + edition * 100_000));
          // With its text and its time at once: it changes one time.
          if (file === next) renameSync(next, served);
        }
        return false;
      });
      const port = Number(pattern.exec(printed)?.[1]);
      assert.equal(String(await asker.ask("hello", port)), `${edition}: hello`);
      // Ended by a signal, what is in memory for 20 ms is lost: with an own reloader, as it is.
      if (tap) {
        await until("it is recorded", () => {
          return (
            readFolder(tap.folder).flatMap(({ datagrams }) => datagrams).length === 2 * edition
          );
        });
      }
    }
    asker.close();
    program.process.kill("SIGTERM");
    const { exitCode, stdout, stderr } = await program.ended;
    return { exitCode, stdout: alike(stdout), stderr: alike(stderr) };
  }

  for (const [name, reloader] of Object.entries(RELOADERS)) {
    it(`is recorded in each of its editions, and prints the same: ${name}`, async function () {
      if (reloader.python === undefined) this.skip();
      const plain = await reloaded(reloader);
      const tap = tapped.inNewFolder();
      assert.deepEqual(await reloaded(reloader, tap), plain);
      const files = readFolder(tap.folder).filter(({ datagrams }) => datagrams.length > 0);
      assert.deepEqual(
        files.map(({ datagrams, problem, rest }) => [
          ...datagrams.map(({ direction, payload }) => `${direction} ${payload}`),
          problem,
          rest,
        ]),
        [1, 2, 3].map((edition) => ["in hello", `out ${edition}: hello`, undefined, 0]),
      );
      const programs = files.map(
        ({ sections }) => /pid \d+/.exec(sections[0]?.application ?? "")?.[0],
      );
      assert.equal(new Set(programs).size, 3);
    });
  }
});

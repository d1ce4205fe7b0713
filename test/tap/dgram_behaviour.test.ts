import assert from "node:assert/strict";
import { join } from "node:path";
import { describeOn, runtimes } from "../support/runtimes.ts";
import { readFolder } from "./support/capture_folder.ts";
import { type Outcome, runProgram, type StartOptions } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
const BEHAVIOURS = join(PROGRAMS, "dgram_behaviours.mjs");
const ENDINGS = join(PROGRAMS, "endings.mjs");

/** How a program may end, and the exit code where Node documents one. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  unref: 0,
  close: 0,
  timer: 0,
  exitCode: 3,
  throwInListener: 1,
  throwInCallback: 1,
  reject: 1,
  errorEvent: 1,
  caught: 0,
  exitInListener: 5,
};

/** Case → what the program saw, line by line. */
type Logs = Readonly<Record<string, readonly (readonly unknown[])[]>>;

describe("a tapped program", function () {
  this.timeout(300_000);
  const tapped = TapUnderTest.forSuite();

  describeOn(runtimes, (runtime) => {
    /** The same program without and with the tap. */
    async function runBoth(path: string, options: StartOptions): Promise<[Outcome, Outcome]> {
      const tap = tapped.inNewFolder();
      const outcomes = await Promise.all([
        runProgram(runtime, path, options),
        runProgram(runtime, path, { ...options, tap }),
      ]);
      assert.ok(readFolder(tap.folder).length > 0, "the tap was not there");
      return outcomes;
    }

    it("sees the same of dgram as an untapped one", async () => {
      const [bare, watched] = await runBoth(BEHAVIOURS, {});
      assert.deepEqual([bare.exitCode, watched.exitCode], [0, 0], watched.stderr);
      assert.equal(watched.stderr, bare.stderr);
      const expected: Logs = JSON.parse(bare.stdout);
      const actual: Logs = JSON.parse(watched.stdout);
      assert.ok(Object.keys(expected).length >= 83, "the program has lost its cases");
      assert.deepEqual(Object.keys(actual), Object.keys(expected));
      for (const [name, lines] of Object.entries(expected)) {
        assert.deepEqual(lines.at(-1), ["ended"], `"${name}" does not work without the tap either`);
        assert.deepEqual(actual[name], lines, `"${name}" is different with the tap`);
      }
    });

    for (const [ending, exitCode] of Object.entries(EXIT_CODES)) {
      it(`ends in the same way: ${ending}`, async () => {
        const [bare, watched] = await runBoth(ENDINGS, {
          words: [ending],
          environment: { NO_COLOR: "1", FORCE_COLOR: undefined },
        });
        assert.equal(watched.exitCode, bare.exitCode, watched.stderr);
        assert.equal(watched.signal, bare.signal);
        assert.equal(watched.stdout, bare.stdout);
        assert.equal(withoutFrames(watched.stderr), withoutFrames(bare.stderr));
        if (/^Node/.test(runtime.name)) assert.equal(bare.exitCode, exitCode, bare.stderr);
      });
    }
  });
});

/** What a program that fails prints, without its port, and without the stack's frames: the tap's are among them. */
function withoutFrames(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !/^\s+at |thread_tap/.test(line))
    .join("\n")
    .replace(/\b\d+\b/g, "N");
}

import assert from "node:assert/strict";
import { join } from "node:path";
import { describeOn, pythonRuntimes } from "../support/runtimes.ts";
import { readFolder } from "./support/capture_folder.ts";
import { runProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const BEHAVIOURS = join(import.meta.dirname, "programs/python/behaviours");

/** Each has so many cases at least. */
const PROGRAMS: Readonly<Record<string, number>> = {
  sending: 15,
  receiving: 12,
  shape: 12,
  waiting: 9,
  endpoints: 13,
};

/** Case → what the program saw, line by line. */
type Logs = Readonly<Record<string, readonly string[]>>;

describe("a tapped program in Python sees the same of its sockets as an untapped one", function () {
  this.timeout(120_000);
  const tapped = TapUnderTest.forSuite();

  describeOn(pythonRuntimes, (runtime) => {
    for (const [program, count] of Object.entries(PROGRAMS)) {
      it(`in ${program}.py`, async () => {
        const tap = tapped.inNewFolder();
        const path = join(BEHAVIOURS, `${program}.py`);
        const environment = { UDP_TAP_CONTROL: `${tap.folder}/`, UDP_TAP_TOKEN: "0".repeat(64) };
        const bare = await runProgram(runtime, path, {});
        const watched = await runProgram(runtime, path, { tap, environment });
        assert.deepEqual([bare.exitCode, watched.exitCode], [0, 0], watched.stderr);
        // Not a warning more, as of a thread beside a fork.
        assert.equal(watched.stderr, bare.stderr);
        const expected: Logs = JSON.parse(bare.stdout);
        const actual: Logs = JSON.parse(watched.stdout);
        assert.ok(Object.keys(expected).length >= count, "the program has lost its cases");
        assert.deepEqual(Object.keys(actual), Object.keys(expected));
        for (const [name, lines] of Object.entries(expected)) {
          assert.equal(lines.at(-1), "ended", `"${name}" does not work without the tap either`);
          assert.deepEqual(actual[name], lines, `"${name}" is different with the tap`);
        }
        assert.ok(readFolder(tap.folder).length > 0, "the tap was not there");
      });
    }
  });
});

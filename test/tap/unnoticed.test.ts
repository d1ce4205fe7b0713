import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeOn, type Runtime, runtimes } from "../support/runtimes.ts";
import { type Datagram, readDatagrams } from "./support/capture_folder.ts";
import { type Outcome, runProgram, type StartOptions } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const PROGRAMS = join(import.meta.dirname, "programs/unnoticed");

describe("a program that looks for the tap", function () {
  this.timeout(120_000);
  const tapped = TapUnderTest.forSuite();

  /** Runs it without and with the tap: all that it prints, and how it ends, is the same. Returns what was recorded. */
  async function assertUnnoticed(
    runtime: Runtime,
    name: string,
    words: readonly string[] = [],
  ): Promise<readonly Datagram[]> {
    const path = join(PROGRAMS, name);
    const tap = tapped.inNewFolder();
    const environment = { NO_COLOR: "1", FORCE_COLOR: undefined };
    const bare = await runProgram(runtime, path, { words, environment });
    const watched = await runProgram(runtime, path, { tap, words, environment });
    assert.deepEqual(withoutNumbers(watched), withoutNumbers(bare));
    return existsSync(tap.folder) ? readDatagrams(tap.folder) : [];
  }

  const payloads = (datagrams: readonly Datagram[]) =>
    datagrams.map(({ direction, payload }) => `${direction} ${String(payload)}`).sort();

  describeOn(runtimes, (runtime) => {
    const [isDeno, isBun] = [/Deno/.test(runtime.name), /Bun/.test(runtime.name)];
    /** What Deno's permissions, or another of its kind, do not let the program do. */
    const itUnless = (isImpossible: boolean) => (isImpossible ? it.skip : it);

    // Deno hangs on it, with and without the tap.
    itUnless(isDeno)("has its errors caught by a domain that it loads later", async () => {
      assert.deepEqual(payloads(await assertUnnoticed(runtime, "domain.cjs")), ["in x", "out x"]);
    });

    it("finds its own patches of the classes, which it makes later, called as often", async () => {
      const datagrams = await assertUnnoticed(runtime, "late_patches.cjs");
      assert.deepEqual(payloads(datagrams), ["in x", "out x"]);
    });

    it("has a subclass with fields for methods, none of which it does not call itself", async () => {
      const datagrams = await assertUnnoticed(runtime, "subclass.mjs");
      assert.deepEqual(payloads(datagrams), ["in x", "out x"]);
    });

    // On Bun there is one listener more, of which nobody warns.
    itUnless(isBun)("is not warned of its ten listeners for exit", async () => {
      await assertUnnoticed(runtime, "ten_listeners.cjs");
    });

    it("removes all listeners and loses nothing", async () => {
      const datagrams = await assertUnnoticed(runtime, "listeners_removed.cjs");
      assert.ok(payloads(datagrams).includes("out last"), String(payloads(datagrams)));
    });

    for (const when of ["before", "after"]) {
      it(`replaces process.emit ${when} it makes a socket, and loses nothing`, async () => {
        const datagrams = await assertUnnoticed(runtime, "own_emit.cjs", [when]);
        assert.deepEqual(payloads(datagrams), ["out last"]);
      });
    }

    it("makes up a message: on Node.js and Deno it is not recorded", async () => {
      const datagrams = await assertUnnoticed(runtime, "made_up.cjs");
      assert.deepEqual(payloads(datagrams), isBun ? ["in injected"] : []);
    });

    it("sees nothing with its hooks of require, and in its cache", async () => {
      const datagrams = await assertUnnoticed(runtime, "require_hook.cjs");
      assert.deepEqual(payloads(datagrams), ["in x", "out x"]);
    });

    it("makes its socket late", async () => {
      const datagrams = await assertUnnoticed(runtime, "late_socket.mjs");
      assert.deepEqual(payloads(datagrams), ["in x", "out x"]);
    });

    itUnless(isDeno || process.getuid?.() !== 0)(
      "gives up its rights once it is bound",
      async () => {
        const datagrams = await assertUnnoticed(runtime, "rights_given_up.cjs");
        assert.equal(datagrams.length, 6);
      },
    );

    for (const end of ["exit", "terminate"]) {
      // The workers of Deno have no tap.
      itUnless(isDeno)(`has a worker whose end is ${end}`, async () => {
        const datagrams = await assertUnnoticed(runtime, "worker_ended.mjs", [end]);
        const sent = payloads(datagrams).filter((text) => text.startsWith("out"));
        assert.deepEqual(sent, ["out w0", "out w1", "out w2", "out w3", "out w4"]);
      });
    }

    it("makes workers by classes that are what they were", async () => {
      const datagrams = await assertUnnoticed(runtime, "worker_classes.mjs");
      // The workers of Deno have no tap.
      assert.deepEqual(payloads(datagrams), isDeno ? [] : ["in x", "out x"]);
    });

    // Node.js looks itself for what it has preloaded, for each worker anew.
    itUnless(!isBun)("makes workers when the file of the tap is gone", async () => {
      const path = join(PROGRAMS, "worker_classes.mjs");
      const tap = tapped.copied();
      const words = ["quiet", tap.path];
      const watched = await runProgram(runtime, path, { tap, words });
      assert.ok(watched.stdout.endsWith("worker of quiet\n"), JSON.stringify(watched));
      assert.equal(watched.exitCode, 0);
    });

    it("finds no file in its stacks that is not the runtime's", async () => {
      const tap = tapped.inNewFolder();
      const filesWith = async (options: StartOptions) => {
        const { stdout } = await runProgram(runtime, join(PROGRAMS, "stacks.cjs"), options);
        assert.match(stdout, /message .*stacks\.cjs/);
        return [...new Set(stdout.match(/[\w.:-]+\.(?:js|cjs|mjs)\b/g))].sort();
      };
      assert.deepEqual(await filesWith({ tap }), await filesWith({}));
      assert.ok(readDatagrams(tap.folder).length > 0);
    });
  });

  for (const runtime of runtimes.filter(({ name }) => /^Node/.test(name))) {
    it(`has what it waits for traced by ${runtime.name}, which would print what the tap writes`, async function () {
      if (runtime.command === undefined) this.skip();
      const flag = "--trace-sync-io";
      const tracing: Runtime = {
        ...runtime,
        bare: () => [...runtime.bare(), flag],
        tapped: (tap, folder) => [...runtime.tapped(tap, folder), flag],
      };
      assert.deepEqual(await assertUnnoticed(tracing, "late_socket.mjs"), []);
    });
  }

  describe("and measures the coverage of its tests", () => {
    for (const runtime of runtimes.filter(({ name }) => /^(Node|Bun)/.test(name))) {
      it(`finds no file of the tap on ${runtime.name}`, async function () {
        if (runtime.command === undefined) this.skip();
        const flags = runtime.name.startsWith("Bun")
          ? (tap: readonly string[]) => ["test", ...tap, "--coverage"]
          : (tap: readonly string[]) => [...tap, "--test", "--experimental-test-coverage"];
        const measuring: Runtime = {
          ...runtime,
          bare: () => flags(runtime.bare()),
          tapped: (tap, folder) => flags(runtime.tapped(tap, folder)),
        };
        const tap = tapped.inNewFolder();
        const path = join(PROGRAMS, "echo.test.cjs");
        const bare = await runProgram(measuring, path);
        const watched = await runProgram(measuring, path, { tap });
        assert.equal(bare.exitCode, 0, bare.stderr);
        assert.deepEqual(coverageIn(watched), coverageIn(bare));
        assert.equal(watched.exitCode, bare.exitCode);
        assert.deepEqual(payloads(readDatagrams(tap.folder)), ["in x", "out x"]);
      });
    }
  });
});

/** Ports, process ids and times differ. */
function withoutNumbers({ exitCode, signal, stdout, stderr }: Outcome) {
  const shown = (text: string) => text.replace(/\d{3,}/g, "N");
  return { exitCode, signal, stdout: shown(stdout), stderr: shown(stderr) };
}

function coverageIn({ stdout, stderr }: Outcome): readonly string[] {
  return `${stdout}\n${stderr}`.split("\n").filter((line) => line.includes("|"));
}

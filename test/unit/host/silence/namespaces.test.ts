import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CheckedSilence } from "../../../../extension/core/silence/silence.ts";
import { inOwnNetwork } from "../../../support/namespace.ts";
import { SCENARIOS, UNKNOWN } from "./scenarios.ts";

const run = promisify(execFile);
const hasDumpcap = () => spawnSync("dumpcap", ["--version"]).status === 0;

describe("silence, in a network where it is really so:", function () {
  this.timeout(60_000);
  let network: readonly string[] = [];

  before(function () {
    network = inOwnNetwork();
    // Where no network can be made; those who build have one.
    if (network.length === 0 && !process.env.CI) this.skip();
  });

  async function checks(name: string): Promise<CheckedSilence[]> {
    const program = join(import.meta.dirname, "scenarios.ts");
    const [unshare = "", ...args] = [...network, process.execPath, program, name];
    const { stdout } = await run(unshare, args);
    return JSON.parse(stdout) as CheckedSilence[];
  }

  const told = (all: readonly CheckedSilence[], found: string) =>
    all.filter((one) => one.found === found).map(({ reason }) => reason);

  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    it(name, async function () {
      const { check, found, reason, also = [], needsDumpcap } = scenario;
      if (needsDumpcap && !hasDumpcap() && !process.env.CI) this.skip();
      const all = await checks(name);
      const own = all.find((one) => one.check === check);
      assert.deepEqual([own?.found, own?.reason], [found, reason], JSON.stringify(all, null, 1));
      // Nothing is said for certain that is not so.
      const causes = found === "cause" ? [reason, ...also] : also;
      assert.deepEqual(told(all, "cause").sort(), [...causes].sort());
    });
  }

  for (const [name, { check, reason }] of Object.entries(UNKNOWN)) {
    it(`not known: ${name}`, async () => {
      const all = await checks(name);
      const own = all.find((one) => one.check === check);
      assert.deepEqual([own?.found, own?.reason], ["unknown", reason]);
      assert.deepEqual(told(all, "cause"), []);
    });
  }
});

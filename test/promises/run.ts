/**
 * Breaks each promise of SECURITY.md, one at a time, and tells which of their tests do not notice.
 *
 *     npm run promises                           all of them
 *     npm run promises -- --sample 5 --seed 2    five, spread evenly; another seed, five others
 *     npm run promises -- "formula"              those whose sentence, or whose test's file, has this in it
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { sample } from "../mutation/sample.ts";
import { WorkCopy } from "../mutation/work_copy.ts";
import { broken, MUTANTS } from "./mutants.ts";
import { type Promised, readPromises } from "./promises.ts";

/** Longer than any of the tests takes; one that is still running then has noticed that something never ends. */
const LIMIT_MS = 240_000;
/** They look at what is built: the extension, packed or not, the page, or what is in them. */
const NEEDS_BUILD = /^test\/(workbench|webview)\/|\/architecture\.test\.ts$/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: "string" }, seed: { type: "string", default: "0" } },
});
const wanted = readPromises().filter(({ said, path }) =>
  positionals.every((word) => said.includes(word) || path.includes(word)),
);
const chosen = sample(wanted, Number(values.sample ?? Infinity), Number(values.seed));
if (chosen.length === 0) throw new Error("No promise has these words");

const copy = await WorkCopy.make();
const untested: string[] = [];
try {
  for (const promise of chosen) {
    const start = performance.now();
    const verdict = await tryPromise(promise);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${verdict.padEnd(8)} ${seconds.padStart(6)} s  ${promise.said}`);
    if (verdict !== "held" && verdict !== "skipped") untested.push(promise.said);
  }
} finally {
  await copy.remove();
}
console.log(
  `${chosen.length - untested.length} of ${chosen.length} tests notice that it is broken`,
);
process.exitCode = untested.length === 0 ? 0 : 1;

/**
 * `held`: the test passes, and fails with the mutant. `green`: it passes with the mutant, too, and holds nothing.
 * `red`: it fails without one. `skipped`: it cannot run here.
 */
async function tryPromise({
  said,
  path,
  title,
}: Promised): Promise<"held" | "green" | "red" | "skipped"> {
  const mutant = MUTANTS[said];
  if (!mutant) throw new Error(`No mutant for: ${said}`);
  const words = ["--grep", title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), path];
  const test = async (more: readonly string[] = []) => {
    if (NEEDS_BUILD.test(path)) await copy.script("package");
    if (NEEDS_BUILD.test(path)) await copy.script("build");
    return copy.test([...more, ...words], LIMIT_MS);
  };
  // A mutant that cannot be built has been noticed before any test was.
  const change = broken(mutant, await readFile(mutant.file, "utf8"));
  const outcome = await copy.with(change, test);
  if (outcome === "passed") return (await isSkipped(test)) ? "skipped" : "green";
  return (await test()) === "passed" ? "held" : "red";
}

/** Whether the test, which has passed, has done so by not running. */
async function isSkipped(test: (more: readonly string[]) => Promise<string>): Promise<boolean> {
  return (await test(["--forbid-pending"])) !== "passed";
}

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

/** The test passes first without a mutant: one that then takes so much longer has noticed that something never ends. */
const MEASURING_LIMIT_MS = 240_000;
const limitFor = (milliseconds: number) => 15_000 + 2 * milliseconds;
/** They look at what is built: the extension, packed or not, the page, or what is in them. */
const NEEDS_BUILD = /^test\/(workbench|webview)\/|\/(architecture|strace)\.test\.ts$/;

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
  if (NEEDS_BUILD.test(path)) await build();
  const start = performance.now();
  // One that does not run would be as green.
  if ((await copy.test(["--forbid-pending", ...words], MEASURING_LIMIT_MS)) !== "passed") {
    return (await copy.test(words, MEASURING_LIMIT_MS)) === "passed" ? "skipped" : "red";
  }
  const limitMs = limitFor(performance.now() - start);
  const change = broken(mutant, await readFile(mutant.file, "utf8"));
  return copy.with(change, async () => {
    if (NEEDS_BUILD.test(path)) await build();
    return (await copy.test(words, limitMs)) === "passed" ? "green" : "held";
  });
}

async function build(): Promise<void> {
  await copy.script("package");
  await copy.script("build");
}

/**
 * Breaks the code on purpose, one small change at a time, and tells which changes no test notices.
 *
 *     npm run mutation                              all of extension/core/ and extension/taps/node/
 *     npm run mutation -- --sample 200              200 of its mutants, spread evenly
 *     npm run mutation -- --sample 200 --seed 2     200 others
 *     npm run mutation -- extension/core/filter     one folder or file
 */
import { glob, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { matchesGlob } from "node:path";
import { parseArgs } from "node:util";
import { Coverage } from "./coverage.ts";
import { findMutants, type Mutant } from "./mutants.ts";
import { sample } from "./sample.ts";
import { type Outcome, WorkCopy } from "./work_copy.ts";

/** The share of mutants that has to be noticed. */
const GOAL = 0.85;
/** A mutant may make a loop endless: it has been noticed when its tests take that much longer. */
const PATIENCE = 5;
const LEAST_LIMIT_MS = 60_000;
const MEASURING_LIMIT_MS = 600_000;
/** Tests are run in portions of about that, so that an endless loop does not wait for the sum of all. */
const PORTION_MS = 4000;

/** Tests, and the sources whose mutants they have to notice: globs. */
interface Suite {
  readonly sources: string;
  /** They run the sources in their own process, where one can see which of them they come by. */
  readonly tests: readonly string[];
  /** They run the sources in programs that they start, and are asked last. */
  readonly programTests: readonly string[];
}

interface TestFile {
  readonly path: string;
  readonly milliseconds: number;
  /** Undefined where it is not known what the test comes by. */
  readonly coverage: Coverage | undefined;
}

const SUITES: readonly Suite[] = [
  {
    sources: "extension/core/**/*.ts",
    tests: ["test/unit/**/*.test.ts"],
    programTests: [],
  },
  {
    sources: "extension/taps/node/control*.ts",
    tests: ["test/tap/control_actions.test.ts"],
    programTests: ["test/tap/control.test.ts"],
  },
  {
    sources: "extension/taps/node/!(control*).ts",
    tests: ["test/tap/{folder,observer,recorder,recorder_order,settings}.test.ts"],
    // The others need minutes, another user, or other programs.
    programTests: ["test/tap/{records,lifetime}.test.ts"],
  },
];
/** Of what the tap runs on, one is enough to see a mutant. */
const WORDS = ["--grep", "on (Node 20|tsx|Deno|Bun)", "--invert"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: "string" }, seed: { type: "string", default: "0" } },
});
const wanted = await filesOf(
  positionals.length > 0 ? positionals : ["extension/core", "extension/taps/node"],
);
let noticed = 0;
let endless = 0;
const survivors: Mutant[] = [];
const copies = await Promise.all(
  Array.from({ length: availableParallelism() }, () => WorkCopy.make()),
);
try {
  for (const suite of SUITES) await check(suite);
} finally {
  await Promise.all(copies.map((copy) => copy.remove()));
}
const all = noticed + survivors.length;
const share = noticed / Math.max(1, all);
console.log(`${noticed} of ${all} mutants noticed: ${(share * 100).toFixed(1)} %`);
console.log(`${endless} of them because their tests did not come to an end`);
process.exitCode = share >= GOAL ? 0 : 1;

async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if ((await stat(path)).isFile()) files.push(path);
    else for await (const file of glob(`${path}/**/*.ts`)) files.push(file);
  }
  return files.sort();
}

async function check(suite: Suite): Promise<void> {
  const found: Mutant[] = [];
  for (const file of wanted.filter((path) => matchesGlob(path, suite.sources))) {
    found.push(...findMutants(file, await readFile(file, "utf8")));
  }
  const mutants = sample(found, Number(values.sample ?? Infinity), Number(values.seed));
  if (mutants.length === 0) return;
  console.log(`${suite.sources}: ${mutants.length} of ${found.length} mutants`);
  const tests = await measureTests(suite);
  const seen = { noticed, survivors: survivors.length };
  await inParallel(mutants, async (mutant, copy) => {
    const outcome = await copy.with(mutant, () => firstFailure(mutant, tests, copy));
    if (outcome === "passed") survivors.push(mutant);
    else noticed++;
    if (outcome === "endless") endless++;
    if (outcome !== "failed") console.log(`${outcome}  ${await describe(mutant)}`);
  });
  const [killed, alive] = [noticed - seen.noticed, survivors.length - seen.survivors];
  console.log(`${suite.sources}: ${killed} noticed, ${alive} not`);
}

/** Runs each test file once by itself: what it comes by, and how long it takes. */
async function measureTests({ tests, programTests }: Suite): Promise<readonly TestFile[]> {
  const found: TestFile[] = [];
  const measure = async (globs: readonly string[], isInProcess: boolean) => {
    const paths: string[] = [];
    for await (const path of glob(globs)) paths.push(path);
    await inParallel(paths, async (path, copy) => {
      const folder = copy.path("coverage");
      const start = performance.now();
      const environment = isInProcess ? { NODE_V8_COVERAGE: folder } : {};
      const outcome = await copy.test([...WORDS, path], MEASURING_LIMIT_MS, environment);
      const milliseconds = performance.now() - start;
      if (outcome === "passed") {
        const coverage = isInProcess ? await Coverage.read(folder, copy.path("")) : undefined;
        found.push({ path, milliseconds, coverage });
      } else {
        // No witness for any mutant then; those that only it would have noticed survive.
        console.log(`${path} ${outcome} without a mutant, and is left out`);
      }
      await rm(folder, { recursive: true, force: true });
    });
  };
  await measure(tests, true);
  await measure(programTests, false);
  // The quick ones first: most mutants are noticed by them.
  return found.sort((one, other) => one.milliseconds - other.milliseconds);
}

async function firstFailure(
  mutant: Mutant,
  tests: readonly TestFile[],
  copy: WorkCopy,
): Promise<Outcome> {
  const concerned = tests.filter(
    ({ coverage }) => coverage === undefined || coverage.has(mutant.file, mutant.start),
  );
  for (const portion of portions(concerned)) {
    const expected = portion.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const words = [...WORDS, ...portion.map(({ path }) => path)];
    const outcome = await copy.test(words, Math.max(LEAST_LIMIT_MS, PATIENCE * expected));
    if (outcome !== "passed") return outcome;
  }
  return "passed";
}

function portions(tests: readonly TestFile[]): TestFile[][] {
  const found: TestFile[][] = [];
  let room = 0;
  for (const test of tests) {
    if (test.milliseconds > room) {
      found.push([]);
      room = PORTION_MS;
    }
    found.at(-1)?.push(test);
    room -= test.milliseconds;
  }
  return found;
}

async function inParallel<T>(
  items: readonly T[],
  act: (item: T, copy: WorkCopy) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  await Promise.all(
    copies.map(async (copy) => {
      for (const item of left) await act(item, copy);
    }),
  );
}

async function describe({ file, start, end, replacement }: Mutant): Promise<string> {
  const source = await readFile(file, "utf8");
  const line = source.slice(0, start).split("\n").length;
  return `${file}:${line}  ${source.slice(start, end)}  →  ${replacement}`;
}

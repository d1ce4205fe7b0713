/**
 * Breaks the code on purpose, one small change at a time, and tells which changes no test notices.
 *
 *     npm run mutation                              all of extension/capture/
 *     npm run mutation -- --sample 200              200 of its mutants, spread evenly
 *     npm run mutation -- extension/capture/filter  one folder or file
 */
import { spawn } from "node:child_process";
import { glob, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Coverage } from "./coverage.ts";
import { findMutants, type Mutant } from "./mutants.ts";

/** The share of mutants that has to be noticed. */
const GOAL = 0.85;
const MOCHA = "node_modules/mocha/bin/mocha.js";
/** A mutant may make a loop endless: it has been noticed when its tests take that much longer. */
const PATIENCE = 5;
const LEAST_TIMEOUT_MS = 20_000;

interface TestFile {
  readonly path: string;
  readonly milliseconds: number;
  readonly coverage: Coverage;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: "string" } },
});
const tests = await measureTests();
const mutants = sample(await collectMutants(positionals), Number(values.sample ?? Infinity));
const survivors: Mutant[] = [];
let done = 0;
await Promise.all(Array.from({ length: availableParallelism() }, worker));
await report();

/** Runs each test file once by itself: what it comes by, and how long it takes. */
async function measureTests(): Promise<TestFile[]> {
  const found: TestFile[] = [];
  for await (const path of glob("test/unit/**/*.test.ts")) {
    const folder = await mkdtemp(join(tmpdir(), "udp-mutation-"));
    const start = performance.now();
    const passed = await run([path], { NODE_V8_COVERAGE: folder }, Infinity);
    const milliseconds = performance.now() - start;
    if (!passed) throw new Error(`Cannot look for mutants: ${path} fails without any`);
    found.push({ path, milliseconds, coverage: await Coverage.read(folder) });
    await rm(folder, { recursive: true });
  }
  // The quick ones first: most mutants are noticed by them.
  return found.sort((one, other) => one.milliseconds - other.milliseconds);
}

async function collectMutants(paths: readonly string[]): Promise<Mutant[]> {
  const all: Mutant[] = [];
  for (const path of paths.length > 0 ? paths : ["extension/capture"]) {
    const isFile = (await stat(path)).isFile();
    for await (const file of isFile ? [path] : glob(`${path}/**/*.ts`)) {
      all.push(...findMutants(file, await readFile(file, "utf8")));
    }
  }
  return all;
}

function sample<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, all.length / count);
  return Array.from({ length: Math.floor(all.length / step) }, (_, index) => {
    return all[Math.floor(index * step)] as T;
  });
}

async function worker(): Promise<void> {
  for (let mutant = mutants[done++]; mutant; mutant = mutants[done++]) {
    if (!(await isNoticed(mutant))) survivors.push(mutant);
    if (done % 50 === 0) console.log(`${done} of ${mutants.length}, ${survivors.length} survive`);
  }
}

async function isNoticed(mutant: Mutant): Promise<boolean> {
  const file = resolve(mutant.file);
  const concerned = tests.filter(({ coverage }) => coverage.has(file, mutant.start));
  if (concerned.length === 0) return false;
  const expected = concerned.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const passed = await run(
    concerned.map(({ path }) => path),
    { MUTANT: JSON.stringify({ ...mutant, file }) },
    Math.ceil(Math.max(LEAST_TIMEOUT_MS, PATIENCE * expected)),
  );
  return !passed;
}

/** Resolves to whether the tests pass. */
function run(
  paths: readonly string[],
  environment: Record<string, string>,
  timeout: number,
): Promise<boolean> {
  const preload = "MUTANT" in environment ? ["--import", "./test/mutation/loader.ts"] : [];
  const mocha = spawn(process.execPath, [...preload, MOCHA, "--bail", ...paths], {
    env: { ...process.env, ...environment },
    stdio: "ignore",
    ...(Number.isFinite(timeout) && { timeout, killSignal: "SIGKILL" }),
  });
  return new Promise((settle, fail) => {
    mocha.on("error", fail).on("exit", (code) => settle(code === 0));
  });
}

async function report(): Promise<void> {
  const killed = mutants.length - survivors.length;
  for (const { file, start, end, replacement } of survivors) {
    const source = await readFile(file, "utf8");
    const line = source.slice(0, start).split("\n").length;
    console.log(`${file}:${line}  ${source.slice(start, end)}  →  ${replacement}`);
  }
  const share = killed / Math.max(1, mutants.length);
  console.log(`${killed} of ${mutants.length} mutants noticed: ${(share * 100).toFixed(1)} %`);
  process.exitCode = share >= GOAL ? 0 : 1;
}

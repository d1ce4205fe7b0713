import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "../support/cache_folder.ts";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { withFolder } from "./generated_capture.ts";
import { sampleOf } from "./sample.ts";

const ROUNDS = 1;

interface Setup {
  readonly install: number;
  readonly demo: number;
}

/**
 * How long somebody waits who has just cloned the project: the commands of README.md, with nothing in npm's cache. Much
 * of the first is the network. What is not committed is not in it.
 */
export async function measureSetup({ rounds = ROUNDS }: Effort): Promise<Comparison[]> {
  const found: Setup[] = [];
  for (let round = 0; round < rounds; round++) found.push(await withFolder(setUp));
  const line = (what: string, seconds: readonly number[]) =>
    ({ what, unit: "s", ours: sampleOf(seconds), better: "less" }) as const;
  return [
    line(
      "npm ci in a fresh clone, nothing in npm's cache",
      found.map(({ install }) => install),
    ),
    line(
      "npm run demo after it, until the lesson was shown",
      found.map(({ demo }) => demo),
    ),
  ];
}

async function setUp(folder: string): Promise<Setup> {
  const clone = join(folder, "clone");
  await promisify(execFile)("git", ["clone", "--quiet", projectFolder, clone]);
  const env = { ...process.env, npm_config_cache: join(folder, "cache") };
  const seconds = async (...words: readonly string[]) => {
    const start = performance.now();
    await promisify(execFile)("npm", words, { cwd: clone, env });
    return (performance.now() - start) / 1000;
  };
  return { install: await seconds("ci"), demo: await seconds("run", "demo") };
}

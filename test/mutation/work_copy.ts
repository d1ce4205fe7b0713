import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { endMarked, MARK, markedBy } from "../support/marked_processes.ts";
import type { Mutant } from "./mutants.ts";

const MOCHA = "node_modules/mocha/bin/mocha.js";
/** What tests read and no mutant touches; a build in the copy puts a folder of its own in the place of a link. */
const SHARED = ["node_modules", ".vscode-test", "dist", ".git"];

/** How a test run ended; a run that takes too long has been ended. */
export type Outcome = "passed" | "failed" | "endless";

const run = promisify(execFile);

/**
 * A copy of the project with at most one mutant in it. Tests, the bundles that they build and the programs that
 * they start all see the same sources then.
 */
export class WorkCopy {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  static async make(): Promise<WorkCopy> {
    const root = await realpath(await mkdtemp(join(tmpdir(), "udp-mutation-")));
    // As /tmp is, which it stands for: another user whom a test plays must not be kept out by this folder.
    await chmod(root, 0o755);
    for (const name of await filesOfProject()) await cp(name, join(root, name));
    for (const name of SHARED.filter(existsSync)) await symlink(resolve(name), join(root, name));
    return new WorkCopy(root);
  }

  /** Where a file of the project is here. */
  path(file: string): string {
    return join(this.#root, file);
  }

  /** Does something while the mutant is in its file. */
  async with<T>({ file, start, end, replacement }: Mutant, act: () => Promise<T>): Promise<T> {
    const source = await readFile(file, "utf8");
    await writeFile(this.path(file), source.slice(0, start) + replacement + source.slice(end));
    try {
      return await act();
    } finally {
      await writeFile(this.path(file), source);
    }
  }

  /** Runs a script of package.json; throws where it fails. */
  async script(name: string): Promise<void> {
    await run("npm", ["run", name], { cwd: this.#root, maxBuffer: 2 ** 26 });
  }

  /** Runs test files up to the first failure, and ends all that they have started. */
  async test(
    words: readonly string[],
    limitMs: number,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> {
    const mark = randomUUID();
    const scratch = join(this.#root, "scratch");
    await mkdir(scratch);
    const mocha = spawn(
      process.execPath,
      [MOCHA, "--bail", "--timeout", String(limitMs), ...words],
      {
        cwd: this.#root,
        env: { ...process.env, ...environment, [MARK]: markedBy(mark), TMPDIR: scratch },
        stdio: "ignore",
      },
    );
    const outcome = await outcomeOf(mocha, limitMs);
    await endMarked(mark, { graceMs: 0 });
    await rm(scratch, { recursive: true, force: true, maxRetries: 10 });
    return outcome;
  }

  remove(): Promise<void> {
    // What was killed may still be writing.
    return rm(this.#root, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** All that is in the project or is to be: what git knows, and what it does not ignore. */
async function filesOfProject(): Promise<string[]> {
  const words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await run("git", words, { maxBuffer: 2 ** 26 });
  return stdout.split("\0").filter((name) => name !== "" && existsSync(name));
}

function outcomeOf(mocha: ChildProcess, limitMs: number): Promise<Outcome> {
  return new Promise((settle, fail) => {
    const limit = setTimeout(() => {
      settle("endless");
      mocha.kill("SIGKILL");
    }, limitMs);
    mocha.on("error", fail).on("exit", (code) => {
      clearTimeout(limit);
      settle(code === 0 ? "passed" : "failed");
    });
  });
}

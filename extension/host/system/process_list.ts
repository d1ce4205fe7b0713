import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { SystemProcess } from "../../core/system/processes.ts";

const run = promisify(execFile);

/** What a system program prints; empty where it fails, for what can be done without. */
export function output(program: string, args: readonly string[]): Promise<string> {
  return requiredOutput(program, args).catch(() => "");
}

/** What a system program prints; an Error with a short reason where it fails, or takes longer than a view may wait for. */
export async function requiredOutput(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(program, args, {
      timeout: LONGEST_MS,
      maxBuffer: 2 ** 26,
      windowsHide: true,
      // A header in another language is read all the same, but a number with separators would not be.
      env: { ...process.env, LC_ALL: "C" },
    });
    return stdout;
  } catch (error) {
    throw new Error(`${program}: ${failure(error)}`);
  }
}

const LONGEST_MS = 20_000;

/** ENOENT, `exit code 1`, or how else it ended. */
function failure(error: unknown): string {
  const { code, signal } = error as { code?: string | number | null; signal?: string | null };
  if (typeof code === "number") return `exit code ${code}`;
  return code ?? signal ?? String(error);
}

/** Process ids are given out again: a list that is older is no good. */
const MOST_AGE_MS = 60_000;
/** A list of all processes must be this old before it is asked for again because one is not in it. */
const LEAST_AGE_MS = 5000;

/** The processes of a system that has to be asked for all at once: asked again when one is missing, but not often. */
export class ProcessList {
  readonly #read: () => Promise<SystemProcess[]>;
  #processes: Promise<Map<number, SystemProcess>> | undefined;
  #readAt = 0;

  constructor(read: () => Promise<SystemProcess[]>) {
    this.#read = read;
  }

  async get(pid: number): Promise<SystemProcess | undefined> {
    const known = (await this.#processes)?.get(pid);
    const age = performance.now() - this.#readAt;
    if (this.#processes && age < (known ? MOST_AGE_MS : LEAST_AGE_MS)) return known;
    this.#readAt = performance.now();
    this.#processes = this.#read().then((all) => new Map(all.map((one) => [one.pid, one])));
    return (await this.#processes).get(pid);
  }
}

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/**
 * The environment variable by which a run finds everything that it started. Terminals are sessions of their own
 * and orphans have a new parent, so neither process groups nor parents find them all; the environment is inherited.
 */
export const MARK = "UDP_WORKBENCH_TEST_RUN";
const BETWEEN = "+";
/** The NODE_OPTIONS of what a keeper keeps, which are none of its own; see keeper.ts. */
export const KEPT_NODE_OPTIONS = "UDP_WORKBENCH_KEPT_NODE_OPTIONS";

/** What a process is to have there: this mark behind those of the runs that it is a part of, which find it as well. */
export function markedBy(mark: string): string {
  const around = process.env[MARK];
  return around ? `${around}${BETWEEN}${mark}` : mark;
}

export interface MarkedProcess {
  readonly pid: number;
  /** Whether it runs in one of VS Code's terminals. */
  readonly inTerminal: boolean;
}

/** The processes that carry this mark, the caller excepted. Not on Windows, where no environment can be read. */
export function markedProcesses(mark: string): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const [pid, environment] of environments()) {
    if (pid === process.pid || !marksIn(environment).includes(mark)) continue;
    found.push({ pid, inTerminal: environment.includes("TERM_PROGRAM=vscode") });
  }
  return found;
}

/**
 * Ends the processes that carry this mark: asks them, and after `graceMs` milliseconds makes them.
 * Throws where one of them cannot be ended.
 */
export async function endMarked(
  mark: string,
  { terminalsOnly = false, graceMs = 2000 } = {},
): Promise<void> {
  const started = Date.now();
  const asked = new Set<number>();
  for (;;) {
    const left = markedProcesses(mark).filter((found) => found.inTerminal || !terminalsOnly);
    if (left.length === 0) return;
    const waited = Date.now() - started;
    if (waited > graceMs + 30_000) {
      throw new Error(
        `Cannot end processes ${left.map(({ pid }) => pid).join(", ")}: they outlive SIGKILL`,
      );
    }
    for (const { pid, inTerminal } of left) {
      // SIGHUP is what a program gets whose terminal is closed; a shell ignores SIGTERM.
      if (waited > graceMs) signal(pid, "SIGKILL");
      else if (!asked.has(pid)) signal(pid, inTerminal ? "SIGHUP" : "SIGTERM");
      asked.add(pid);
    }
    await delay(25);
  }
}

function marksIn(environment: string): readonly string[] {
  const [, marks = ""] = new RegExp(`\\b${MARK}=([^\\0\\s]*)`).exec(environment) ?? [];
  return marks.split(BETWEEN);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in the meantime.
  }
}

function environments(): [pid: number, environment: string][] {
  if (process.platform === "win32") return [];
  return process.platform === "linux" ? environmentsOfProc() : environmentsOfPs();
}

function environmentsOfProc(): [number, string][] {
  const found: [number, string][] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      found.push([Number(entry), readFileSync(`/proc/${entry}/environ`, "latin1")]);
    } catch {
      // Another user's, or it ended just now.
    }
  }
  return found;
}

/** macOS: `-E` appends the environment to the command. */
function environmentsOfPs(): [number, string][] {
  const table = execFileSync("ps", ["-A", "-E", "-o", "pid=,command="], { encoding: "latin1" });
  return table.split("\n").map((line) => [Number.parseInt(line, 10), line]);
}

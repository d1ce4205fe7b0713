import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Runtime } from "../../support/runtimes.ts";

/** How a program ended and what it printed. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** The tap's path and its capture folder; undefined: started without it. */
  readonly tap?: { readonly path: string; readonly folder: string } | undefined;
  /** Arguments of the program. */
  readonly words?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** The user and the group to run it as. */
  readonly uid?: number;
  /** The folder that it runs in; the test's own where that is missing. */
  readonly cwd?: string;
}

/** A started program: ends with `kill()`, or by itself. */
export interface Program {
  readonly process: ChildProcess;
  readonly ended: Promise<Outcome>;
}

const started = new Set<ChildProcess>();

/** Ends what a failed test has left behind, with the processes that it started in turn. */
export function endPrograms(): void {
  for (const { pid } of started) {
    // The process group: tsx runs the program in a process of its own.
    if (pid !== undefined) process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  }
  started.clear();
}

export function startProgram(runtime: Runtime, path: string, options: StartOptions = {}): Program {
  const { tap, words = [], environment = {}, uid, cwd } = options;
  if (runtime.command === undefined) throw new Error(`There is no ${runtime.name}`);
  const flags = tap ? runtime.tapped(tap.path, tap.folder) : runtime.bare();
  const inherited = { ...process.env };
  // The test itself may run under a tap, as all in this repository's terminals does.
  for (const name of Object.keys(inherited)) {
    if (name.startsWith("UDP_TAP_") || name === "NODE_OPTIONS" || name === "PYTHONPATH")
      delete inherited[name];
  }
  const child = spawn(runtime.command, [...flags, path, ...words], {
    env: {
      ...inherited,
      ...(tap && { UDP_TAP_DIR: tap.folder, ...runtime.environment }),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid !== undefined && { uid, gid: uid }),
    ...(cwd !== undefined && { cwd }),
    detached: process.platform !== "win32",
  });
  started.add(child);
  return { process: child, ended: outcomeOf(child).finally(() => started.delete(child)) };
}

/** Runs a program to its end. */
export function runProgram(
  runtime: Runtime,
  path: string,
  options: StartOptions = {},
): Promise<Outcome> {
  return startProgram(runtime, path, options).ended;
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [exitCode, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { exitCode, signal, stdout, stderr };
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Frame } from "playwright-core";
import { projectFolder } from "../support/cache_folder.ts";
import type { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";

export interface FloodOptions {
  /** Datagrams a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Bytes of each payload, at least 4; 32 unless told. */
  readonly length?: number;
  /** Called when it runs, with the process that sends. */
  readonly started?: (program: ChildProcess) => void;
}

/** What became of a flood, as far as the Datagrams view tells. */
export interface FloodShown {
  /** How many the program says that it sent. */
  readonly sent: number;
  /** How long that took it. */
  readonly milliseconds: number;
  readonly rows: number;
  /** What the tap left out, as the status line says. */
  readonly notRecorded: number;
  /** What had to go for the quota, as the status line says. */
  readonly evicted: number;
}

/**
 * Lets a tapped program flood the open Datagrams view of the one window of a VS Code with datagrams, and waits until
 * all of them are accounted for there; throws where they are not.
 */
export async function flood(
  vscode: Vscode,
  workbench: Workbench,
  options: FloodOptions,
): Promise<FloodShown> {
  const frame = await workbench.webviews.inside("Datagrams");
  const before = await shown(frame);
  const { program, ended } = await startFlood(vscode, options);
  options.started?.(program);
  const { sent, milliseconds } = await ended;
  const after = await accounted(workbench, sum(before) + sent);
  return {
    sent,
    milliseconds,
    rows: after.rows - before.rows,
    notRecorded: after.notRecorded - before.notRecorded,
    evicted: after.evicted - before.evicted,
  };
}

/** A flood that has begun; `ended` says what was sent. */
export interface RunningFlood {
  readonly program: ChildProcess;
  readonly ended: Promise<Pick<FloodShown, "sent" | "milliseconds">>;
}

/** Starts a tapped program that floods the one window of a VS Code. */
export async function startFlood(
  vscode: Vscode,
  { rate, seconds, length = 32 }: FloodOptions,
): Promise<RunningFlood> {
  const program = spawn(
    process.execPath,
    [
      ...["--require", join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs")],
      ...[join(import.meta.dirname, "flood_program.ts"), ...[rate, seconds, length].map(String)],
    ],
    {
      env: { ...process.env, UDP_TAP_DIR: await captureFolder(vscode) },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  program.stdout.on("data", (text) => {
    output += text;
  });
  const ended = once(program, "close").then(() => {
    const [, sent, milliseconds] = /sent (\d+) in (\d+) ms/.exec(output) ?? [];
    if (sent === undefined) throw new Error(`Cannot flood: the program printed "${output}"`);
    return { sent: Number(sent), milliseconds: Number(milliseconds) };
  });
  return { program, ended };
}

/** Waits until the Datagrams view accounts for so many datagrams, and says how. */
export async function accounted(workbench: Workbench, datagrams: number): Promise<Shown> {
  return workbench.waitFor(
    `${datagrams} datagrams in the table, not recorded, or removed`,
    // The page of now: a window that was reloaded has another.
    async () => shown(await workbench.webviews.inside("Datagrams")),
    (now) => sum(now) >= datagrams,
    { timeoutMs: 60_000 },
  );
}

export type Shown = Pick<FloodShown, "rows" | "notRecorded" | "evicted">;

function sum({ rows, notRecorded, evicted }: Shown): number {
  return rows + notRecorded + evicted;
}

/** All of the table in one moment. */
export function shown(frame: Frame): Promise<Shown> {
  return frame.evaluate(() => {
    const number = (selector: string) =>
      Number(document.querySelector(selector)?.textContent?.replace(/\D/g, "") ?? 0);
    const grid = document.querySelector("[role=grid]");
    return {
      rows: Number(grid?.getAttribute("aria-rowcount") ?? 1) - 1,
      notRecorded: number(".status .lost"),
      evicted: number(".status .evicted"),
    };
  });
}

/** The capture folder of the one window, where its own programs record. */
export async function captureFolder({ server }: Vscode): Promise<string> {
  const storage = join(dirname(server.emptyFolder), "data/data/User/globalStorage");
  const captures = join(storage, "udp-workbench.udp-workbench/captures");
  const folders = (await readdir(captures, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  const [only, ...others] = folders;
  if (!only || others.length > 0) {
    throw new Error(`Cannot find the capture folder: ${captures} holds ${folders.length}`);
  }
  return join(captures, only.name);
}

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
  { rate, seconds, length = 32, started }: FloodOptions,
): Promise<FloodShown> {
  const frame = await workbench.webviews.inside("Datagrams");
  const before = await shown(frame);
  const program = spawn(
    process.execPath,
    [
      ...["--require", join(projectFolder, "dist/tap.cjs")],
      ...[join(import.meta.dirname, "flood_program.ts"), ...[rate, seconds, length].map(String)],
    ],
    {
      env: { ...process.env, UDP_TAP_DIR: await captureFolder(vscode) },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  started?.(program);
  let output = "";
  program.stdout.on("data", (text) => {
    output += text;
  });
  await once(program, "exit");
  const [, sent, milliseconds] = /sent (\d+) in (\d+) ms/.exec(output) ?? [];
  if (sent === undefined) throw new Error(`Cannot flood: the program printed "${output}"`);
  const after = await workbench.waitFor(
    `${sent} datagrams in the table, not recorded, or removed`,
    () => shown(frame),
    (now) => sum(now) - sum(before) >= Number(sent),
    { timeoutMs: 60_000 },
  );
  return {
    sent: Number(sent),
    milliseconds: Number(milliseconds),
    rows: after.rows - before.rows,
    notRecorded: after.notRecorded - before.notRecorded,
    evicted: after.evicted - before.evicted,
  };
}

type Shown = Pick<FloodShown, "rows" | "notRecorded" | "evicted">;

function sum({ rows, notRecorded, evicted }: Shown): number {
  return rows + notRecorded + evicted;
}

/** All of the table in one moment. */
function shown(frame: Frame): Promise<Shown> {
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
async function captureFolder({ server }: Vscode): Promise<string> {
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

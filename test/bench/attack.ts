import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { projectFolder } from "../support/cache_folder.ts";
import { Vscode } from "../support/vscode.ts";
import { accounted, captureFolder, shown } from "../workbench/flood.ts";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { delaysWhile } from "./event_loop_delays.ts";
import { processesWith } from "./memory.ts";
import { sampleOf } from "./sample.ts";

const SECONDS = 60;
/** Datagrams a second. */
const RATE = 2000;
const MOST_DELAY_MS = 20;
const SETTLED_MS = 3000;
const TAP = join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs");

/**
 * Equal payloads between two ports of the same number, there and back: what makes it hardest to tell which sending a
 * receipt belongs to. From a stranger, as an attacker would, and from a watched program, as an honest keep-alive is.
 */
export async function measureAttack({ seconds = SECONDS }: Effort): Promise<Comparison[]> {
  return [...(await attack(false, seconds)), ...(await attack(true, seconds))];
}

async function attack(isWatched: boolean, seconds: number): Promise<Comparison[]> {
  const vscode = await Vscode.start();
  const programs: Program[] = [];
  try {
    const workbench = await vscode.openWorkbench();
    await workbench.openContainer("UDP");
    await workbench.webviews.inside("Datagrams");
    const folder = await captureFolder(vscode);
    const start = (name: string, words: readonly number[], isTapped: boolean) => {
      const program = new Program(name, words, isTapped ? folder : undefined);
      programs.push(program);
      return program;
    };
    const [host = 0] = await processesWith(
      "--type=extensionHost",
      dirname(vscode.server.emptyFolder),
    );
    const server = start("echo_server", [], true);
    const port = await server.nextNumber();
    const { result, delays } = await delaysWhile(host, async () => {
      const sent = await start("same_port_sender", [port, RATE, seconds], isWatched).nextNumber();
      server.interrupt();
      const answered = await server.nextNumber();
      // Of a stranger there are the receipts; a watched one's are shown with their sendings, once.
      const expected = isWatched ? sent + answered : 2 * answered;
      await accounted(workbench, expected);
      return { sent, expected };
    });
    const { sent, expected } = result;
    // A receipt has a row of its own until its sending is read.
    await sleep(SETTLED_MS);
    const { rows } = await shown(await workbench.webviews.inside("Datagrams"));
    const from = isWatched ? "a watched program" : "a stranger";
    const line = (what: string, unit: string, value: number, goal?: number) => ({
      what: `${RATE.toLocaleString("en")}/s of equal payloads for ${seconds} s from ${from} at the same port: ${what}`,
      unit,
      ours: sampleOf([value]),
      better: "less" as const,
      ...(goal !== undefined && { goal: { value: goal } }),
    });
    return [
      { ...line("sent", "datagrams", sent), better: "more" },
      line("rows too many or too few", "rows", Math.abs(rows - expected), 0),
      line("event loop delay of the extension host, median", "ms", delays.p50),
      line("event loop delay of the extension host, p99", "ms", delays.p99, MOST_DELAY_MS),
      line("longest event loop delay of the extension host", "ms", delays.max),
    ];
  } finally {
    for (const program of programs) program.kill();
    await vscode.close();
  }
}

/** A program of this folder that prints numbers. */
class Program {
  readonly #process;
  readonly #lines;

  /** @param folder where it records; undefined: it is not watched */
  constructor(name: string, words: readonly number[], folder: string | undefined) {
    const flags = folder === undefined ? [] : ["--require", TAP];
    const path = join(import.meta.dirname, "attack", `${name}.ts`);
    this.#process = spawn(process.execPath, [...flags, path, ...words.map(String)], {
      env: { ...process.env, ...(folder !== undefined && { UDP_TAP_DIR: folder }) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#lines = createInterface(this.#process.stdout);
  }

  async nextNumber(): Promise<number> {
    const [line] = (await once(this.#lines, "line")) as [string];
    return Number(line);
  }

  interrupt(): void {
    this.#process.kill("SIGINT");
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

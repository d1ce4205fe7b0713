import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "../support/cache_folder.ts";
import type { Comparison } from "./comparison.ts";
import { compiled } from "./echo/compiled.ts";
import { ownServer, tappedServer } from "./echo/echo_servers.ts";
import { loading } from "./echo/loading.ts";
import { serversInTurns } from "./echo/servers_in_turns.ts";
import type { Effort } from "./effort.ts";
import { COMMON_TEXT, withFolder, writeServerCapture } from "./generated_capture.ts";
import { measuredApart } from "./measured_apart.ts";
import { interleaved, sampleOf } from "./sample.ts";

const ROUNDS = 3;
const SECONDS = 2;
const SIZES = [32, 512, 1400, 8192];
/** What fits a receive buffer with the largest of them. */
const OUTSTANDING = 8;
const ROWS = [10_000, 100_000, 1_000_000, 10_000_000];
const MOST_MEMORY_MIB = 600;
const CLIENTS = 25;
const SOCKETS = [1, 10, 100, 1000];
const DATAGRAMS = 100_000;

/** How the cost grows with the size of payloads, with the rows of a capture, and with a program's sockets. */
export function measureGrowth(effort: Effort): Promise<Comparison[]> {
  const { rounds = ROUNDS, seconds = SECONDS } = effort;
  return withFolder(async (folder) => [
    ...(await withSize(folder, rounds, seconds)),
    ...(await withRows(folder, rounds)),
    ...(await withSockets(folder, rounds)),
  ]);
}

async function withSize(folder: string, rounds: number, seconds: number): Promise<Comparison[]> {
  const generator = await compiled("load_generator", folder);
  const [bare, tapped] = [ownServer("Node 24"), tappedServer("Node 24", folder)];
  const results: Comparison[] = [];
  for (const size of SIZES) {
    const options = { folder, seconds, size, outstanding: OUTSTANDING };
    const samples = await serversInTurns(rounds, {
      bare: loading(bare, generator, options),
      tapped: loading(tapped, generator, options),
    });
    results.push({
      what: `a reply of the watched server to ${size} bytes, processor time`,
      unit: "µs",
      ours: samples.tapped?.cost,
      peer: { name: "the same alone", sample: samples.bare?.cost },
      better: "less",
    });
  }
  return results;
}

interface Reading {
  /** The most that it ever held, in MiB. */
  readonly peakMib: number;
}

async function withRows(folder: string, rounds: number): Promise<Comparison[]> {
  const results: Comparison[] = [];
  for (const rows of ROWS) {
    const path = join(folder, `${rows}.pcapng`);
    writeServerCapture(path, rows, CLIENTS);
    const peaks: number[] = [];
    const { open, search } = await interleaved(rounds, {
      open: async () => {
        const { milliseconds, peakMib } = await measuredApart<Reading>("opening", path);
        peaks.push(peakMib);
        return milliseconds;
      },
      search: async () => {
        const found = await measuredApart<Reading>("searching", path, COMMON_TEXT);
        peaks.push(found.peakMib);
        return found.milliseconds;
      },
    });
    const line = { unit: "ms", better: "less" } as const;
    const what = `${rows.toLocaleString("en")} datagrams`;
    results.push(
      { ...line, what: `open ${what}`, ours: open },
      { ...line, what: `find a text in ${what}`, ours: search },
      {
        what: `the most memory for ${what}`,
        unit: "MiB",
        ours: sampleOf(peaks),
        better: "less",
        goal: { value: MOST_MEMORY_MIB },
      },
    );
  }
  return results;
}

async function withSockets(folder: string, rounds: number): Promise<Comparison[]> {
  const results: Comparison[] = [];
  const program = join(import.meta.dirname, "growth/many_sockets.ts");
  for (const sockets of SOCKETS) {
    const captures = join(folder, `sockets-${sockets}`);
    await mkdir(captures);
    const sending = async (before: readonly string[], env: NodeJS.ProcessEnv) => {
      const args = [...before, program, String(sockets), String(DATAGRAMS)];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        env: { ...process.env, ...env },
      });
      return Number(stdout);
    };
    const { tapped, bare } = await interleaved(rounds, {
      tapped: () =>
        sending(["--require", join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs")], {
          UDP_TAP_DIR: captures,
        }),
      bare: () => sending([], {}),
    });
    results.push({
      what: `a datagram from one of ${sockets.toLocaleString("en")} watched sockets, processor time`,
      unit: "µs",
      ours: tapped,
      peer: { name: "the same alone", sample: bare },
      better: "less",
    });
  }
  return results;
}

import { dirname } from "node:path";
import { percentile } from "../support/percentile.ts";
import { Vscode } from "../support/vscode.ts";
import { flood } from "../workbench/flood.ts";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { delaysWhile } from "./event_loop_delays.ts";
import { processesWith, residentBytes } from "./memory.ts";
import { sampleOf } from "./sample.ts";
import { watchingRows } from "./watched_rows.ts";

/** Datagrams a second. */
const RATES = [1000, 10_000, 50_000, 100_000];
const SECONDS = 30;
/** Of the rate up to which DESIGN.md promises it. */
const MOST_DELAY_MS = 20;
const PROMISED_RATE = 50_000;

/**
 * Datagrams through the tap, the folder and the index into the open Datagrams view of a real VS Code: what is kept, what
 * is shown as lost, how late the extension host is meanwhile, its memory, how long the page's frames are, and how old a
 * datagram is when it is on the screen. A window of its own for each rate.
 */
export async function measureLive({ seconds = SECONDS }: Effort): Promise<Comparison[]> {
  const results: Comparison[] = [];
  for (const rate of RATES) {
    results.push(...(await liveAt(rate, seconds)));
  }
  return results;
}

async function liveAt(rate: number, seconds: number): Promise<Comparison[]> {
  const vscode = await Vscode.start();
  try {
    const workbench = await vscode.openWorkbench();
    await workbench.openContainer("UDP");
    const hosts = await processesWith("--type=extensionHost", dirname(vscode.server.emptyFolder));
    const [pid, ...others] = hosts;
    if (pid === undefined || others.length > 0) {
      throw new Error(`Cannot find the extension host: there are ${hosts.length}`);
    }
    // The view is there before anything comes.
    const page = await workbench.webviews.inside("Datagrams");
    const before = await residentBytes(pid);
    const { result, delays, frames, latencies } = await delaysWhile(pid, () =>
      watchingRows(page, () => flood(vscode, workbench, { rate, seconds })),
    ).then(({ result: watched, ...rest }) => ({ ...rest, ...watched }));
    const after = await residentBytes(pid);
    const { sent, milliseconds, rows, notRecorded, evicted } = result;
    const line = (what: string, unit: string, value: number | undefined, goal?: number) => ({
      what: `${rate.toLocaleString("en")}/s for ${seconds} s: ${what}`,
      unit,
      ours: value === undefined ? undefined : sampleOf([value]),
      better: "less" as const,
      ...(goal !== undefined && { goal: { value: goal } }),
    });
    const mib = (bytes: number | undefined) => bytes && bytes / 2 ** 20;
    const mostDelay = rate <= PROMISED_RATE ? MOST_DELAY_MS : undefined;
    return [
      { ...line("sent", "/s", sent / (milliseconds / 1000)), better: "more" },
      { ...line("in the table", "datagrams", rows), better: "more" },
      line("shown as not recorded", "datagrams", notRecorded),
      line(
        "neither shown nor counted as missing",
        "datagrams",
        Math.abs(sent - rows - notRecorded - evicted),
        0,
      ),
      line("event loop delay of the extension host, median", "ms", delays.p50),
      line("event loop delay of the extension host, p99", "ms", delays.p99, mostDelay),
      line("longest event loop delay of the extension host", "ms", delays.max),
      line("a frame of the page, median", "ms", percentile(frames, 50)),
      line("a frame of the page, p99", "ms", percentile(frames, 99)),
      line("longest frame of the page", "ms", percentile(frames, 100)),
      line("from send to the screen, median", "ms", percentile(latencies, 50)),
      line("from send to the screen, p99", "ms", percentile(latencies, 99)),
      line("memory of the extension host at the start", "MiB", mib(before)),
      line("memory of the extension host at the end", "MiB", mib(after)),
    ];
  } finally {
    await vscode.close();
  }
}

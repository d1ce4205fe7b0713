import { dirname } from "node:path";
import type { Browser } from "playwright-core";
import { Vscode } from "../support/vscode.ts";
import { flood } from "../workbench/flood.ts";
import type { Comparison } from "./comparison.ts";
import { processesWith, residentBytes } from "./memory.ts";
import { sampleOf } from "./sample.ts";

const RATE = 50_000;
const SECONDS = 60;
/** Reached in less than half of the time: from then on as much goes as comes. */
const QUOTA_MIB = 128;
const MOST_GROWTH_PERCENT = 10;
const SAMPLE_MS = 1000;

/** Name → resident MiB, once a second. */
type Memory = Map<string, number[]>;

/** 50,000 datagrams a second for a minute, through the tap into the open Datagrams view of a real VS Code. */
export async function measureFlood(): Promise<Comparison[]> {
  const vscode = await Vscode.start({ settings: { "udpWorkbench.captureQuota": QUOTA_MIB } });
  const memory: Memory = new Map();
  let sampling: NodeJS.Timeout | undefined;
  try {
    const workbench = await vscode.openWorkbench();
    await workbench.openContainer("UDP");
    const processes = {
      "extension host": await processesWith(
        "--type=extensionHost",
        dirname(vscode.server.emptyFolder),
      ),
      renderer: await renderers(workbench.page.context().browser()),
    };
    const { sent, milliseconds, rows, notRecorded, evicted } = await flood(vscode, workbench, {
      rate: RATE,
      seconds: SECONDS,
      started: ({ pid = 0 }) => {
        const all = Object.entries({ ...processes, program: [pid] });
        sampling = setInterval(() => void sample(memory, all), SAMPLE_MS);
      },
    });
    const once = (value: number) => sampleOf([value]);
    const what = `${SECONDS} s of ${RATE.toLocaleString("en")} datagrams/s into the open view`;
    return [
      {
        what: `${what}: sent`,
        unit: "/s",
        ours: once(sent / (milliseconds / 1000)),
        better: "more",
      },
      {
        what: `${what}: neither shown nor counted as missing`,
        unit: "datagrams",
        ours: once(Math.abs(sent - rows - notRecorded - evicted)),
        better: "less",
        goal: { value: 0 },
      },
      { what: `${what}: not recorded`, unit: "datagrams", ours: once(notRecorded), better: "less" },
      {
        what: `${what}: removed for the quota`,
        unit: "datagrams",
        ours: once(evicted),
        better: "less",
      },
      ...growth(memory),
    ];
  } finally {
    clearInterval(sampling);
    await vscode.close();
  }
}

async function sample(
  memory: Memory,
  processes: readonly (readonly [string, readonly number[]])[],
): Promise<void> {
  for (const [name, pids] of processes) {
    const sizes = await Promise.all(pids.map(residentBytes));
    const known = sizes.filter((size) => size !== undefined);
    if (known.length === 0) continue;
    const mib = known.reduce((sum, size) => sum + size, 0) / 2 ** 20;
    memory.set(name, [...(memory.get(name) ?? []), mib]);
  }
}

/** How much more memory was in use at the end than halfway through, when the quota had been reached. */
function growth(memory: Memory): Comparison[] {
  return [...memory].map(([name, sizes]) => {
    const quarter = Math.floor(Math.min(sizes.length, SECONDS) / 4);
    const third = sampleOf(sizes.slice(quarter * 2, quarter * 3));
    const last = sampleOf(sizes.slice(quarter * 3, quarter * 4));
    const highest = Math.round(sampleOf(sizes).highest);
    return {
      what: `memory of the ${name}, growth from the third to the last quarter (at most ${highest} MiB)`,
      unit: "%",
      ours: sampleOf([(last.median / third.median - 1) * 100]),
      better: "less",
      goal: { value: MOST_GROWTH_PERCENT },
    };
  });
}

/** The processes that draw the browser's pages. */
async function renderers(browser: Browser | null): Promise<number[]> {
  const session = await browser?.newBrowserCDPSession();
  const { processInfo = [] } = (await session?.send("SystemInfo.getProcessInfo")) ?? {};
  await session?.detach();
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

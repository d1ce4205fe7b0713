import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { accounted, type Shown } from "../workbench/flood.ts";
import { runAnswering } from "../workbench/questions.ts";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { processesWith, residentBytes } from "./memory.ts";
import { sampleOf } from "./sample.ts";

const SECONDS = 60;
/** Datagrams a second. */
const RATE = 100_000;
const QUOTA_MIB = 128;
/** Longer, and somebody thinks that the editor hangs. */
const MOST_ANSWER_MS = 500;
const LONGEST_PAYLOAD = 65_507;
/** How long the server may need for what waits in its receive buffer and its terminal. */
const PATIENCE = { timeoutMs: 300_000 };

interface Flood {
  /** Payload bytes. */
  readonly length: number;
  /** How many source ports send, in turns. */
  readonly peers: number;
  readonly view: "open" | "hidden" | "in a second window";
}

const FLOODS: readonly Flood[] = [
  ...[1, 10_000].flatMap((peers) =>
    [0, 1, 1400, LONGEST_PAYLOAD].map((length) => ({ length, peers, view: "open" as const })),
  ),
  { length: 1, peers: 1, view: "hidden" },
  { length: 1, peers: 1, view: "in a second window" },
];

/**
 * 100,000 datagrams a second, or as many as this machine can send, at a server that was started from the palette and
 * prints each of them in its terminal: what is kept, what is counted as missing, how soon a palette command answers
 * meanwhile, and what it takes of memory and disk. A VS Code of its own for each flood.
 */
export async function measureFloods({ seconds = SECONDS }: Effort): Promise<Comparison[]> {
  const results: Comparison[] = [];
  for (const shape of FLOODS) results.push(...(await measureFlood(shape, seconds)));
  return results;
}

async function measureFlood(shape: Flood, seconds: number): Promise<Comparison[]> {
  const vscode = await Vscode.start({ settings: { "udpWorkbench.captureQuota": QUOTA_MIB } });
  let sender: ChildProcess | undefined;
  try {
    const workbench = await vscode.openWorkbench();
    await workbench.openContainer("UDP");
    const port = await freeUdpPort();
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port), "none"]);
    await workbench.terminals.showing(`Bind UDP on ${port}...`);
    const folder = dirname(vscode.server.emptyFolder);
    const hosts = await processesWith("--type=extensionHost", folder);
    const before = await memoryOf(hosts);
    const busy = await watching(vscode, workbench, shape);

    const words = [port, RATE, seconds, shape.length, shape.peers].map(String);
    sender = spawn(process.execPath, [join(import.meta.dirname, "flood_sender.ts"), ...words], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = lastLine(sender);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    const answers: number[] = [];
    while (!isOver) answers.push(await answerTime(busy));
    const [sent = 0, milliseconds = 0] = (await ended).split(" ").map(Number);

    await workbench.page.bringToFront();
    await workbench.openContainer("UDP");
    const server = await counted(workbench, port, sent);
    const shown = await accounted(workbench, server.received + server.notRecorded);
    const after = await memoryOf(hosts);
    const disk = await sizeOf(join(folder, "data/data/User/globalStorage"));
    return report(shape, seconds, {
      sent,
      milliseconds,
      server,
      shown,
      answers,
      before,
      after,
      disk,
    });
  } finally {
    sender?.kill("SIGKILL");
    await vscode.close();
  }
}

interface Measured {
  readonly sent: number;
  readonly milliseconds: number;
  readonly server: Counted;
  readonly shown: Shown;
  readonly answers: readonly number[];
  readonly before: number;
  readonly after: number;
  readonly disk: number;
}

function report({ length, peers, view }: Flood, seconds: number, found: Measured): Comparison[] {
  const { sent, milliseconds, server, shown, answers, before, after, disk } = found;
  const from = peers === 1 ? "1 peer" : `${peers.toLocaleString("en")} peers`;
  const flood = `${seconds} s of ${length.toLocaleString("en")} bytes from ${from}, view ${view}`;
  const line = (what: string, unit: string, values: readonly number[], goal?: number) => ({
    what: `${flood}: ${what}`,
    unit,
    ours: sampleOf(values),
    better: "less" as const,
    ...(goal !== undefined && { goal: { value: goal } }),
  });
  const { rows, notRecorded, evicted } = shown;
  return [
    { ...line("sent", "/s", [sent / (milliseconds / 1000)]), better: "more" },
    line("lost in the receive buffer, as shown", "datagrams", [server.lost]),
    line("not recorded, as shown", "datagrams", [notRecorded]),
    line("removed for the quota, as shown", "datagrams", [evicted]),
    line(
      "neither kept nor counted",
      "datagrams",
      [Math.abs(sent - server.lost - rows - notRecorded - evicted)],
      0,
    ),
    {
      ...line("until a palette command asks its question", "ms", answers),
      goal: { value: MOST_ANSWER_MS },
    },
    line("memory of the extension host, growth", "MiB", [after - before]),
    line("capture on disk", "MiB", [disk], QUOTA_MIB),
  ];
}

/** The window in which somebody works meanwhile. */
async function watching(vscode: Vscode, first: Workbench, { view }: Flood): Promise<Workbench> {
  if (view === "in a second window") {
    const second = await vscode.openWorkbench({ beside: first });
    await second.openContainer("UDP");
    await second.page.bringToFront();
    return second;
  }
  if (view === "hidden") await first.openContainer("Explorer");
  return first;
}

/** Milliseconds from Enter in the palette until the command asks its first question. */
async function answerTime({ page, quickInput }: Workbench): Promise<number> {
  await quickInput.openPalette();
  await quickInput.type(">UDP: Start Server...");
  await page
    .locator(".quick-input-list .monaco-list-row.focused")
    .getByText("UDP: Start Server...")
    .waitFor();
  const input = page.locator(".quick-input-widget .quick-input-filter input:visible");
  const start = performance.now();
  await input.press("Enter");
  await page.waitForFunction(() =>
    document.querySelector(".quick-input-title")?.textContent?.includes("(1/3)"),
  );
  const milliseconds = performance.now() - start;
  await quickInput.dismiss();
  return milliseconds;
}

interface Counted {
  readonly received: number;
  readonly notRecorded: number;
  readonly lost: number;
}

/** Waits until Bound Ports tells of all that was sent to a port: received, not recorded, or lost. */
async function counted(workbench: Workbench, port: number, sent: number): Promise<Counted> {
  const rows = await workbench.tree("Bound Ports").waitForRows(
    `${sent} datagrams, received, not recorded or lost`,
    ([first]) => {
      const { received, notRecorded, lost } = countsOf(first?.ariaLabel);
      return received + notRecorded + lost >= sent;
    },
    PATIENCE,
  );
  const row = rows.find(({ label }) => label === `127.0.0.1:${port}`);
  return countsOf(row?.ariaLabel);
}

/** As a screen reader says them: a line shows large numbers in short. */
function countsOf(label = ""): Counted {
  const number = (pattern: RegExp) => Number((pattern.exec(label)?.[1] ?? "0").replaceAll(",", ""));
  return {
    received: number(/([\d,]+) in\b/),
    notRecorded: number(/([\d,]+) not recorded/),
    lost: number(/([\d,]+) lost/),
  };
}

/** What a program prints last, when it has ended. */
async function lastLine(program: ChildProcess): Promise<string> {
  let last = "";
  if (!program.stdout) return last;
  createInterface(program.stdout).on("line", (line) => {
    last = line;
  });
  const [exitCode] = await once(program, "close");
  if (exitCode !== 0) throw new Error(`Cannot flood: the sender ended with ${exitCode}`);
  return last;
}

/** Resident MiB. */
async function memoryOf(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(pids.map(residentBytes));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) / 2 ** 20;
}

/** MiB of all capture files below a folder. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".pcapng"));
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { processesWith } from "./memory.ts";
import { sampleOf } from "./sample.ts";

const SOCKETS = 500;
const SECONDS = 30;
const ROUNDS = 3;
/** Of one core; DESIGN.md. */
const MOST_PERCENT = 1;
/** VS Code's own search for ports to forward runs in the extension host, too: every other second, at 5 % of a core. */
const NO_PORT_SEARCH = { "remote.autoForwardPortsSource": "output" };
/** USER_HZ: 100 on every Linux that Node supports. */
const CLOCK_TICKS_PER_SECOND = 100;

const PROGRAM = `
const { createSocket } = require("dgram");
let left = ${SOCKETS};
for (let i = 0; i < ${SOCKETS}; i++) {
  createSocket("udp4").bind(0, "127.0.0.1", () => --left === 0 && console.log("bound"));
}`;

/** What Bound Ports costs the extension host while it is seen and another program has 500 sockets bound (Linux). */
export async function measurePorts({
  rounds = ROUNDS,
  seconds = SECONDS,
}: Effort): Promise<Comparison[]> {
  const vscode = await Vscode.start({ settings: NO_PORT_SEARCH });
  let program: ChildProcess | undefined;
  try {
    const workbench = await vscode.openWorkbench();
    program = await boundSockets();
    const [host] = await processesWith("--type=extensionHost", dirname(vscode.server.emptyFolder));
    if (host === undefined) return [];
    const hidden: number[] = [];
    const more: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await workbench.openContainer("Explorer");
      const without = await percentOfCore(host, seconds);
      hidden.push(without);
      await showOthers(workbench);
      more.push((await percentOfCore(host, seconds)) - without);
    }
    const line = { unit: "% of a core", better: "less" } as const;
    return [
      {
        ...line,
        what: `Bound Ports, seen, with ${SOCKETS} sockets of other programs: the extension host more than without`,
        ours: sampleOf(more),
        goal: { value: MOST_PERCENT },
      },
      { ...line, what: "the extension host while the view is hidden", ours: sampleOf(hidden) },
    ];
  } finally {
    program?.kill();
    await vscode.close();
  }
}

async function boundSockets(): Promise<ChildProcess> {
  const started = spawn(process.execPath, ["-e", PROGRAM], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(createInterface(started.stdout), "line");
  return started;
}

/** Expands the line that holds them, and waits until the owner of each was looked for. */
async function showOthers(workbench: Workbench): Promise<void> {
  const tree = workbench.tree("Bound Ports");
  await workbench.runCommand("UDP: Show Other Processes");
  const [others] = await tree.waitForRows("Other processes", ([first]) => first !== undefined);
  if (others?.expanded === false) await tree.row(others.label).click();
  const isThere = ({ level, description }: { level: number; description: string }) =>
    level === 2 && description !== "";
  await tree.waitForRows("the sockets", (rows) => rows.filter(isThere).length > 5);
}

/** How much of one core a process takes, in percent. */
async function percentOfCore(pid: number, seconds: number): Promise<number> {
  const [before, start] = [await processorSeconds(pid), performance.now()];
  await delay(seconds * 1000);
  const used = (await processorSeconds(pid)) - before;
  return (100_000 * used) / (performance.now() - start);
}

/** What a process and its threads have had of the processor: fields 14 and 15 of proc_pid_stat(5). */
async function processorSeconds(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8");
  // Counted behind the command name, which may itself hold spaces and brackets.
  const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

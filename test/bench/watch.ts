import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Comparison } from "./comparison.ts";
import { compiled } from "./echo/compiled.ts";
import { ownServer, tappedServer } from "./echo/echo_servers.ts";
import { loading } from "./echo/loading.ts";
import { serversInTurns } from "./echo/servers_in_turns.ts";
import type { Effort } from "./effort.ts";
import { withFolder } from "./generated_capture.ts";

const ROUNDS = 11;
const SECONDS = 2;
const ALONE = "the same alone";

/** What it costs a server at full load to be watched: by the tap, or by a capture of the loopback interface beside it. */
export function measureWatching({
  rounds = ROUNDS,
  seconds = SECONDS,
}: Effort): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const generator = await compiled("load_generator", folder);
    const bare = ownServer("Node 24");
    const file = join(folder, "loopback.pcapng");
    const watch = (port: number) => dumpcap(file, port);
    const canDump = await canCapture(file);
    const samples = await serversInTurns(rounds, {
      bare: loading(bare, generator, { folder, seconds }),
      tapped: loading(tappedServer("Node 24", folder), generator, { folder, seconds }),
      dumped: canDump ? loading(bare, generator, { folder, seconds, watch }) : undefined,
    });
    const [rate, cost] = [
      { unit: "replies/s", better: "more", peer: { name: ALONE, sample: samples.bare?.rate } },
      { unit: "µs", better: "less", peer: { name: ALONE, sample: samples.bare?.cost } },
    ] as const;
    return [
      {
        ...rate,
        what: "the server on Node 24, with the tap",
        ours: samples.tapped?.rate,
        goal: { ratio: 0.96 },
      },
      { ...rate, what: "the same beside dumpcap -i lo", ours: samples.dumped?.rate },
      { ...cost, what: "with the tap: processor time for a reply", ours: samples.tapped?.cost },
    ];
  });
}

/** Starts a capture as a person does; resolves when it captures, to what ends it. */
async function dumpcap(file: string, port: number): Promise<() => Promise<void>> {
  const child = spawn("dumpcap", ["-q", "-i", "lo", "-f", `udp port ${port}`, "-w", file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  ended.catch(() => {});
  for await (const text of child.stderr) if (String(text).includes("File:")) break;
  if (child.exitCode !== null || child.pid === undefined) throw new Error("dumpcap has ended");
  child.stderr.destroy();
  return async () => {
    child.kill();
    await ended;
  };
}

/** Whether dumpcap is installed, and may capture. */
async function canCapture(file: string): Promise<boolean> {
  try {
    const end = await dumpcap(file, 9);
    await end();
    return true;
  } catch {
    return false;
  }
}

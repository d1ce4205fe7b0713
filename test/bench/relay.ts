import { spawn } from "node:child_process";
import { join } from "node:path";
import { freeUdpPort } from "../support/free_udp_port.ts";
import type { Comparison } from "./comparison.ts";
import { compiled } from "./echo/compiled.ts";
import { type EchoServer, ownServer, type RuntimeName, systemLoop } from "./echo/echo_servers.ts";
import { loading } from "./echo/loading.ts";
import type { Command } from "./echo/pinned.ts";
import { serversInTurns } from "./echo/servers_in_turns.ts";
import type { Effort } from "./effort.ts";
import { withFolder } from "./generated_capture.ts";
import { programTime } from "./peers.ts";

const ROUNDS = 9;
const SECONDS = 2;
const RELAY = join(import.meta.dirname, "../../scripts/udp_relay.ts");
const SOCAT = "socat's relay";

/** What passes udp_relay.ts in a second, there and back, before an echo in C; and what passes socat. */
export function measureRelay({
  rounds = ROUNDS,
  seconds = SECONDS,
}: Effort): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const generator = await compiled("load_generator", folder);
    const echo = await systemLoop(folder);
    const target = await freeUdpPort();
    const [program = "", ...args] = echo?.command(target) ?? [];
    const running = echo && spawn(program, args, { stdio: "ignore" });
    const load = (server: EchoServer | undefined) =>
      loading(echo && server, generator, { folder, seconds });
    const relay = (name: RuntimeName) => {
      const server = ownServer(name, { script: RELAY });
      if (!server) return undefined;
      const command = (port: number): Command => {
        const [runtime, ...words] = server.command(port).slice(0, -2);
        const ends = ["--listen", `127.0.0.1:${port}`, "--to", `127.0.0.1:${target}`];
        return [runtime ?? name, ...words, ...ends, "--quiet"];
      };
      return { command };
    };
    try {
      const samples = await serversInTurns(rounds, {
        socat: load(await socat(target)),
        node: load(relay("Node 24")),
        bun: load(relay("Bun")),
      });
      const peer = { name: SOCAT, sample: samples.socat?.rate };
      return [
        {
          what: "the relay on Node 24",
          unit: "replies/s",
          better: "more",
          ours: samples.node?.rate,
          peer,
          goal: { ratio: 0.8 },
        },
        {
          what: "the relay on Bun",
          unit: "replies/s",
          better: "more",
          ours: samples.bun?.rate,
          peer,
          goal: { ratio: 1 },
        },
      ];
    } finally {
      running?.kill();
    }
  });
}

async function socat(target: number): Promise<EchoServer | undefined> {
  try {
    await programTime("socat", "-V");
  } catch {
    return undefined;
  }
  const to = `UDP4:127.0.0.1:${target}`;
  const from = (port: number) => `UDP4-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`;
  // It has a process for each client, which nobody ends but its own time-out.
  return { command: (port) => ["socat", "-T", "3", from(port), to] };
}

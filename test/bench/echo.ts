import type { Comparison } from "./comparison.ts";
import { compiled } from "./echo/compiled.ts";
import type { RoundOptions } from "./echo/echo_round.ts";
import {
  type EchoServer,
  emptyLoop,
  ownServer,
  type RuntimeName,
  systemLoop,
  tappedServer,
  tutorialServer,
} from "./echo/echo_servers.ts";
import { loading } from "./echo/loading.ts";
import { type ServerSamples, serversInTurns } from "./echo/servers_in_turns.ts";
import type { Effort } from "./effort.ts";
import { withFolder } from "./generated_capture.ts";

const ROUNDS = 9;
const SECONDS = 2;
/** The system spreads source ports over the threads; with fewer of them, one thread may get none. */
const SENDERS = 16;

type Name = "C" | "Python" | "empty" | "one" | "two" | `${RuntimeName} ${"bare" | "tapped"}`;

/** A pair to compare: who, with whom, and the goal. */
type Pair = readonly [what: string, ours: Name, peer: string, theirs: Name, ratio?: number];

const EMPTY_LOOP = "an empty node:dgram loop";
const PYTHON = "the Python tutorial's server";
const PAIRS: readonly Pair[] = [
  ["the server on Node 24", "Node 24 bare", EMPTY_LOOP, "empty", 0.97],
  ["the server on Node 24, watched", "Node 24 tapped", EMPTY_LOOP, "empty", 0.93],
  ["the server on Bun", "Bun bare", PYTHON, "Python", 1.2],
  ["the server on Bun, watched", "Bun tapped", PYTHON, "Python", 1.1],
  ["the server on Deno", "Deno bare", PYTHON, "Python"],
  ["the server on Deno, watched", "Deno tapped", PYTHON, "Python"],
  [EMPTY_LOOP, "empty", "a loop in C", "C"],
  [PYTHON, "Python", "a loop in C", "C"],
];

/**
 * Replies a second of our server as shipped, a line for each datagram, beside what limits it and the first lesson's
 * server in Python; and what a reply costs of the processor, which others on the machine disturb less.
 */
export function measureEcho({ rounds = ROUNDS, seconds = SECONDS }: Effort): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const generator = await compiled("load_generator", folder);
    const load = (server: EchoServer | undefined, options?: Partial<RoundOptions>) =>
      loading(server, generator, { folder, seconds, ...options });
    const shared = { sockets: SENDERS, pin: false };
    const samples = await serversInTurns<Name>(rounds, {
      // What is compared stands together: within a round, the machine changes least from one to the next.
      C: load(await systemLoop(folder)),
      empty: load(emptyLoop()),
      "Node 24 bare": load(ownServer("Node 24")),
      "Node 24 tapped": load(tappedServer("Node 24", folder)),
      Python: load(await tutorialServer()),
      "Bun bare": load(ownServer("Bun")),
      "Bun tapped": load(tappedServer("Bun", folder)),
      "Deno bare": load(ownServer("Deno")),
      "Deno tapped": load(tappedServer("Deno", folder)),
      one: load(ownServer("Node 24"), shared),
      two: load(ownServer("Node 24", { args: ["--workers", "2"] }), shared),
    });
    return [
      ...PAIRS.map((pair) => compared(samples, pair, "rate")),
      compared(samples, ["the server with --workers 2", "two", "with one", "one"], "rate"),
      ...PAIRS.map((pair) => compared(samples, pair, "cost")),
      {
        what: `the load's own core, at ${EMPTY_LOOP}: busy`,
        unit: "%",
        ours: samples.empty?.loadBusy,
        better: "less",
      },
    ];
  });
}

function compared(
  samples: Readonly<Record<Name, ServerSamples | undefined>>,
  [what, ours, name, theirs, ratio]: Pair,
  measure: "rate" | "cost",
): Comparison {
  const isRate = measure === "rate";
  return {
    what: isRate ? what : `${what}: processor time for a reply`,
    unit: isRate ? "replies/s" : "µs",
    ours: samples[ours]?.[measure],
    peer: { name, sample: samples[theirs]?.[measure] },
    better: isRate ? "more" : "less",
    ...(isRate && ratio !== undefined && { goal: { ratio } }),
  };
}

import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { PYTHON_TAP } from "../support/runtimes.ts";
import type { Comparison } from "./comparison.ts";
import { compiled } from "./echo/compiled.ts";
import { canCapture, dumpcap } from "./echo/dumpcap.ts";
import { tutorialServer } from "./echo/echo_servers.ts";
import { loading } from "./echo/loading.ts";
import { serversInTurns } from "./echo/servers_in_turns.ts";
import type { Effort } from "./effort.ts";
import { withFolder } from "./generated_capture.ts";
import { interleaved, type Sample, sampleOf } from "./sample.ts";

const ROUNDS = 9;
const SECONDS = 2;
const STARTS = 50;
const ALONE = "the same alone";
/** A program without UDP has to start within so many milliseconds of itself unwatched. */
const MOST_START_MS = 5;

/** What it costs a server in Python at full load to be watched, by the tap or by a capture beside it; and programs without UDP. */
export function measurePython({
  rounds = ROUNDS,
  seconds = SECONDS,
}: Effort): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const generator = await compiled("load_generator", folder);
    const bare = await tutorialServer();
    const captures = join(folder, "captures-python");
    // A copy, beside which Python may keep what it has compiled.
    const tap = join(folder, "tap");
    await cp(PYTHON_TAP, tap, { recursive: true });
    const environment = { UDP_TAP_DIR: captures, PYTHONPATH: tap };
    const tapped = bare && { ...bare, captures, environment };
    const file = join(folder, "loopback.pcapng");
    const watch = (port: number) => dumpcap(file, port);
    const canDump = await canCapture(file);
    const samples = await serversInTurns(rounds, {
      bare: loading(bare, generator, { folder, seconds }),
      tapped: loading(tapped, generator, { folder, seconds }),
      dumped: canDump ? loading(bare, generator, { folder, seconds, watch }) : undefined,
    });
    const starts = await interleaved(STARTS, {
      empty: bare && start(""),
      emptyWatched: bare && start("", environment),
      socket: bare && start("import socket"),
      socketWatched: bare && start("import socket", environment),
    });
    const alone = { name: ALONE, sample: samples.bare?.rate };
    return [
      {
        what: "the Python tutorial's server, watched",
        unit: "replies/s",
        better: "more",
        ours: samples.tapped?.rate,
        peer: alone,
        goal: { ratio: 0.7 },
      },
      {
        what: "watched",
        unit: "replies/s",
        better: "more",
        ours: samples.tapped?.rate,
        peer: { name: "the same beside dumpcap -i lo", sample: samples.dumped?.rate },
        goal: { ratio: 1 },
      },
      {
        what: "watched: processor time for a reply",
        unit: "µs",
        better: "less",
        ours: samples.tapped?.cost,
        peer: { name: ALONE, sample: samples.bare?.cost },
      },
      startComparison("an empty Python program", starts.emptyWatched, starts.empty),
      startComparison("one that imports socket", starts.socketWatched, starts.socket),
    ];
  });
}

/** Milliseconds from the start of a program to its end, as where the system has Python keep what it has compiled. */
function start(program: string, environment: NodeJS.ProcessEnv = {}): () => Promise<number> {
  const { PYTHONPATH, UDP_TAP_DIR, PYTHONDONTWRITEBYTECODE, ...without } = process.env;
  return async () => {
    const before = performance.now();
    await promisify(execFile)("python3", ["-c", program], { env: { ...without, ...environment } });
    return performance.now() - before;
  };
}

/** Differences of neighbours: what else the machine does meanwhile hits both of them. */
function startComparison(
  what: string,
  watched: Sample | undefined,
  bare: Sample | undefined,
): Comparison {
  const more = watched?.values.map((value, round) => value - (bare?.values[round] ?? Number.NaN));
  return {
    what: `${what}, watched: starts later by`,
    unit: "ms",
    better: "less",
    ours: more && sampleOf(more),
    goal: { value: MOST_START_MS },
  };
}

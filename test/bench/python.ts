import { execFile } from "node:child_process";
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
import { interleaved } from "./sample.ts";

const ROUNDS = 9;
const SECONDS = 2;
const STARTS = 50;
const ALONE = "the same alone";
/** A program without UDP has to start within so many milliseconds of itself unwatched. */
const MOST_START_MS = 5;

/** What it costs a server in Python at full load to be watched, by the tap or by a capture beside it; and an empty program. */
export function measurePython({
  rounds = ROUNDS,
  seconds = SECONDS,
}: Effort): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const generator = await compiled("load_generator", folder);
    const bare = await tutorialServer();
    const captures = join(folder, "captures-python");
    const environment = { UDP_TAP_DIR: captures, PYTHONPATH: PYTHON_TAP };
    const tapped = bare && { ...bare, captures, environment };
    const file = join(folder, "loopback.pcapng");
    const watch = (port: number) => dumpcap(file, port);
    const canDump = await canCapture(file);
    const samples = await serversInTurns(rounds, {
      bare: loading(bare, generator, { folder, seconds }),
      tapped: loading(tapped, generator, { folder, seconds }),
      dumped: canDump ? loading(bare, generator, { folder, seconds, watch }) : undefined,
    });
    const { PYTHONPATH: _path, UDP_TAP_DIR: _folder, ...without } = process.env;
    const start = (env: NodeJS.ProcessEnv) => async () => {
      const before = performance.now();
      await promisify(execFile)("python3", ["-c", ""], { env });
      return performance.now() - before;
    };
    const starts = await interleaved(STARTS, {
      watched: bare && start({ ...without, ...environment }),
      bare: bare && start(without),
    });
    const alone = { name: ALONE, sample: samples.bare?.rate };
    const unwatched = starts.bare?.median ?? Number.NaN;
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
      {
        what: "an empty Python program, watched",
        unit: "ms",
        better: "less",
        ours: starts.watched,
        peer: { name: ALONE, sample: starts.bare },
        goal: { ratio: unwatched / (unwatched + MOST_START_MS) },
      },
    ];
  });
}

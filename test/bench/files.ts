import { join } from "node:path";
import { formatSegmentName } from "../../extension/core/wire/tap_identity.ts";
import { CaptureFolder } from "../../extension/host/capture/capture_folder.ts";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { withFolder, writeServerCapture } from "./generated_capture.ts";
import { measuredApart } from "./measured_apart.ts";
import { interleaved, sampleOf } from "./sample.ts";

const ROUNDS = 3;
const SECONDS = 10;
const PROGRAMS = [200, 2000, 10_000];
const DATAGRAMS = 10;
/** No process has it, or one of those behind it: Linux's largest id is 2^22. */
const NO_PID = 4_194_305;
const GOAL_PERCENT = 1;

interface Found {
  readonly datagrams: number;
  /** Of a core. */
  readonly percent: number;
  readonly descriptors: number;
  readonly mib: number;
}

/** What programs that have ended cost a window that follows their capture folder, while nothing happens. */
export function measureFiles({
  rounds = ROUNDS,
  seconds = SECONDS,
}: Effort): Promise<Comparison[]> {
  return withFolder(async (storage) => {
    const results: Comparison[] = [];
    for (const programs of PROGRAMS) {
      const name = CaptureFolder.nameOf(String(programs));
      const folder = await CaptureFolder.open(storage, name);
      for (let program = 0; program < programs; program++) {
        const pid = NO_PID + program;
        const file = formatSegmentName({ startMs: 1_700_000_000_000, pid, thread: 0, segment: 1 });
        writeServerCapture(join(folder.path, file), DATAGRAMS, 3);
      }
      const all: Found[] = [];
      const { look } = await interleaved(rounds, {
        look: async () => {
          const found = await measuredApart<Found>("following", name, storage, String(seconds));
          if (found.datagrams !== programs * DATAGRAMS) {
            throw new Error(`Cannot measure: ${found.datagrams} datagrams were read`);
          }
          all.push(found);
          return found.milliseconds;
        },
      });
      const line = (what: string, unit: string, value: (found: Found) => number) => ({
        what: `${programs.toLocaleString("en")} ended programs: ${what}`,
        unit,
        ours: sampleOf(all.map(value)),
        better: "less" as const,
      });
      results.push(
        { ...line("read all", "ms", () => 0), ours: look },
        {
          ...line("idle, of a core", "%", ({ percent }) => percent),
          goal: { value: GOAL_PERCENT },
        },
        { ...line("descriptors", "", ({ descriptors }) => descriptors), goal: { value: 0 } },
        line("memory", "MiB", ({ mib }) => mib),
      );
    }
    return results;
  });
}

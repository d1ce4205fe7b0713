import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { withFolder } from "./generated_capture.ts";
import { measuredApart } from "./measured_apart.ts";
import { sampleOf } from "./sample.ts";

const COUNT = 1_000_000;
/** MiB over what the process had before. */
const MOST_MEMORY_MIB = 200;
/** MiB that the second half of the time may add. */
const MOST_GROWTH_MIB = 5;

interface Memory {
  /** MiB in use after each segment. */
  readonly used: readonly number[];
}

/** What a window remembers of a million sockets that were opened, used once and closed, and of a million senders. */
export function measureSockets(_: Effort): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const results: Comparison[] = [];
    for (const what of ["sockets", "senders"] as const) {
      const storage = join(folder, what);
      await mkdir(storage);
      const { used } = await measuredApart<Memory>(
        "sockets/busy_window",
        what,
        String(COUNT),
        storage,
      );
      const half = used.slice(used.length / 2);
      const line = { unit: "MiB", better: "less" } as const;
      const many = `${COUNT.toLocaleString("en")} ${what}`;
      results.push(
        {
          ...line,
          what: `the most memory while ${many} come and go`,
          ours: sampleOf([Math.max(...used)]),
          goal: { value: MOST_MEMORY_MIB },
        },
        {
          ...line,
          what: `what the second half of the ${many} adds to it`,
          ours: sampleOf([
            Math.max(0, Math.max(...half) - Math.max(...used.slice(0, -half.length))),
          ]),
          goal: { value: MOST_GROWTH_MIB },
        },
      );
    }
    return results;
  });
}

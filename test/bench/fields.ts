import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Comparison } from "./comparison.ts";
import { withFolder } from "./generated_capture.ts";
import { measuredApart } from "./measured_apart.ts";
import { peer } from "./peers.ts";
import { interleaved } from "./sample.ts";
import { TRACKER_DISSECTOR, writeTrackerCapture } from "./tracker_capture.ts";

const DATAGRAMS = 1_000_000;
const ROUNDS = 3;
const CONDITION = "tracker.temp > 30";

/**
 * A million datagrams of ten fields, by a definition here and by a dissector in Lua in tshark: filtered by one field, and
 * all fields with their bytes. tshark reads the file and dissects all fields either way.
 */
export function measureFields(): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const path = join(folder, "capture.pcapng");
    const script = join(folder, "tracker.lua");
    writeTrackerCapture(path, DATAGRAMS);
    await writeFile(script, TRACKER_DISSECTOR);
    const arguments_ = ["-n", "-r", path, "-X", `lua_script:${script}`, "-Y", CONDITION, "-q"];
    const { filtered, all, tshark } = await interleaved(ROUNDS, {
      filtered: () => time(path, CONDITION),
      all: () => time(path),
      tshark: await peer("tshark", ...arguments_),
    });
    const theirs = { name: `tshark -Y '${CONDITION}', Lua`, sample: tshark };
    return [
      {
        what: "filter 1,000,000 datagrams by one of ten fields",
        unit: "ms",
        ours: filtered,
        peer: theirs,
        better: "less",
        goal: { ratio: 200 },
      },
      {
        what: "all ten fields of 1,000,000 datagrams with their bytes",
        unit: "ms",
        ours: all,
        peer: theirs,
        better: "less",
        goal: { ratio: 15 },
      },
    ];
  });
}

async function time(path: string, ...condition: string[]): Promise<number> {
  const { milliseconds, found } = await measuredApart<{ found: number }>(
    "filtering",
    path,
    ...condition,
  );
  if (found === 0) throw new Error("Cannot compare: nothing was found");
  return milliseconds;
}

import { join } from "node:path";
import type { Comparison } from "./comparison.ts";
import { COMMON_TEXT, RARE_TEXT, withFolder, writeServerCapture } from "./generated_capture.ts";
import { measuredApart } from "./measured_apart.ts";
import { peer } from "./peers.ts";
import { interleaved } from "./sample.ts";

const DATAGRAMS = 1_000_000;
const CLIENTS = 25;
const ROUNDS = 5;
const TEXTS = [
  { text: RARE_TEXT, where: "in one of a thousand requests" },
  { text: COMMON_TEXT, where: "in every request" },
];

/** A text found in the payloads of an open capture of a million datagrams, here and by tshark's filter. */
export function measureSearching(): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const path = join(folder, "capture.pcapng");
    writeServerCapture(path, DATAGRAMS, CLIENTS);
    const results: Comparison[] = [];
    for (const { text, where } of TEXTS) {
      const { ours, tshark } = await interleaved(ROUNDS, {
        ours: () => searchingTime(path, text),
        tshark: await peer("tshark", "-n", "-r", path, "-Y", `udp contains "${text}"`),
      });
      results.push({
        what: `find a text that is ${where}, in 1,000,000 datagrams`,
        unit: "ms",
        ours,
        peer: { name: "tshark -Y 'udp contains'", sample: tshark },
        better: "less",
        goal: { ratio: 100 },
      });
    }
    return results;
  });
}

async function searchingTime(path: string, text: string): Promise<number> {
  const { milliseconds, found } = await measuredApart<{ found: number }>("searching", path, text);
  if (found === 0) throw new Error(`Cannot compare: ${text} was not found`);
  return milliseconds;
}

import { join } from "node:path";
import type { Comparison } from "./comparison.ts";
import { withFolder, writeServerCapture } from "./generated_capture.ts";
import { measuredApart } from "./measured_apart.ts";
import { peer } from "./peers.ts";
import { interleaved } from "./sample.ts";

const DATAGRAMS = 1_000_000;
const CLIENTS = [1, 25, 2500];
const ROUNDS = 5;

/** A capture of a million datagrams, opened and indexed here and by Wireshark's two readers. */
export function measureOpening(): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const results: Comparison[] = [];
    for (const clients of CLIENTS) {
      const path = join(folder, `${clients}.pcapng`);
      writeServerCapture(path, DATAGRAMS, clients);
      const { ours, tshark, capinfos } = await interleaved(ROUNDS, {
        ours: () => openingTime(path),
        tshark: await peer("tshark", "-n", "-r", path),
        capinfos: await peer("capinfos", path),
      });
      const line = { what: `open 1,000,000 of ${clients * 2} flows`, unit: "ms", ours } as const;
      const peers = [
        { name: "tshark -r", sample: tshark, goal: { ratio: 25 } },
        { name: "capinfos", sample: capinfos, goal: { ratio: 1 } },
      ];
      for (const { goal, ...known } of peers) {
        results.push({ ...line, peer: known, better: "less", goal });
      }
    }
    return results;
  });
}

async function openingTime(path: string): Promise<number> {
  const { milliseconds, datagrams, problems } = await measuredApart<{
    datagrams: number;
    problems: string[];
  }>("opening", path);
  if (datagrams !== DATAGRAMS || problems.length > 0) {
    throw new Error(
      `Cannot compare: ${datagrams} datagrams were found, and ${problems.join("; ")}`,
    );
  }
  return milliseconds;
}

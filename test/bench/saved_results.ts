import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Comparison } from "./comparison.ts";
import { picture } from "./picture.ts";
import { comparisonTable } from "./table.ts";

/** Part → what it found. */
export type Results = ReadonlyMap<string, readonly Comparison[]>;

const FOLDER = join(import.meta.dirname, "results");

/**
 * Keeps what was measured: results/YYYY-MM-DD.json, and for readers results/README.md with its tables and a picture.
 * (VS Code's marketplace allows no SVG in the README.md of an extension.) Parts that were measured earlier on the same day
 * and machine stay. Returns the paths.
 */
export async function saveResults(
  results: Results,
  date: Date,
  folder: string = FOLDER,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const day = date.toISOString().slice(0, 10);
  const machine = {
    system: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    node: process.versions.node,
  };
  const parts = { ...(await earlierParts(join(folder, `${day}.json`), machine)) };
  for (const [part, comparisons] of results) parts[part] = comparisons;
  const drawn = picture(Object.values(parts).flat(), day);
  const tables = Object.entries(parts).map(([part, found]) => comparisonTable(part, found));
  const files = {
    [`${day}.json`]: JSON.stringify({ day, machine, parts }, null, 2),
    "README.md": [
      "# What the bench measured",
      `On ${day}, by \`npm run bench -- --save\`: ${machine.system}, ${machine.processor}, ${machine.cores} cores, Node.js ${machine.node}.`,
      "Medians, and the lowest and the highest in brackets. Times as good: the median over the rounds, in each of which all were measured in turns.",
      ...(drawn === undefined ? [] : ["![Times as good as the peer, and the goals](speed.svg)"]),
      ...tables,
    ].join("\n\n"),
    ...(drawn !== undefined && { "speed.svg": drawn }),
  };
  const paths: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    paths.push(join(folder, name));
    await writeFile(join(folder, name), `${text}\n`);
  }
  return paths;
}

type Parts = Record<string, readonly Comparison[]>;

/** Part → what it found; none where nothing was saved, or on another machine. */
async function earlierParts(path: string, machine: object): Promise<Parts> {
  try {
    const saved = JSON.parse(await readFile(path, "utf8")) as { machine: object; parts: Parts };
    return isDeepStrictEqual(saved.machine, machine) ? saved.parts : {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

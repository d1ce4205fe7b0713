/**
 * `npm run corpus -- FOLDER`: compares what we read of each capture file in a folder with what tshark reads, row by row:
 * time, addresses, ports, length and payload of each datagram. Ends with 1 where a file differs. Nothing is written.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ourRows } from "./our_rows.ts";
import { tsharkRows } from "./tshark_rows.ts";

/** Rows that are printed of a file that differs. */
const MOST_SHOWN = 3;
const CAPTURES = /\.(pcap|pcapng|cap|dmp|trace|ntar)\d*(\.gz)?$/i;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("Usage: npm run corpus -- FOLDER");
  process.exit(2);
}

let rows = 0;
const equal: string[] = [];
const different: string[] = [];
const unread: string[] = [];
for (const name of (await readdir(folder, { recursive: true })).sort()) {
  if (!CAPTURES.test(name)) continue;
  const [mine, theirs] = await Promise.all([
    ourRows(join(folder, name)),
    tsharkRows(join(folder, name)),
  ]);
  if (theirs === undefined) {
    unread.push(name);
    continue;
  }
  rows += theirs.length;
  const onlyMine = without(mine.rows, theirs);
  const onlyTheirs = without(theirs, mine.rows);
  const isEqual = onlyMine.length === 0 && onlyTheirs.length === 0;
  (isEqual ? equal : different).push(name);
  if (isEqual) continue;
  console.log(`${name}: ${mine.rows.length} rows, tshark ${theirs.length}; ${mine.remarks}`);
  for (const row of onlyMine.slice(0, MOST_SHOWN)) console.log(`  only we      ${shortened(row)}`);
  for (const row of onlyTheirs.slice(0, MOST_SHOWN))
    console.log(`  only tshark  ${shortened(row)}`);
}
console.log(
  `${equal.length} files equal (${rows} rows in all), ${different.length} different, ${unread.length} that tshark does not read`,
);
process.exitCode = different.length === 0 ? 0 : 1;

/** The rows of `rows` that are not in `known`; each of `known` stands for one. */
function without(rows: readonly string[], known: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const row of known) left.set(row, (left.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
}

function shortened(row: string): string {
  return row.length > 160 ? `${row.slice(0, 160)}...` : row;
}

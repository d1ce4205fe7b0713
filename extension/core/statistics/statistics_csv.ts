import { csvLine } from "../text/csv.ts";
import type { GroupStatistics, StatisticsRow, StatisticsTable } from "./statistics_table.ts";

/** What each column has of a group, by its name; programs read these, so they are not translated. Times are microseconds. */
const COLUMNS: Readonly<Record<string, (row: GroupStatistics) => number | undefined>> = {
  datagrams_forward: ({ datagrams }) => datagrams.forward,
  datagrams_back: ({ datagrams }) => datagrams.back,
  bytes_forward: ({ bytes }) => bytes.forward,
  bytes_back: ({ bytes }) => bytes.back,
  rate_per_second: ({ rate }) => rate,
  share: ({ share }) => share,
  lost_forward: ({ lost }) => lost.forward,
  lost_back: ({ lost }) => lost.back,
  duplicates: ({ duplicates }) => duplicates,
  interval_min_us: ({ interval }) => interval?.min,
  interval_median_us: ({ interval }) => interval?.median,
  interval_p99_us: ({ interval }) => interval?.p99,
  interval_deviation_us: ({ interval }) => interval?.deviation,
  jitter_us: ({ jitter }) => jitter?.last,
  jitter_max_us: ({ jitter }) => jitter?.max,
  answers: ({ answers }) => answers?.count,
  answer_median_us: ({ answers }) => answers?.median,
  answer_p99_us: ({ answers }) => answers?.p99,
  size_min: ({ sizes }) => sizes.min,
  size_median: ({ sizes }) => sizes.median,
  size_max: ({ sizes }) => sizes.max,
  sequence_first: ({ sequence }) => sequence?.first,
  sequence_last: ({ sequence }) => sequence?.last,
  sequence_missing: ({ sequence }) => sequence?.missing,
  sequence_repeated: ({ sequence }) => sequence?.repeated,
  sequence_late: ({ sequence }) => sequence?.late,
  sequence_restarts: ({ sequence }) => sequence?.restarts,
};

/**
 * The table as CSV (RFC 4180) with a header row: a line for each group, in this order, and one for `(others)` where there
 * are some. What is not known is an empty cell.
 */
export function statisticsCsv(
  rows: readonly StatisticsRow[],
  others: StatisticsTable["others"],
): string {
  const numbers = (row: GroupStatistics) => Object.values(COLUMNS).map((of) => numberCell(of(row)));
  return [
    csvLine(["name", "peer", ...Object.keys(COLUMNS)]),
    ...rows.map((row) => csvLine([row.name, row.peer ?? "", ...numbers(row)])),
    ...(others ? [csvLine(["(others)", "", ...numbers(others)])] : []),
  ].join("");
}

/** At most six decimals: more are noise. */
function numberCell(value: number | undefined): string {
  return value === undefined ? "" : String(Number(value.toFixed(6)));
}

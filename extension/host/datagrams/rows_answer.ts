import type { RowList } from "../../capture/table/row_list.ts";
import type { DatagramRow } from "../../webview/protocol.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { datagramRow } from "./row_text.ts";

/** No page shows more rows at once; whoever asks for more is not our page. */
const MOST_ROWS = 1000;

/**
 * The rows from `first` on that a page asks for, at most `count`, as far as there are so many.
 *
 * @param remarks What is to be said of a datagram beside what became of it.
 */
export async function rowsAnswer(
  source: CaptureSource,
  rows: RowList,
  first: number,
  count: number,
  remarks: { noteOf(id: number): string },
): Promise<DatagramRow[]> {
  const ids = idsIn(rows, [[first, first + Math.min(count, MOST_ROWS) - 1]]);
  const before = first > 0 && first <= rows.length ? rows.idAt(first - 1) : undefined;
  return Promise.all(
    ids.map(async (id, index) => {
      const number = rows.numberAt(first + index);
      const row = await datagramRow(source, id, ids[index - 1] ?? before, remarks.noteOf(id));
      return number === first + index + 1 ? row : { ...row, number };
    }),
  );
}

/** The datagrams in these rows, the first and the last of each run in it; rows that there are not have none. */
export function idsIn(
  rows: RowList,
  runs: readonly (readonly [first: number, last: number])[],
): number[] {
  const ids: number[] = [];
  for (const [first, last] of runs) {
    const end = Math.min(last, rows.length - 1);
    for (let row = Math.max(0, first); row <= end; row++) ids.push(rows.idAt(row));
  }
  return ids;
}

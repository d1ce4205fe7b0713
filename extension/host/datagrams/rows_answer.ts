import type { RowList } from "../../core/capture/row_list.ts";
import type { DatagramRow } from "../../webview/datagrams/protocol.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import { datagramRow } from "../words/row_text.ts";
import { decodedRows } from "./decoded_rows.ts";

/** No page shows more rows at once; whoever asks for more is not our page. */
const MOST_ROWS = 1000;

/** What a page shows. */
interface Shown {
  readonly source: CaptureSource;
  readonly rows: RowList;
  readonly decoders: Pick<PayloadDecoders, "load">;
  readonly fieldColumns: readonly string[];
  /** Says what is to be said of a datagram beside what became of it. */
  readonly conversation: { noteOf(id: number): string };
}

/** The rows from `first` on that a page asks for, at most `count`, as far as there are so many. */
export async function rowsAnswer(
  shown: Shown,
  first: number,
  count: number,
): Promise<DatagramRow[]> {
  const ids = idsIn(shown.rows, [[first, first + Math.min(count, MOST_ROWS) - 1]]);
  const rows = await Promise.all(ids.map((id, index) => undecodedRow(shown, id, first + index)));
  return decodedRows(shown.source, await shown.decoders.load(), rows, shown.fieldColumns);
}

/** What the row of a datagram tells: its number in the whole capture, too, where that is not its place among the rows. */
export async function rowAnswer(shown: Shown, id: number): Promise<DatagramRow> {
  const row = await undecodedRow(shown, id, shown.rows.rowOf(id));
  const [decoded = row] = await decodedRows(
    shown.source,
    await shown.decoders.load(),
    [row],
    shown.fieldColumns,
  );
  return decoded;
}

async function undecodedRow(
  { source, rows, conversation }: Shown,
  id: number,
  position: number | undefined,
): Promise<DatagramRow> {
  // All of it before the first wait, after which rows may be elsewhere.
  const number = position === undefined ? undefined : rows.numberAt(position);
  const before = position === undefined || position === 0 ? undefined : rows.idAt(position - 1);
  const row = await datagramRow(source, id, before, conversation.noteOf(id));
  return number === undefined || number === (position ?? 0) + 1 ? row : { ...row, number };
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

import { setImmediate as nextTurn } from "node:timers/promises";
import { cut } from "../../core/decode/cut.ts";
import type { DecodedField } from "../../core/decode/decoded.ts";
import { fieldsAt } from "../../core/decode/field_path.ts";
import { leftToRight } from "../../core/text/printable.ts";
import type { DatagramRow } from "../../webview/datagrams/protocol.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { endsOf } from "../definitions/datagram_ends.ts";
import type { PayloadDecoder } from "../definitions/payload_decoder.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";

/** Values in a cell, and characters. */
const MOST_VALUES = 10;
const LONGEST_CELL = 100;
/** The event loop gets its turn after this long: a definition may be slow. */
const TURN_MS = 8;

/**
 * Rows with what their payloads say in the place of the bytes, as Wireshark's *Info*: by a decoder that somebody has chosen,
 * or by a guess where the payload is no text that can be read as it is. What does not fit says so in its note.
 */
export async function decodedRows(
  source: CaptureSource,
  decoders: LoadedDecoders,
  rows: readonly DatagramRow[],
  columns: readonly string[] = [],
): Promise<DatagramRow[]> {
  const decoded: DatagramRow[] = [];
  let turnEnds = performance.now() + TURN_MS;
  for (const row of rows) {
    decoded.push(await decodedRow(source, decoders, row, columns));
    if (performance.now() < turnEnds) continue;
    await nextTurn();
    turnEnds = performance.now() + TURN_MS;
  }
  return decoded;
}

async function decodedRow(
  source: CaptureSource,
  decoders: LoadedDecoders,
  row: DatagramRow,
  columns: readonly string[],
): Promise<DatagramRow> {
  const { capture } = source;
  const { id } = row;
  if (!capture.has(id) || row.length === 0) return row;
  const ends = endsOf(capture, id);
  if (!row.isHex && columns.length === 0 && !decoders.isTold(ends)) return row;
  const isCut = capture.capturedLength(id) < capture.wireLength(id);
  const payload = await source.payload(id);
  const chosen = decoders.choose(ends, payload);
  if (!chosen) return row;
  const { summary, fields, problem } = chosen.decoder.decode(payload, isCut);
  const cells = columns.map((name) => cellText(chosen.decoder, name, fields ?? []));
  const withCells = columns.length > 0 ? { ...row, cells } : row;
  // What a port speaks for need not be what is sent there, and a text can be read as it is.
  if (chosen.by === "guess" && (!row.isHex || !fields)) return withCells;
  if (problem === undefined) {
    return { ...withCells, preview: summary || row.preview, isHex: summary === "" };
  }
  const notes = [problem.replace(/[.。]$/, ""), row.note].filter((text) => text !== "");
  return { ...withCells, note: notes.join(", "), isAnomaly: true };
}

/** What a field says, or all of that name. */
function cellText(
  { fields: known }: PayloadDecoder,
  name: string,
  fields: readonly DecodedField[],
): string {
  const { paths = [], only } = known.find(name) ?? {};
  const values = paths
    .flatMap((path) => fieldsAt(fields, path).map(({ value }) => value))
    .filter((value) => only?.test(value) ?? true);
  const text = values.slice(0, MOST_VALUES).join(", ");
  return leftToRight(cut(text, LONGEST_CELL));
}

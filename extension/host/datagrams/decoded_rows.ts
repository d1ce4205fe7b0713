import { setImmediate as nextTurn } from "node:timers/promises";
import type { DatagramRow } from "../../webview/datagrams/protocol.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { endsOf } from "../definitions/datagram_ends.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";

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
): Promise<DatagramRow[]> {
  const decoded: DatagramRow[] = [];
  let turnEnds = performance.now() + TURN_MS;
  for (const row of rows) {
    decoded.push(await decodedRow(source, decoders, row));
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
): Promise<DatagramRow> {
  const { capture } = source;
  const { id } = row;
  if (!capture.has(id) || row.length === 0) return row;
  const ends = endsOf(capture, id);
  if (!row.isHex && !decoders.isTold(ends)) return row;
  const isCut = capture.capturedLength(id) < capture.wireLength(id);
  const payload = await source.payload(id);
  const chosen = decoders.choose(ends, payload);
  if (!chosen || (chosen.by === "guess" && !row.isHex)) return row;
  const { summary, fields, problem } = chosen.decoder.decode(payload, isCut);
  if (problem === undefined)
    return { ...row, preview: summary || row.preview, isHex: summary === "" };
  // What a port speaks for need not be what is sent there.
  if (chosen.by === "guess" && !fields) return row;
  const notes = [problem.replace(/[.。]$/, ""), row.note].filter((text) => text !== "");
  return { ...row, note: notes.join(", "), isAnomaly: true };
}

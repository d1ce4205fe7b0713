import type { PayloadPlace } from "../../core/capture/datagram_table.ts";
import type { ReadableFile } from "./open_files.ts";

/** Where a payload lies: offset in the file and length of one piece after the other. */
export function piecesOf({ offset, length, pieces }: PayloadPlace): Float64Array {
  return pieces ?? Float64Array.of(offset, length);
}

/**
 * Fills `into` with what lies in the pieces of a file, one behind the other, until it is full.
 *
 * @returns how many bytes that were: fewer than there is room for where a piece is not whole, or there are no more.
 */
export async function readPieces(
  file: ReadableFile,
  pieces: Float64Array,
  into: Uint8Array,
): Promise<number> {
  let filled = 0;
  for (let at = 0; at < pieces.length && filled < into.length; at += 2) {
    const wanted = Math.min(pieces[at + 1] ?? 0, into.length - filled);
    if (wanted === 0) continue;
    const { bytesRead } = await file.read(into, filled, wanted, pieces[at] ?? 0);
    filled += bytesRead;
    if (bytesRead < wanted) break;
  }
  return filled;
}

import { type HexdumpLayout, hexdumpLayout } from "../../../core/text/hexdump.ts";
import type { ByteRange } from "./byte_selection.ts";

/** The columns of a dump that show bytes: as pairs of digits, and as characters. */
export type HexColumn = "hex" | "text";

const GROUP = 8;

/** Most bytes on a line for so many characters, before all digits of the offset; one byte always has to do. */
export function fittingLayout(length: number, characters: number): HexdumpLayout {
  for (const bytes of [16, 8, 4, 2] as const) {
    for (const offsetDigits of [4, 2]) {
      const layout = hexdumpLayout(length, bytes, offsetDigits);
      if (layout.lineWidth <= characters) return layout;
    }
  }
  return hexdumpLayout(length, 1, 2);
}

/** Where in the text of a column each byte stands. Lines are joined by one character. */
export class HexGeometry {
  readonly #bytesPerLine: number;
  readonly #length: number;

  constructor(length: number, bytesPerLine: number) {
    this.#length = length;
    this.#bytesPerLine = bytesPerLine;
  }

  get bytesPerLine(): number {
    return this.#bytesPerLine;
  }

  /** The characters that show these bytes, from the first to behind the last. */
  charactersOf(column: HexColumn, { from, to }: ByteRange): { from: number; to: number } {
    const width = column === "hex" ? 2 : 1;
    return { from: this.#start(column, from), to: this.#start(column, to - 1) + width };
  }

  /** The bytes that these characters show, also in part. */
  bytesOf(column: HexColumn, { from, to }: { from: number; to: number }): ByteRange {
    return {
      from: this.#firstFrom(column, from, column === "hex" ? 2 : 1),
      to: this.#firstFrom(column, to, 0),
    };
  }

  #lineWidth(column: HexColumn): number {
    return this.#place(column, this.#bytesPerLine - 1) + (column === "hex" ? 2 : 1) + 1;
  }

  #place(column: HexColumn, index: number): number {
    return column === "hex" ? index * 3 + (index >= GROUP ? 1 : 0) : index;
  }

  #start(column: HexColumn, byte: number): number {
    const line = Math.floor(byte / this.#bytesPerLine);
    const index = byte % this.#bytesPerLine;
    return line * this.#lineWidth(column) + this.#place(column, index);
  }

  /** The first byte that starts so many characters before `character` or later, but not before. */
  #firstFrom(column: HexColumn, character: number, width: number): number {
    const line = Math.floor(character / this.#lineWidth(column));
    const inLine = character % this.#lineWidth(column);
    let index = 0;
    while (index < this.#bytesPerLine && this.#isBefore(column, index, inLine, width)) index++;
    return Math.min(this.#length, line * this.#bytesPerLine + index);
  }

  #isBefore(column: HexColumn, index: number, inLine: number, width: number): boolean {
    const place = this.#place(column, index);
    return width === 0 ? place < inLine : place + width <= inLine;
  }
}

/** The options of a pcapng block (draft-ietf-opsawg-pcapng section 3.5): small records of code and value. */
import { Option, padded } from "./format.ts";

const decoder = new TextDecoder();

/** Names and comments are kept as long as the file is open, and a packed file holds thousands of times its size of them. */
export const MOST_TEXT_BYTES = 4096;
/** Of all texts of a file that are not the same as the one before. */
const MOST_TEXTS_BYTES = 64 * 2 ** 20;

/** Nobody has written a block with more, and somebody could write one of four million, each of them empty. */
const MOST_OPTIONS = 4096;

/** Reads the texts of a file, and knows when there are more than are kept. */
export class Texts {
  #bytes = 0;
  #latest = "";

  /** More than {@link most} have been read. */
  get areTooMany(): boolean {
    return this.#bytes > MOST_TEXTS_BYTES;
  }

  get most(): number {
    return MOST_TEXTS_BYTES;
  }

  /** UTF-8, not terminated by zero (some writers do it anyway); what is longer than anybody reads is cut. */
  read(view: DataView, offset: number, length: number): string {
    const bytes = new Uint8Array(
      view.buffer,
      view.byteOffset + offset,
      Math.min(length, MOST_TEXT_BYTES),
    );
    const zero = bytes.indexOf(0);
    const text = decoder.decode(zero < 0 ? bytes : bytes.subarray(0, zero));
    // A million sendings may have failed for the same reason.
    if (text === this.#latest) return this.#latest;
    this.#bytes += bytes.length;
    this.#latest = text;
    return text;
  }
}

/** The part of a block where its options are. */
export interface OptionList {
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly start: number;
  readonly end: number;
  readonly texts: Texts;
}

/**
 * Calls `found` for each option with where its value starts and how long it is. An option that claims
 * to be longer than its block ends the list, as do {@link MOST_OPTIONS}: what came before it stands.
 */
export function forEachOption(
  { view, littleEndian, start, end }: Omit<OptionList, "texts">,
  found: (code: number, offset: number, length: number) => void,
): void {
  let at = start;
  // Both ends are on borders of 32 bits, and so is each option: where there is a byte, there is a header.
  for (let count = 0; at < end && count < MOST_OPTIONS; count++) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === Option.end || at + 4 + length > end) return;
    found(code, at + 4, length);
    at += 4 + padded(length);
  }
}

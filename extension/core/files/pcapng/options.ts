/** The options of a pcapng block (draft-ietf-opsawg-pcapng section 3.5): small records of code and value. */
import { Option, padded } from "./format.ts";

const decoder = new TextDecoder();

/** The part of a block where its options are. */
export interface OptionList {
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * Calls `found` for each option with where its value starts and how long it is. An option that claims
 * to be longer than its block ends the list: what came before it stands.
 */
export function forEachOption(
  { view, littleEndian, start, end }: OptionList,
  found: (code: number, offset: number, length: number) => void,
): void {
  let at = start;
  // Both ends are on borders of 32 bits, and so is each option: where there is a byte, there is a header.
  while (at < end) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === Option.end || at + 4 + length > end) return;
    found(code, at + 4, length);
    at += 4 + padded(length);
  }
}

/** Names and comments are kept as long as the file is open, and a packed file holds thousands of times its size of them. */
export const MOST_TEXT_BYTES = 4096;

/** An option's text: UTF-8, not terminated by zero (some writers do it anyway); what is longer than anybody reads is cut. */
export function readText(view: DataView, offset: number, length: number): string {
  const bytes = new Uint8Array(
    view.buffer,
    view.byteOffset + offset,
    Math.min(length, MOST_TEXT_BYTES),
  );
  const zero = bytes.indexOf(0);
  return decoder.decode(zero < 0 ? bytes : bytes.subarray(0, zero));
}

import { parseHex } from "../text/hex.ts";
import type { ValueText } from "./numbers.ts";
import { WrongFilter } from "./problem.ts";

/** Pairs of hexadecimal digits, together or apart by a colon, dash, dot or spaces. */
const BYTES = /^(?:0x)?[0-9a-f]{2}(?:(?:[:.-]|\s+)?[0-9a-f]{2})*$/i;

/**
 * Reads `48:65`, `48-65`, `48.65`, `48 65`, `4865` or `0x4865`.
 *
 * @throws WrongFilter where the text is none of them.
 */
export function parseByteText(value: ValueText): Uint8Array {
  const bytes = byteText(value.text);
  if (!bytes) throw new WrongFilter(value, "badBytes", value.text, "48:65");
  return bytes;
}

/** The same, undefined where the text is none of them. */
export function byteText(text: string): Uint8Array | undefined {
  const trimmed = text.trim();
  if (!BYTES.test(trimmed)) return undefined;
  return parseHex(trimmed.replace(/^0x/i, "").replace(/[^0-9a-f]/gi, ""));
}

/** A part of a payload, as Wireshark writes it. */
export interface Slice {
  readonly first: number;
  /** Bytes; undefined: up to the end. */
  readonly length: number | undefined;
}

/**
 * Reads the inside of `[first:length]`, `[first-last]`, `[index]`, `[:length]` or `[first:]`.
 *
 * @throws WrongFilter where it is none of them.
 */
export function parseSlice(value: ValueText): Slice {
  const match = /^\[(?:(\d{1,5})?:(\d{1,5})?|(\d{1,5})-(\d{1,5})|(\d{1,5}))\]$/.exec(value.text);
  const [, first, length, from, to, index] = match ?? [];
  if (index !== undefined) return { first: Number(index), length: 1 };
  if (from !== undefined && Number(to) >= Number(from)) {
    return { first: Number(from), length: Number(to) - Number(from) + 1 };
  }
  // "[:]", or neither of the two kinds.
  if (length === "0" || (first ?? length) === undefined) {
    throw new WrongFilter(value, "badSlice", value.text);
  }
  return { first: Number(first ?? 0), length: length === undefined ? undefined : Number(length) };
}

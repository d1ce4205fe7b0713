import { printableBytes } from "./printable.ts";

export interface PayloadPreview {
  /** Printable. */
  readonly text: string;
  /** The text is digits: the payload is none. */
  readonly isHex: boolean;
}

/** Bytes that are looked at. */
const JUDGED = 64;
/** A piece of a printable text: a character, or what stands for one or for a byte. */
const PIECES = /\\(?:x[\da-f]{2}|u\{[\da-f]+\}|.)|./gsu;
const UNREADABLE = /^\\[xu]/;

/**
 * The start of a payload on one line: as text, or as digits where more than a third of it would be escapes, as Perl's `-B`
 * tells a binary file (perldoc, "-X").
 *
 * @param limit Most characters, not counting the note about what is missing.
 * @param totalBytes What that note tells: the payload may be longer than what is given.
 */
export function payloadPreview(
  bytes: Uint8Array,
  limit: number,
  totalBytes = bytes.length,
): PayloadPreview {
  if (!isMostlyEscapes(printableBytes(bytes.subarray(0, JUDGED)))) {
    return { text: printableBytes(bytes, { limit, totalBytes }), isHex: false };
  }
  const most = Math.floor((limit + 1) / 3);
  const digits = Array.from(bytes.subarray(0, most), (byte) => byte.toString(16).padStart(2, "0"));
  const note = totalBytes > most ? `… (${totalBytes} B)` : "";
  return { text: `${digits.join(" ")}${note}`, isHex: true };
}

function isMostlyEscapes(printable: string): boolean {
  const pieces = printable.match(PIECES) ?? [];
  return pieces.filter((piece) => UNREADABLE.test(piece)).length * 3 > pieces.length;
}

/**
 * Makes hostile text and bytes printable, for a terminal, tree, tooltip, notification, log or page.
 * What is not plainly printable is escaped, not stripped, so that nothing is hidden and nothing acts:
 *
 * - `\n`, `\r`, `\t` and `\\`;
 * - `\xNN`: a byte that is a control character (C0, DEL) or no part of valid UTF-8;
 * - `\u{N...}`: any other code point, for instance `\u{202e}`. In a string: a lone surrogate, too.
 *
 * So every result stands for exactly one input, unless it was cut or its line breaks were kept.
 */

export interface PrintableOptions {
  /** Most characters of the result, not counting the note about the cut. No limit when left out. */
  readonly limit?: number;
  /** How many bytes the note about the cut tells, where `text` is not the whole; default: its bytes. */
  readonly totalBytes?: number;
  /** Keeps LF and CRLF as a line feed, for places that show several lines. */
  readonly keepLineBreaks?: boolean;
}

/**
 * Not plainly printable: all "other" categories (control, format, surrogate, private, unassigned), all
 * separators but the space, and what Unicode draws as nothing (zero width, variation selectors, fillers).
 */
const UNPRINTABLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
const MARK = /\p{M}/u;
/** No script stacks more on one letter; payloads that do ("Zalgo") draw over what is beside them. */
const MAX_MARKS = 8;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BACKSLASH = 0x5c;
const SHORT_FORMS = new Map([
  [0x09, "\\t"],
  [LINE_FEED, "\\n"],
  [CARRIAGE_RETURN, "\\r"],
  [BACKSLASH, "\\\\"],
]);

/** A string, printable; see the top of this file. */
export function printable(text: string, options: PrintableOptions = {}): string {
  const totalBytes = () => new TextEncoder().encode(text).length;
  const output = new PrintableOutput(options);
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    const size = codePoint > 0xffff ? 2 : 1;
    const next = text.charCodeAt(at + size);
    if (!output.push(codePoint, next)) return output.cut(options.totalBytes ?? totalBytes());
    at += size;
  }
  return output.text;
}

/**
 * Bytes as UTF-8 text, printable; see the top of this file. Reads no further than `limit` needs.
 * What is valid UTF-8 is told by table 3-7 of the Unicode standard (RFC 3629 section 4).
 */
export function printableBytes(bytes: Uint8Array, options: PrintableOptions = {}): string {
  const output = new PrintableOutput(options);
  const isWhole = pushBytes(bytes, output, () => {});
  return isWhole ? output.text : output.cut(options.totalBytes ?? bytes.length);
}

/** A printable text that knows which byte stands where. */
export interface PlacedText {
  readonly text: string;
  /** For each byte the position in `text` of the piece that it is shown by, or is a part of. */
  readonly starts: Uint32Array;
}

/** All bytes as {@link printableBytes} shows them, with the place of each. */
export function placedBytes(
  bytes: Uint8Array,
  options: Pick<PrintableOptions, "keepLineBreaks"> = {},
): PlacedText {
  const output = new PrintableOutput(options);
  const starts = new Uint32Array(bytes.length);
  pushBytes(bytes, output, (at, size) => starts.fill(output.text.length, at, at + size));
  return { text: output.text, starts };
}

/** False where not all of it fits; `piece` is told the bytes of each piece before it is pushed. */
function pushBytes(
  bytes: Uint8Array,
  output: PrintableOutput,
  piece: (at: number, size: number) => void,
): boolean {
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceLength(bytes, at);
    piece(at, size || 1);
    const fits =
      size === 0
        ? output.pushEscape(byteEscape(bytes[at] ?? 0))
        : output.push(codePointAt(bytes, at, size), bytes[at + size]);
    if (!fits) return false;
    at += size || 1;
  }
  return true;
}

/**
 * The same text where words of ours stand beside it: Hebrew and Arabic letters turn around the numbers and signs that
 * follow (Unicode Standard Annex 9), until something says otherwise. U+200E does, and is not drawn.
 */
export function leftToRight(printableText: string): string {
  return printableText.replace(RIGHT_TO_LEFT, "\u200e$&\u200e");
}

/** All that Unicode has, and keeps for, letters of this direction, with what is drawn on them. */
const RIGHT_TO_LEFT =
  /(?:[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]\p{M}*)+/gu;

/**
 * The same text for places where VS Code replaces `$(bell)` by an icon: tree and quick pick labels, the
 * status bar. Takes a printable text; the dollar becomes `\x24`, which no version of VS Code undoes. It turns around
 * nothing that stands beside it.
 */
export function withoutIcons(printableText: string): string {
  return leftToRight(printableText.replaceAll("$(", "\\x24("));
}

/** The same text for messages, in which VS Code makes links of `[text](command:id)` as well. Takes a printable text. */
export function withoutLinks(printableText: string): string {
  return withoutIcons(printableText).replaceAll("](", "]\\x28");
}

/** Collects the result and knows when it is full. */
class PrintableOutput {
  text = "";
  readonly #limit: number;
  readonly #keepLineBreaks: boolean;
  #marks = MAX_MARKS;

  constructor({ limit = Number.POSITIVE_INFINITY, keepLineBreaks = false }: PrintableOptions) {
    this.#limit = limit;
    this.#keepLineBreaks = keepLineBreaks;
  }

  /** False where it does not fit any more. `next` is the code unit or byte that follows. */
  push(codePoint: number, next: number | undefined): boolean {
    if (codePoint >= 0x20 && codePoint < 0x7f && codePoint !== BACKSLASH) {
      return this.#pushCharacter(String.fromCharCode(codePoint));
    }
    if (this.#keepLineBreaks) {
      if (codePoint === LINE_FEED) return this.#append("\n");
      if (codePoint === CARRIAGE_RETURN && next === LINE_FEED) return true;
    }
    const shortForm = SHORT_FORMS.get(codePoint);
    if (shortForm) return this.pushEscape(shortForm);
    if (codePoint < 0x80) return this.pushEscape(byteEscape(codePoint));
    const character = String.fromCodePoint(codePoint);
    if (UNPRINTABLE.test(character)) return this.pushEscape(codePointEscape(codePoint));
    if (!MARK.test(character)) return this.#pushCharacter(character);
    this.#marks += 1;
    if (this.#marks > MAX_MARKS) return this.pushEscape(codePointEscape(codePoint));
    return this.#append(character);
  }

  /** False where it does not fit any more. A mark that follows has nothing to stand on. */
  pushEscape(sequence: string): boolean {
    this.#marks = MAX_MARKS;
    return this.#append(sequence);
  }

  /** The result, with a note about what is missing. */
  cut(totalBytes: number): string {
    return `${this.text}… (${totalBytes} B)`;
  }

  #pushCharacter(character: string): boolean {
    this.#marks = 0;
    return this.#append(character);
  }

  #append(piece: string): boolean {
    if (this.text.length + piece.length > this.#limit) return false;
    this.text += piece;
    return true;
  }
}

function byteEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

function codePointEscape(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

/** Bytes of the valid UTF-8 sequence at `at`, 1 to 4, or 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // Where the second byte may start and end: no overlong form, no surrogate, nothing above U+10FFFF.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] ?? 0;
  if (second < low || second > high) return 0;
  for (let index = 2; index < size; index++) {
    if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return size;
}

function codePointAt(bytes: Uint8Array, at: number, size: number): number {
  if (size === 1) return bytes[at] ?? 0;
  let codePoint = (bytes[at] ?? 0) & (0x7f >> size);
  for (let index = 1; index < size; index++) {
    codePoint = (codePoint << 6) | ((bytes[at + index] ?? 0) & 0x3f);
  }
  return codePoint;
}

/**
 * A hex dump in Wireshark's layout, line by line, so that a large payload costs only what is seen:
 *
 *     0000  48 65 6c 6c 6f 2c 20 54  72 61 63 79 21           Hello, Tracy!
 */

/** 16, or fewer where there is less room. */
export type BytesPerLine = 1 | 2 | 4 | 8 | 16;

export interface HexdumpLayout {
  readonly bytesPerLine: BytesPerLine;
  /** Hexadecimal digits of the offset: 4, more for payloads above 64 KiB, fewer where there is no room. */
  readonly offsetDigits: number;
  readonly lineCount: number;
  /** Characters of a full line, for those that have to choose `bytesPerLine` by the room they have. */
  readonly lineWidth: number;
}

const GROUP = 8;
/** Looked up, because a payload has up to 65,507 bytes and shows at once. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const CHARACTERS = Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
);

/** Wireshark's. */
const OFFSET_DIGITS = 4;

/** The layout for so many bytes, with at least so many digits of the offset; an empty payload has no line. */
export function hexdumpLayout(
  length: number,
  bytesPerLine: BytesPerLine = 16,
  leastOffsetDigits = OFFSET_DIGITS,
): HexdumpLayout {
  const offsetDigits = Math.max(leastOffsetDigits, Math.max(0, length - 1).toString(16).length);
  return {
    bytesPerLine,
    offsetDigits,
    lineCount: Math.ceil(length / bytesPerLine),
    lineWidth: offsetDigits + 2 + hexWidth(bytesPerLine) + 2 + bytesPerLine,
  };
}

/** The three columns of one line. */
export interface HexdumpLine {
  readonly offset: string;
  readonly hex: string;
  readonly text: string;
}

/** Line number `line` of the dump, from 0, column by column. Bytes beyond ASCII's printable ones show as a dot. */
export function hexdumpColumns(
  bytes: Uint8Array,
  line: number,
  layout: HexdumpLayout,
): HexdumpLine {
  const start = line * layout.bytesPerLine;
  let hex = "";
  let text = "";
  for (let at = start; at < Math.min(start + layout.bytesPerLine, bytes.length); at++) {
    const byte = bytes[at] ?? 0;
    if (at > start) hex += at % GROUP === 0 ? "  " : " ";
    hex += DIGITS[byte];
    text += CHARACTERS[byte];
  }
  return { offset: start.toString(16).padStart(layout.offsetDigits, "0"), hex, text };
}

/** The same as one text. */
export function hexdumpLine(bytes: Uint8Array, line: number, layout: HexdumpLayout): string {
  const { offset, hex, text } = hexdumpColumns(bytes, line, layout);
  return `${offset}  ${hex.padEnd(hexWidth(layout.bytesPerLine))}  ${text}`;
}

/** The whole dump. */
export function hexdump(bytes: Uint8Array): string {
  const layout = hexdumpLayout(bytes.length);
  const lines = Array.from({ length: layout.lineCount }, (_, line) =>
    hexdumpLine(bytes, line, layout),
  );
  return lines.join("\n");
}

/** Two digits a byte, a space between bytes, one more between groups of eight. */
function hexWidth(bytesPerLine: number): number {
  return bytesPerLine * 3 - 1 + (bytesPerLine / GROUP > 1 ? 1 : 0);
}

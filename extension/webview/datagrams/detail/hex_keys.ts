import type { ByteRange } from "./byte_selection.ts";

export interface ByteCursor {
  readonly range: ByteRange | undefined;
  /** The byte where a selection of several started. */
  readonly anchor: number;
  readonly length: number;
  readonly bytesPerLine: number;
  readonly linesPerPage: number;
}

export interface MovedCursor {
  readonly range: ByteRange;
  readonly anchor: number;
  /** The end of the range that moved. */
  readonly cursor: number;
}

type Key = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

/**
 * Where a key takes the selected byte, as in an editor: arrows, Home and End of the line, with Ctrl of the payload,
 * pages, with Shift from where the selection started; Ctrl+A takes all. Undefined where the key means nothing here.
 */
export function moveByteCursor(event: Key, state: ByteCursor): MovedCursor | undefined {
  const { range, length, bytesPerLine, linesPerPage } = state;
  const isControl = event.ctrlKey || event.metaKey;
  if (length === 0 || event.altKey) return undefined;
  if (isControl && event.key.toLowerCase() === "a") {
    return { range: { from: 0, to: length }, anchor: 0, cursor: 0 };
  }
  // The end that moves is the one that is not the anchor.
  const at = !range ? undefined : range.from < state.anchor ? range.from : range.to - 1;
  const from = at ?? 0;
  const lineStart = from - (from % bytesPerLine);
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    ArrowUp: from - bytesPerLine,
    ArrowDown: from + bytesPerLine,
    PageUp: from - bytesPerLine * linesPerPage,
    PageDown: from + bytesPerLine * linesPerPage,
    Home: isControl ? 0 : lineStart,
    End: isControl ? length - 1 : lineStart + bytesPerLine - 1,
  };
  const target = Object.hasOwn(targets, event.key) ? targets[event.key] : undefined;
  if (target === undefined || (isControl && event.key.startsWith("Arrow"))) return undefined;
  // The first key only shows where the cursor is.
  const isFirst = at === undefined && event.key.startsWith("Arrow");
  const cursor = isFirst ? 0 : within(target, from, state, event.key);
  const anchor = event.shiftKey && at !== undefined ? state.anchor : cursor;
  return {
    range: { from: Math.min(anchor, cursor), to: Math.max(anchor, cursor) + 1 },
    anchor,
    cursor,
  };
}

/** Up and down stay in their column, but for a last line that is shorter; beyond it there is nothing. */
function within(target: number, from: number, state: ByteCursor, key: string): number {
  const last = state.length - 1;
  if (target >= 0 && target <= last) return target;
  const lineOf = (byte: number) => Math.floor(byte / state.bytesPerLine);
  if (key === "ArrowUp" || (key === "ArrowDown" && lineOf(from) === lineOf(last))) return from;
  return Math.max(0, Math.min(target, last));
}

import { type PlacedText, placedBytes } from "../../../core/text/printable.ts";
import { ByteHighlight } from "./byte_highlight.ts";
import type { ByteRange, ByteSelection } from "./byte_selection.ts";
import { TextColumn, type TextRange } from "./text_column.ts";

const NOTHING: PlacedText = { text: "", starts: new Uint32Array() };

/** A payload as text: line breaks are line breaks, whatever else is not printable is escaped. */
export class TextView {
  readonly element: HTMLElement;
  readonly #column = new TextColumn();
  readonly #highlight = new ByteHighlight("bytes");
  readonly #selection: ByteSelection;
  #placed = NOTHING;

  constructor(selection: ByteSelection) {
    this.element = this.#column.element;
    this.#selection = selection;
    selection.onChange((_, by) => {
      // What was selected here, the browser marks.
      if (by !== this) this.#mark();
      else this.#highlight.show([]);
    });
    document.addEventListener("selectionchange", () => {
      const text = this.#column.selected;
      if (text && text.from < text.to) selection.select(bytesOf(text, this.#placed), this);
    });
  }

  show(payload: Uint8Array): void {
    this.#placed = placedBytes(payload, { keepLineBreaks: true });
    this.#column.show(this.#placed.text.split("\n"));
    this.#mark();
  }

  /** What is selected, or all of it. */
  get copied(): string {
    const { range } = this.#selection;
    const { text } = this.#placed;
    if (!range) return text;
    const { from, to } = charactersOf(range, this.#placed);
    return text.slice(from, to);
  }

  #mark(): void {
    const { range } = this.#selection;
    const text = range && charactersOf(range, this.#placed);
    this.#highlight.show([text && this.#column.rangeOf(text)]);
  }
}

/** The bytes that these characters stand for, also in part. */
export function bytesOf({ from, to }: TextRange, { starts }: PlacedText): ByteRange {
  // The piece that `from` lies in is the last that starts before the next character; its bytes start together.
  const piece = starts[firstFrom(starts, from + 1) - 1] ?? 0;
  return { from: firstFrom(starts, piece), to: firstFrom(starts, to) };
}

/** The characters that stand for these bytes, and for those that cannot be shown without them. */
export function charactersOf({ from, to }: ByteRange, { text, starts }: PlacedText): TextRange {
  const next = firstFrom(starts, (starts[to - 1] ?? 0) + 1);
  return { from: starts[from] ?? 0, to: starts[next] ?? text.length };
}

/** The first byte whose piece starts at `character` or later. */
function firstFrom(starts: Uint32Array, character: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) < character) low = middle + 1;
    else high = middle;
  }
  return low;
}

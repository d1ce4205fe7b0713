import { create } from "../../parts/dom.ts";

/** Lines and characters in one element, whichever is reached first; a line is never divided. */
const BLOCK_LINES = 100;
const BLOCK_CHARACTERS = 5000;

interface Block {
  readonly element: HTMLElement;
  /** Its first character, and the one behind its last: the line break between two blocks is in neither. */
  readonly from: number;
  readonly to: number;
}

/** A stretch of the text, in characters; lines are joined by one line break. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** Preformatted text in blocks: what is far out of view is not laid out (`content-visibility` in payload.css). */
export class TextColumn {
  readonly element: HTMLElement;
  #blocks: Block[] = [];

  constructor(attributes: Readonly<Record<string, string>> = {}) {
    this.element = create("div", attributes);
  }

  show(lines: readonly string[]): void {
    this.#blocks = [];
    let from = 0;
    let first = 0;
    let length = 0;
    for (const [index, line] of lines.entries()) {
      length += line.length + 1;
      const isFull = index - first + 1 === BLOCK_LINES || length >= BLOCK_CHARACTERS;
      if (!isFull && index < lines.length - 1) continue;
      const block = lines.slice(first, index + 1);
      const element = create("pre", {}, block.join("\n"));
      element.style.containIntrinsicHeight = `auto ${block.length}lh`;
      this.#blocks.push({ element, from, to: from + length - 1 });
      from += length;
      first = index + 1;
      length = 0;
    }
    this.element.replaceChildren(...this.#blocks.map(({ element }) => element));
  }

  /** The part of the document that holds these characters; undefined where there are none. */
  rangeOf({ from, to }: TextRange): Range | undefined {
    const start = this.#blocks.find((block) => block.to >= from);
    const end = this.#blocks.findLast((block) => block.from <= to);
    if (!start?.element.firstChild || !end?.element.firstChild) return undefined;
    const range = document.createRange();
    range.setStart(start.element.firstChild, clamp(from, start));
    range.setEnd(end.element.firstChild, clamp(to, end));
    return range;
  }

  /** What the user has selected of this text; undefined where the selection began elsewhere. */
  get selected(): TextRange | undefined {
    const selection = document.getSelection();
    if (!selection?.anchorNode || !this.element.contains(selection.anchorNode)) return undefined;
    const range = selection.getRangeAt(0);
    const isAll = !this.element.contains(range.startContainer);
    const from = isAll ? 0 : this.#characterAt(range.startContainer, range.startOffset);
    const to = this.element.contains(range.endContainer)
      ? this.#characterAt(range.endContainer, range.endOffset)
      : (this.#blocks.at(-1)?.to ?? 0);
    return { from, to };
  }

  /** Selects these characters as if with the mouse. */
  select(text: TextRange | undefined): void {
    const selection = document.getSelection();
    const range = text && this.rangeOf(text);
    if (range) {
      selection?.setBaseAndExtent(
        range.startContainer,
        range.startOffset,
        range.endContainer,
        range.endOffset,
      );
    } else if (this.selected) {
      selection?.removeAllRanges();
    }
  }

  #characterAt(node: Node, offset: number): number {
    if (node === this.element) return this.#blocks[offset]?.from ?? this.#blocks.at(-1)?.to ?? 0;
    const block = this.#blocks.find(({ element }) => element.contains(node));
    if (!block) return 0;
    if (node === block.element) return offset === 0 ? block.from : block.to;
    return block.from + offset;
  }
}

function clamp(character: number, { from, to }: Block): number {
  return Math.max(from, Math.min(character, to)) - from;
}

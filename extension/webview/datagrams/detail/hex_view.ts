import { type HexdumpLayout, hexdump, hexdumpColumns } from "../../../core/text/hexdump.ts";
import { printableBytes } from "../../../core/text/printable.ts";
import { create, on } from "../../parts/dom.ts";
import { byteText, t } from "../../parts/l10n.ts";
import { ByteHighlight } from "./byte_highlight.ts";
import type { ByteRange, ByteSelection } from "./byte_selection.ts";
import { fittingLayout, type HexColumn, HexGeometry } from "./hex_geometry.ts";
import { moveByteCursor } from "./hex_keys.ts";
import { TextColumn } from "./text_column.ts";

const NOTHING = new Uint8Array();

/**
 * A hex dump in three columns: offsets, bytes, and text. What is selected in one of them, or elsewhere in the payload,
 * is marked in both, and so is what a rule has changed. Bytes are selected with the mouse as any text, and with the arrow keys.
 */
export class HexView {
  readonly element: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #selection: ByteSelection;
  readonly #offsets: TextColumn;
  readonly #columns: Readonly<Record<HexColumn, TextColumn>>;
  readonly #highlight = new ByteHighlight("bytes");
  readonly #changedHighlight = new ByteHighlight("changed");
  readonly #spoken = create("div", { class: "unseen", "aria-live": "polite" });
  #payload: Uint8Array = NOTHING;
  #shown: Uint8Array | undefined;
  /** Where bytes were changed by a rule. */
  #changed: readonly number[] = [];
  #geometry = new HexGeometry(0, 16);
  /** Characters of the lines that are drawn. */
  #lineWidth = 0;
  /** Where a selection by keys started. */
  #anchor = 0;

  /** `scroller`: what scrolls and has the focus. */
  constructor(selection: ByteSelection, scroller: HTMLElement) {
    const column = (name: string, label: string) =>
      new TextColumn({ class: `column ${name}`, role: "group", "aria-label": label });
    this.#scroller = scroller;
    this.#selection = selection;
    this.#offsets = column("offsets", t("Offset"));
    this.#columns = { hex: column("hex", t("Bytes")), text: column("text", t("Text")) };
    this.element = create(
      "div",
      { class: "dump" },
      this.#offsets.element,
      this.#columns.hex.element,
      this.#columns.text.element,
      this.#spoken,
    );
    selection.onChange((_, by) => this.#mark(by !== this));
    for (const name of ["hex", "text"] as const) {
      const { element } = this.#columns[name];
      // A drag that leaves its column must not take the other one along.
      on(element, "pointerdown", () => {
        this.element.dataset.selecting = name;
      });
      on(element, "click", () => this.#selectionMade(name, true));
    }
    document.addEventListener("selectionchange", () => {
      for (const name of ["hex", "text"] as const) this.#selectionMade(name, false);
    });
    on(this.element, "copy", (event) => this.#copy(event));
    on(scroller, "keydown", (event) => this.#keyDown(event));
  }

  show(payload: Uint8Array): void {
    this.#payload = payload;
    this.#anchor = 0;
  }

  /** Marks the bytes at these offsets, and no others, as changed by a rule. */
  markChanged(offsets: readonly number[]): void {
    this.#changed = offsets.filter((offset) => offset < this.#payload.length);
    if (this.#shown === this.#payload) this.#showChanged();
  }

  /** Draws the dump with as many bytes on a line as fit; call it when it is in view, and when the room changes. */
  render(): void {
    const layout = this.#fittingLayout();
    const isDrawn = this.#shown === this.#payload && this.#lineWidth === layout.lineWidth;
    if (isDrawn) return;
    this.#shown = this.#payload;
    this.#lineWidth = layout.lineWidth;
    this.#geometry = new HexGeometry(this.#payload.length, layout.bytesPerLine);
    const lines = Array.from({ length: layout.lineCount }, (_, line) =>
      hexdumpColumns(this.#payload, line, layout),
    );
    this.#offsets.show(lines.map(({ offset }) => offset));
    this.#columns.hex.show(lines.map(({ hex }) => hex));
    this.#columns.text.show(lines.map(({ text }) => text));
    this.#mark(true);
    this.#showChanged();
  }

  /** The bytes that are selected as digits, or the whole dump. */
  get copied(): string {
    const { range } = this.#selection;
    return range ? digits(this.#payload.subarray(range.from, range.to)) : hexdump(this.#payload);
  }

  #mark(isElsewhere: boolean): void {
    const { range } = this.#selection;
    if (this.#shown !== this.#payload || this.#payload.length === 0) return;
    this.#highlight.show(range ? this.#rangesOf(range) : []);
    if (range && isElsewhere) this.#reveal(range);
  }

  #showChanged(): void {
    const ranges = this.#changed.map((offset) => this.#rangesOf({ from: offset, to: offset + 1 }));
    this.#changedHighlight.show(ranges.flat());
  }

  /** Where the page shows these bytes. */
  #rangesOf(bytes: ByteRange): (Range | undefined)[] {
    return (["hex", "text"] as const).map((name) =>
      this.#columns[name].rangeOf(this.#geometry.charactersOf(name, bytes)),
    );
  }

  #reveal({ from }: ByteRange): void {
    if (this.#scroller.clientHeight === 0) return;
    const line = this.#columns.hex.element.offsetHeight / (this.#lineCount || 1);
    const top = this.element.offsetTop + Math.floor(from / this.#geometry.bytesPerLine) * line;
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop || top + line > scrollTop + clientHeight) {
      this.#scroller.scrollTop = top - clientHeight / 3;
    }
  }

  get #lineCount(): number {
    return Math.ceil(this.#payload.length / this.#geometry.bytesPerLine);
  }

  /** The mouse has selected characters; a click means the byte that it hits. */
  #selectionMade(name: HexColumn, isClick: boolean): void {
    const text = this.#columns[name].selected;
    if (!text || (text.from === text.to && !isClick)) return;
    const isPoint = text.from === text.to;
    const range = this.#geometry.bytesOf(name, isPoint ? { ...text, to: text.to + 1 } : text);
    this.#anchor = range.from;
    this.#selection.select(range, this);
  }

  #keyDown(event: KeyboardEvent): void {
    const { range } = this.#selection;
    if (event.key === "Escape" && range) {
      this.#selection.select(undefined, this);
      for (const column of Object.values(this.#columns)) column.select(undefined);
      event.stopPropagation();
      return;
    }
    const next = moveByteCursor(event, {
      range,
      anchor: this.#anchor,
      length: this.#payload.length,
      bytesPerLine: this.#geometry.bytesPerLine,
      linesPerPage: Math.max(
        1,
        Math.floor(
          (this.#scroller.clientHeight * this.#lineCount) / (this.element.offsetHeight || 1),
        ) - 1,
      ),
    });
    if (!next) return;
    event.preventDefault();
    this.#anchor = next.anchor;
    this.#selection.select(next.range, this);
    this.#columns.hex.select(this.#geometry.charactersOf("hex", next.range));
    this.#reveal({ from: next.cursor, to: next.cursor + 1 });
    this.#speak(next.range);
  }

  #speak({ from, to }: ByteRange): void {
    const bytes = this.#payload.subarray(from, Math.min(to, from + 16));
    const offset = (at: number) => at.toString(16).padStart(4, "0");
    const length = byteText(to - from);
    const changed = this.#changed.some((at) => at >= from && at < to)
      ? `, ${t("changed by a rule")}`
      : "";
    const spoken =
      to - from === 1
        ? `${offset(from)}: ${digits(bytes)}, ${printableBytes(bytes)}`
        : t("{0} to {1}: {2}", offset(from), offset(to - 1), length);
    this.#spoken.textContent = `${spoken}${changed}`;
  }

  /** What a person copies is the bytes that are marked, not the lines that they happen to stand on. */
  #copy(event: ClipboardEvent): void {
    const { range } = this.#selection;
    const name = (["hex", "text"] as const).find((column) => this.#columns[column].selected);
    if (!range || !name) return;
    const bytes = this.#payload.subarray(range.from, range.to);
    const text = name === "hex" ? digits(bytes) : printableBytes(bytes, { keepLineBreaks: true });
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  }

  #fittingLayout(): HexdumpLayout {
    const ruler = create("div", { class: "ruler" });
    this.element.append(ruler);
    const characters = (this.element.clientWidth / ruler.offsetWidth) * 100;
    ruler.remove();
    return fittingLayout(this.#payload.length, Math.floor(characters));
  }
}

function digits(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

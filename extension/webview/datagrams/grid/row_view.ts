import { create, setAttributes } from "../../parts/dom.ts";
import { byteText, t } from "../../parts/l10n.ts";
import type { DatagramRow, RowDirection } from "../protocol.ts";
import { COLUMN_NAMES } from "./columns.ts";
import { cell, EndpointCell, fieldCell, label, TimeCell } from "./row_cells.ts";
import type { RowStyle } from "./row_style.ts";

const ARROWS: Record<RowDirection, string> = { in: "↓", out: "↑", unknown: "→" };
/**
 * VS Code shows its own menu for a row, with what package.json contributes where `udpWorkbench.row` is set and nothing
 * else, and hands all this to the command that is chosen.
 */
const MENU_CONTEXT = JSON.stringify({
  "udpWorkbench.row": true,
  preventDefaultContextMenuItems: true,
});
let rows = 0;

/** One row of the grid. There are as many as fit; each shows one datagram after the other. */
export class RowView {
  readonly element: HTMLDivElement;
  /** Pixels from the upper edge of the view. */
  y = 0;
  readonly #style: RowStyle;
  readonly #number = cell("number");
  readonly #arrow = create("span", { "aria-hidden": "true" });
  readonly #time: TimeCell;
  readonly #direction = cell("direction", this.#arrow);
  readonly #local = new EndpointCell("local");
  readonly #peer = new EndpointCell("peer");
  readonly #length = cell("length");
  readonly #payload = cell("payload");
  readonly #note = cell("note");
  #fields: readonly HTMLElement[] = [];
  #position = -1;
  #row: DatagramRow | undefined;
  #version = -1;

  constructor(style: RowStyle) {
    this.#style = style;
    this.#time = new TimeCell(style);
    // Two lines in a narrow view; elsewhere they dissolve into the columns.
    this.element = create(
      "div",
      {
        class: "row",
        role: "row",
        id: `row-${rows++}`,
        "data-vscode-context": MENU_CONTEXT,
      },
      create(
        "div",
        { class: "line" },
        this.#number,
        this.#time.element,
        this.#direction,
        this.#local.element,
        this.#peer.element,
        this.#length,
      ),
      create("div", { class: "line" }, this.#payload, this.#note),
    );
  }

  /** Where in the list it is; -1 while it is out of use. */
  get position(): number {
    return this.#position;
  }

  /** Its row is at another position now. */
  set position(position: number) {
    if (position === this.#position) return;
    this.#position = position;
    // Row 1 is the head.
    setAttributes(this.element, { "aria-rowindex": position + 2 });
    this.#showNumber();
  }

  /** Of the row that it shows. */
  get id(): number | undefined {
    return this.#row?.id;
  }

  /** The one that keys move from, among all that are selected. */
  set isActive(isActive: boolean) {
    this.element.classList.toggle("is-active", isActive);
  }

  /** Shows a row at `y` pixels from the upper edge of the view; undefined where it is not known yet. */
  show(position: number, y: number, row: DatagramRow | undefined, selected: boolean): void {
    this.y = y;
    this.element.style.transform = `translateY(${y}px)`;
    this.position = position;
    setAttributes(this.element, { "aria-selected": selected });
    if (row !== this.#row || this.#version !== this.#style.version) this.#show(row);
  }

  #show(row: DatagramRow | undefined): void {
    this.#row = row;
    this.#version = this.#style.version;
    this.#showNumber();
    this.element.dataset.direction = row?.direction ?? "";
    setAttributes(this.element, { "aria-busy": !row });
    this.#time.show(row);
    this.#arrow.textContent = row ? ARROWS[row.direction] : "";
    label(this.#direction, row ? directionWord(row.direction) : "");
    this.#local.show(row?.local ?? "");
    this.#peer.show(row?.peer ?? "");
    this.#length.textContent = row ? String(row.length) : "";
    label(this.#length, row ? byteText(row.length) : "");
    const isEmpty = row?.length === 0;
    this.#payload.classList.toggle("none", isEmpty);
    this.#payload.classList.toggle("hex", row?.isHex ?? false);
    if (isEmpty) this.#payload.textContent = t("No payload");
    else this.#payload.replaceChildren(...this.#marked(row?.preview ?? ""));
    this.#payload.title = row?.preview ?? "";
    this.#note.textContent = row?.note ?? "";
    this.#note.classList.toggle("anomaly", row?.isAnomaly ?? false);
    this.#note.classList.toggle("ruled", row?.byRule !== undefined);
    this.element.classList.toggle("dropped", row?.byRule === "dropped");
    this.#note.title = row?.note ?? "";
    this.#showFields(row?.cells ?? []);
  }

  /** A cell for each column of a field, in front of the note. */
  #showFields(cells: readonly string[]): void {
    const { length } = this.#style.fields;
    if (this.#fields.length !== length) {
      for (const old of this.#fields) old.remove();
      this.#fields = this.#style.fields.map((_, index) => fieldCell(index));
      this.#note.before(...this.#fields);
      setAttributes(this.#note, { "aria-colindex": COLUMN_NAMES.length + length });
    }
    for (const [index, element] of this.#fields.entries()) {
      const text = cells[index] ?? "";
      element.textContent = text;
      element.title = text;
      element.classList.toggle("numeric", /^[-+]?[\d.]/.test(text));
    }
  }

  #marked(text: string): (Node | string)[] {
    const parts = this.#style.marks.partsOf(text);
    return parts.map(({ text, isMarked }) => (isMarked ? create("mark", {}, text) : text));
  }

  #showNumber(): void {
    this.#number.textContent = this.#row ? String(this.#row.number ?? this.#position + 1) : "";
  }
}

export function directionWord(direction: RowDirection): string {
  const words = { in: t("received"), out: t("sent"), unknown: t("seen on its way") };
  return words[direction];
}

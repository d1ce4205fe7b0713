import { create, setAttributes } from "../../parts/dom.ts";
import { t } from "../../parts/l10n.ts";
import { Splitter } from "../../parts/splitter.ts";
import type { DatagramRow } from "../protocol.ts";
import {
  COLUMN_NAMES,
  type Column,
  type ColumnLayout,
  type ColumnName,
  columnsOf,
  DEFAULT_LAYOUT,
  fieldOf,
  flexibleColumn,
  isFieldColumn,
  LEAST_WIDTH,
  middleTemplate,
  visibleFields,
  wideTemplate,
  withField,
  withToggled,
  withWidth,
} from "./columns.ts";

/** A title has so much room. */
const LEAST_CHARACTERS = 6;
/** Of a script whose letters are two columns wide, as terminals have them. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu;

/** The row of column names, and what the user makes of the columns: their widths, and which ones show. */
export class GridColumns {
  /** In a narrow view it is not seen, but still told to a screen reader. */
  readonly head: HTMLElement;
  readonly #grid: HTMLElement;
  readonly #row: HTMLElement;
  readonly #changed: (layout: ColumnLayout) => void;
  readonly #cells = new Map<Column, HTMLElement>();
  readonly #edges = new Map<Column, Splitter>();
  /** Characters of what has been in a column. */
  readonly #longest = new Map<ColumnName, number>();
  #layout: ColumnLayout;
  #hasDirections = true;

  constructor(grid: HTMLElement, layout: ColumnLayout, changed: (layout: ColumnLayout) => void) {
    this.#grid = grid;
    this.#layout = layout;
    this.#changed = changed;
    const cells = COLUMN_NAMES.map((name, index) => this.#cell(name, index + 1, this.word(name)));
    this.#row = create("div", { class: "row", role: "row", "aria-rowindex": "1" }, ...cells);
    this.head = create("div", { class: "head", role: "rowgroup" }, this.#row);
    this.setHighestNumber(0);
    this.hasDates = false;
    // Their titles.
    for (const name of ["local", "peer", "note"] as const) this.#setLongest(name, LEAST_CHARACTERS);
    this.#apply();
  }

  get layout(): ColumnLayout {
    return this.#layout;
  }

  /** False where no datagram tells which end recorded it: then the ends are source and destination. */
  set hasDirections(hasDirections: boolean) {
    if (hasDirections === this.#hasDirections) return;
    this.#hasDirections = hasDirections;
    for (const name of ["local", "peer"] as const) {
      const word = this.word(name);
      const cell = this.#cells.get(name);
      cell?.setAttribute("title", word);
      cell?.querySelector(".title")?.replaceChildren(word);
      this.#edges.get(name)?.element.setAttribute("aria-label", word);
    }
  }

  /** The title of a column; of a field its last name. */
  word(name: Column): string {
    if (isFieldColumn(name)) return fieldOf(name).split(".").at(-1) ?? "";
    const words: Record<ColumnName, string> = {
      number: t("No."),
      time: t("Time"),
      direction: t("Direction"),
      local: this.#hasDirections ? t("Local") : t("Source"),
      peer: this.#hasDirections ? t("Peer") : t("Destination"),
      length: t("Length"),
      payload: t("Payload"),
      note: t("Note"),
    };
    return words[name];
  }

  /** False in a view that is so narrow that rows have two lines instead of columns. */
  get areShown(): boolean {
    return this.head.offsetHeight > 0;
  }

  /** Numbers up to this one have to fit. */
  setHighestNumber(total: number): void {
    this.#grid.style.setProperty("--digits", String(String(total).length));
  }

  /** Whether times have to have their dates. */
  set hasDates(hasDates: boolean) {
    this.#grid.style.setProperty("--date", hasDates ? "11ch" : "0ch");
  }

  /** What these rows hold has to fit, as far as there is room. */
  makeRoomFor(rows: readonly DatagramRow[]): void {
    for (const name of ["local", "peer", "note"] as const) {
      const longest = Math.max(...rows.map((row) => textWidth(row[name])));
      if (longest > (this.#longest.get(name) ?? 0)) this.#setLongest(name, longest);
    }
  }

  toggle(name: Column): void {
    this.#change(withToggled(this.#layout, name));
  }

  /** A field, as filters call it, as a column. */
  addField(name: string): void {
    this.#change(withField(this.#layout, name));
  }

  reset(): void {
    this.#change(DEFAULT_LAYOUT);
  }

  #setLongest(name: ColumnName, characters: number): void {
    this.#longest.set(name, characters);
    this.#grid.style.setProperty(`--${name}`, String(characters));
  }

  #change(layout: ColumnLayout): void {
    this.#layout = layout;
    this.#apply();
    this.#changed(layout);
  }

  #apply(): void {
    const { style, dataset } = this.#grid;
    style.setProperty("--wide", wideTemplate(this.#layout));
    style.setProperty("--middle", middleTemplate(this.#layout));
    dataset.hidden = this.#layout.hidden.filter((name) => !isFieldColumn(name)).join(" ");
    this.#setFields();
    // Edges are between a column and the flexible one, which gives and takes.
    const flexible = flexibleColumn(this.#layout);
    let side: 1 | -1 = 1;
    for (const name of columnsOf(this.#layout)) {
      if (name === flexible) side = -1;
      const edge = this.#edges.get(name);
      if (!edge) continue;
      edge.side = side;
      edge.element.dataset.side = side === 1 ? "right" : "left";
      edge.element.hidden = name === flexible;
    }
  }

  /** A title for each field that shows, in front of the note's. */
  #setFields(): void {
    const wanted = visibleFields(this.#layout);
    for (const [name, cell] of this.#cells) {
      if (!isFieldColumn(name)) continue;
      cell.remove();
      this.#cells.delete(name);
      this.#edges.delete(name);
    }
    const note = this.#cells.get("note");
    const cells = columnsOf(this.#layout)
      .filter(isFieldColumn)
      .filter((name) => wanted.includes(fieldOf(name)))
      .map((name, index) => this.#cell(name, COLUMN_NAMES.length + index, this.word(name)));
    note?.before(...cells);
    const count = COLUMN_NAMES.length + cells.length;
    if (note) setAttributes(note, { "aria-colindex": count });
    setAttributes(this.#grid, { "aria-colcount": count });
  }

  #cell(name: Column, index: number, word: string): HTMLElement {
    const isField = isFieldColumn(name);
    const attributes = {
      class: isField ? "value-of-field" : name,
      title: isField ? fieldOf(name) : word,
      "aria-colindex": index,
    };
    // The column of arrows is too narrow for its name.
    const text = create("span", { class: name === "direction" ? "unseen" : "title" }, word);
    const element = create("div", { role: "columnheader", ...attributes }, text);
    this.#cells.set(name, element);
    if (name !== "direction") {
      const edge = new Splitter({
        label: word,
        class: "edge",
        orientation: "vertical",
        step: 10,
        size: () => this.#width(name),
        least: () => LEAST_WIDTH,
        most: () => this.#width(name) + this.#room(),
        resize: (width) => this.#change(withWidth(this.#layout, name, width)),
      });
      this.#edges.set(name, edge);
      element.append(edge.element);
    }
    return element;
  }

  #width(name: Column | undefined): number {
    const element = name && this.#cells.get(name);
    return element?.getBoundingClientRect().width ?? 0;
  }

  /** What the flexible column can still give. */
  #room(): number {
    return Math.max(0, this.#width(flexibleColumn(this.#layout)) - 3 * LEAST_WIDTH);
  }
}

/** How many digits would be as wide. */
function textWidth(text: string): number {
  return text.length + (text.match(WIDE)?.length ?? 0);
}

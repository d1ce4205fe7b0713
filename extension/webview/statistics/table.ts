import { create, on, setAttributes } from "../parts/dom.ts";
import { numberText, t } from "../parts/l10n.ts";
import type { Column } from "./columns.ts";
import type {
  CountedTable,
  FigureName,
  Figures,
  GroupingKind,
  StatisticsLine,
} from "./protocol.ts";

/** Lines that are in the page at once: nobody reads on, and a page of thousands is slow. */
export const MOST_SHOWN = 500;
/** The column of names. */
const NAME = "name";
type SortedBy = FigureName | typeof NAME;

export interface Order {
  readonly by: SortedBy;
  readonly isDescending: boolean;
}

export interface TableEvents {
  /** A line was chosen: the grid is to show it. */
  chosen(line: StatisticsLine): void;
  ordered(order: Order): void;
  /** The lines are wanted elsewhere. */
  copied(): void;
}

/** A line that is drawn. */
interface DrawnLine {
  line: StatisticsLine;
  readonly element: HTMLTableRowElement;
  readonly name: HTMLElement;
  readonly cells: HTMLElement[];
}

/** The table: sorted, with one line that keys go to. What has not changed is not touched. */
export class Table {
  readonly element = create("div", { class: "table-area" });
  readonly #table = create("table", { class: "table", role: "grid" });
  readonly #head = create("thead");
  readonly #body = create("tbody");
  readonly #foot = create("tfoot");
  readonly #rest = create("p", { class: "rest", hidden: true });
  readonly #events: TableEvents;
  #lines = new Map<string, DrawnLine>();
  #columns: readonly Column[] = [];
  #headText = "";
  #order: Order;
  #counted: CountedTable | undefined;
  /** The line that keys go to. */
  #active: string | undefined;

  constructor(order: Order, events: TableEvents) {
    this.#order = order;
    this.#events = events;
    this.#table.append(this.#head, this.#body, this.#foot);
    this.element.append(this.#table, this.#rest);
    on(this.#body, "keydown", (event) => this.#keyDown(event));
    on(this.#body, "click", (event) => {
      const row = event.target instanceof Element ? event.target.closest("tr") : undefined;
      const key = row?.dataset.key;
      if (key !== undefined) this.#choose(key);
    });
  }

  /** Places of the lines as they stand, in the table that was told. */
  get order(): number[] {
    return this.#sorted().map(({ index }) => index);
  }

  show(counted: CountedTable, columns: readonly Column[]): void {
    this.#counted = counted;
    this.#columns = columns;
    this.#draw();
  }

  #draw(): void {
    const counted = this.#counted;
    if (!counted) return;
    this.#drawHead(counted.question.by, counted.question.field);
    const sorted = this.#sorted();
    const shown = sorted.slice(0, MOST_SHOWN);
    const lines = new Map(
      shown.map(({ line }) => {
        const key = keyOf(line);
        const drawn = this.#lines.get(key) ?? this.#newLine(key, line);
        this.#update(drawn, line);
        return [key, drawn] as const;
      }),
    );
    this.#lines = lines;
    if (this.#active === undefined || !lines.has(this.#active)) {
      this.#active = lines.keys().next().value;
    }
    this.#place([...lines.values()].map(({ element }) => element));
    this.#mark();
    this.#drawFoot(counted);
    this.#rest.hidden = sorted.length <= MOST_SHOWN;
    this.#rest.textContent = t(
      "The first {0} of {1} are shown: sort them in another way, or filter, to see the others.",
      MOST_SHOWN,
      sorted.length,
    );
  }

  /** Puts the rows into their order; one that stands where it should is left alone, with the focus in it. */
  #place(rows: readonly HTMLElement[]): void {
    for (const [index, row] of rows.entries()) {
      const there = this.#body.children[index];
      if (there !== row) this.#body.insertBefore(row, there ?? null);
    }
    while (this.#body.children.length > rows.length) this.#body.lastElementChild?.remove();
  }

  #sorted(): { readonly line: StatisticsLine; readonly index: number }[] {
    const { by, isDescending } = this.#order;
    const lines = (this.#counted?.lines ?? []).map((line, index) => ({ line, index }));
    const sign = isDescending ? -1 : 1;
    const byName = (a: StatisticsLine, b: StatisticsLine) => compareNames(keyOf(a), keyOf(b));
    return lines.sort(({ line: a }, { line: b }) => {
      if (by === NAME) return sign * byName(a, b);
      const [one, other] = [a.figures[by], b.figures[by]];
      // What is not known comes last, whichever way.
      if (one === undefined || other === undefined) {
        return Number(one === undefined) - Number(other === undefined) || byName(a, b);
      }
      return sign * (one - other) || byName(a, b);
    });
  }

  #drawHead(by: GroupingKind, field: string): void {
    const first = headOf(by, field);
    const text = JSON.stringify([first, this.#columns, this.#order]);
    if (text === this.#headText) return;
    this.#headText = text;
    const focused = this.#head.querySelector<HTMLElement>("button:focus")?.dataset.name;
    const groups: HTMLElement[] = [create("td", { class: "name" })];
    for (let index = 0; index < this.#columns.length; ) {
      const { group = "" } = this.#columns[index] ?? {};
      const start = index;
      do index++;
      while (group !== "" && this.#columns[index]?.group === group);
      const span = { colspan: index - start };
      groups.push(
        group === "" ? create("td", span) : create("th", { scope: "colgroup", ...span }, group),
      );
    }
    this.#head.replaceChildren(
      create("tr", {}, ...groups),
      create(
        "tr",
        {},
        this.#headCell(NAME, first, first),
        ...this.#columns.map(({ name, title, meaning }) => this.#headCell(name, title, meaning)),
      ),
    );
    if (focused === undefined) return;
    const again = [...this.#head.querySelectorAll("button")];
    again.find((button) => button.dataset.name === focused)?.focus();
  }

  #headCell(name: SortedBy, title: string, meaning: string): HTMLElement {
    const { by, isDescending } = this.#order;
    const sorted = by === name ? (isDescending ? "descending" : "ascending") : undefined;
    const label = { title: meaning, ...(meaning !== title && { "aria-label": meaning }) };
    const button = create("button", { type: "button", "data-name": name, ...label }, title);
    on(button, "click", () => this.#sortBy(name));
    const attributes = { scope: "col", "aria-sort": sorted, class: name === NAME ? "name" : "" };
    return create("th", attributes, button);
  }

  #sortBy(by: SortedBy): void {
    const isAgain = this.#order.by === by;
    this.#order = { by, isDescending: isAgain ? !this.#order.isDescending : by !== NAME };
    this.#events.ordered(this.#order);
    this.#draw();
  }

  #newLine(key: string, line: StatisticsLine): DrawnLine {
    const name = create("th", { scope: "row", class: "name" });
    const element = create("tr", { "data-key": key, tabindex: -1 }, name);
    return { line, element, name, cells: [] };
  }

  #update(drawn: DrawnLine, line: StatisticsLine): void {
    drawn.line = line;
    setText(drawn.name, nameText(line));
    drawn.name.classList.toggle("none", line.name === "");
    while (drawn.cells.length < this.#columns.length) {
      const cell = create("td");
      drawn.cells.push(cell);
      drawn.element.append(cell);
    }
    for (const cell of drawn.cells.splice(this.#columns.length)) cell.remove();
    showFigures(drawn.cells, this.#columns, line.figures);
  }

  #drawFoot({ lines, others, total, question }: CountedTable): void {
    const rows: HTMLElement[] = [];
    if (others) rows.push(this.#footRow(t("others, counted together"), others));
    const known: Figures = {
      share: total.datagrams > 0 ? 1 : 0,
      duplicates: total.duplicates,
      ...(question.by === "field" && {
        forward: total.datagrams,
        bytesForward: total.bytes,
        lostForward: total.lost,
      }),
      ...(question.by === "conversation" &&
        sums(
          others
            ? [...lines.map(({ figures }) => figures), others]
            : lines.map(({ figures }) => figures),
        )),
    };
    rows.push(this.#footRow(totalText(question.by, lines.length), known));
    this.#foot.replaceChildren(...rows);
  }

  #footRow(name: string, figures: Figures): HTMLElement {
    const cells = this.#columns.map(() => create("td"));
    for (const [index, { name: figure, text }] of this.#columns.entries()) {
      const value = figures[figure];
      if (value !== undefined) cells[index]?.append(text(value));
    }
    return create("tr", {}, create("th", { scope: "row", class: "name" }, name), ...cells);
  }

  #mark(): void {
    for (const [key, { element }] of this.#lines) {
      const isActive = key === this.#active;
      setAttributes(element, { tabindex: isActive ? 0 : -1, "aria-selected": isActive });
    }
  }

  #choose(key: string): void {
    this.#active = key;
    this.#mark();
    const drawn = this.#lines.get(key);
    if (!drawn) return;
    drawn.element.focus();
    this.#events.chosen(drawn.line);
  }

  #keyDown(event: KeyboardEvent): void {
    const keys = [...this.#lines.keys()];
    const at = keys.indexOf(this.#active ?? "");
    const go = (index: number) => {
      this.#active = keys[Math.max(0, Math.min(index, keys.length - 1))];
      this.#mark();
      const { element } = this.#lines.get(this.#active ?? "") ?? {};
      element?.focus();
      element?.scrollIntoView({ block: "nearest" });
    };
    const isCopy = event.key === "c" && (event.ctrlKey || event.metaKey);
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "PageDown") go(at + 10);
    else if (event.key === "PageUp") go(at - 10);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(keys.length - 1);
    else if (event.key === "F8") go(this.#nextLost(keys, at, event.shiftKey ? -1 : 1));
    else if (event.key === "Enter" && keys[at] !== undefined) this.#choose(keys[at]);
    else if (isCopy && String(getSelection()) === "") this.#events.copied();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The next line with something lost, going round at the end; the same where there is none. */
  #nextLost(keys: readonly string[], at: number, by: number): number {
    for (let step = 1; step <= keys.length; step++) {
      const index = (at + by * step + keys.length * step) % keys.length;
      const { lostForward = 0, lostBack = 0 } =
        this.#lines.get(keys[index] ?? "")?.line.figures ?? {};
      if (lostForward + lostBack > 0) return index;
    }
    return at;
  }
}

function showFigures(
  cells: readonly HTMLElement[],
  columns: readonly Column[],
  figures: Figures,
): void {
  for (const [index, { name, text, isBad }] of columns.entries()) {
    const cell = cells[index];
    const figure = figures[name];
    if (!cell) continue;
    setText(cell, figure === undefined ? "–" : text(figure));
    cell.classList.toggle("bad", isBad === true && figure !== undefined && figure > 0);
    cell.classList.toggle("dim", figure === undefined || figure === 0);
  }
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function keyOf({ name, peer = "" }: StatisticsLine): string {
  return `${name} ${peer}`;
}

function nameText({ name, peer, figures }: StatisticsLine): string {
  if (peer !== undefined) return `${name} ${(figures.back ?? 0) > 0 ? "↔" : "→"} ${peer}`;
  return name === "" ? t("no such field") : name;
}

/** Numbers in names by their value: port 80 before port 443. */
function compareNames(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

function headOf(by: GroupingKind, field: string): string {
  switch (by) {
    case "conversation":
      return t("Between");
    case "endpoint":
      return t("Endpoint");
    case "port":
      return t("Port");
    case "field":
      return field;
  }
}

function totalText(by: GroupingKind, count: number): string {
  const number = numberText(count);
  switch (by) {
    case "conversation":
      return count === 1 ? t("1 conversation") : t("{0} conversations", number);
    case "endpoint":
      return count === 1 ? t("1 endpoint") : t("{0} endpoints", number);
    case "port":
      return count === 1 ? t("1 port") : t("{0} ports", number);
    case "field":
      return count === 1 ? t("1 value") : t("{0} values", number);
  }
}

/** Over conversations each datagram is counted once. */
function sums(all: readonly Figures[]): Figures {
  const names = [
    "forward",
    "back",
    "bytesForward",
    "bytesBack",
    "lostForward",
    "lostBack",
  ] as const;
  return Object.fromEntries(
    names.map((name) => [name, all.reduce((sum, figures) => sum + (figures[name] ?? 0), 0)]),
  );
}

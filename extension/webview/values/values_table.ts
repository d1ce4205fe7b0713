import { create, on, setAttributes } from "../parts/dom.ts";
import { t } from "../parts/l10n.ts";
import { type LineStyle, lineColor } from "./line_style.ts";
import { ageText, rateText, shortNumber } from "./number_format.ts";
import type { PlotLine, ValueLine } from "./protocol.ts";

/** The columns that a person can sort by. */
const SORTS = ["sender", "field", "latest", "age", "rate", "min", "max", "mean"] as const;
type Sort = (typeof SORTS)[number];
const MOST_SPARKS = 200;
const SVG = "http://www.w3.org/2000/svg";
const SPARK = { width: 130, height: 18 };

export interface ValuesTableEvents {
  /** These are to be drawn. */
  chosen(keys: readonly string[]): void;
}

/** One row for each sender and field, kept in its place: what changes is only written where it is. */
export class ValuesTable {
  readonly element = create("div", { class: "values", role: "region", tabindex: 0 });
  readonly #events: ValuesTableEvents;
  readonly #body = create("tbody");
  readonly #headings = new Map<Sort, HTMLTableCellElement>();
  readonly #rows = new Map<string, ValueRow>();
  readonly #search: HTMLInputElement;
  readonly #none = create("p", { class: "none" });
  #lines: readonly ValueLine[] = [];
  #sort: { readonly by: Sort; readonly isDown: boolean } = { by: "sender", isDown: false };
  #chosen: readonly string[] = [];

  constructor(events: ValuesTableEvents) {
    this.#events = events;
    setAttributes(this.element, { "aria-label": t("Values") });
    this.#search = create("input", {
      type: "search",
      class: "search",
      placeholder: t("Find a field"),
      "aria-label": t("Find a field"),
      spellcheck: false,
    });
    on(this.#search, "input", () => this.#arrange());
    const names: Readonly<Record<Sort, string>> = {
      ...{ sender: t("Sender"), field: t("Field"), latest: t("Latest"), age: t("Age") },
      ...{ rate: t("Rate"), min: t("Min"), max: t("Max"), mean: t("Mean") },
    };
    const heads = SORTS.map((sort) => {
      const button = create("button", { type: "button" }, names[sort]);
      on(button, "click", () => this.#sortBy(sort));
      const isText = sort === "sender" || sort === "field";
      const heading = create(
        "th",
        { scope: "col", class: `${sort}${isText ? "" : " num"}` },
        button,
      );
      this.#headings.set(sort, heading);
      return heading;
    });
    const drawn = create("th", { scope: "col", class: "check" });
    drawn.append(create("span", { class: "unseen" }, t("Plot")));
    const spark = create("th", { scope: "col", class: "spark" }, t("Last 2 min"));
    const table = create(
      "table",
      { "aria-label": t("Values") },
      create("thead", {}, create("tr", {}, drawn, ...heads, spark)),
      this.#body,
    );
    this.element.append(table, this.#none);
    this.#showSort();
  }

  /** Finds fields by their names. */
  get search(): HTMLElement {
    return this.#search;
  }

  /** Whose small lines are in sight. */
  get sparks(): readonly string[] {
    const { scrollTop, clientHeight } = this.element;
    const keys: string[] = [];
    for (const [key, { element }] of this.#rows) {
      if (element.hidden || keys.length >= MOST_SPARKS) continue;
      const { offsetTop, offsetHeight } = element;
      if (offsetTop + offsetHeight < scrollTop || offsetTop > scrollTop + clientHeight) continue;
      keys.push(key);
    }
    return keys;
  }

  show(
    lines: readonly ValueLine[],
    sparks: readonly PlotLine[],
    now: number,
    styles: ReadonlyMap<string, LineStyle>,
    chosen: readonly string[],
  ): void {
    const names = lines.map(({ key }) => key).join("\n");
    const areOthers = names !== this.#lines.map(({ key }) => key).join("\n");
    this.#lines = lines;
    this.#chosen = chosen;
    const curves = new Map(sparks.map(({ key, curve }) => [key, curve]));
    const left = new Set(this.#rows.keys());
    for (const line of lines) {
      left.delete(line.key);
      const row = this.#rows.get(line.key) ?? this.#make(line.key);
      row.show(line, now, styles.get(line.key), chosen.includes(line.key), curves.get(line.key));
    }
    for (const key of left) {
      this.#rows.get(key)?.element.remove();
      this.#rows.delete(key);
    }
    const isStill = this.#sort.by === "sender" || this.#sort.by === "field";
    if (areOthers || !isStill) this.#arrange();
    this.#none.textContent = lines.length === 0 ? t("No datagram that passes says a number.") : "";
    this.#none.hidden = lines.length > 0;
  }

  /** Ages go on while nothing comes. */
  tick(now: number): void {
    for (const line of this.#lines) this.#rows.get(line.key)?.showAge(now - line.time);
  }

  #make(key: string): ValueRow {
    const row = new ValueRow((isDrawn) => {
      const others = this.#chosen.filter((one) => one !== key);
      this.#events.chosen(isDrawn ? [...others, key] : others);
    });
    this.#rows.set(key, row);
    return row;
  }

  #sortBy(by: Sort): void {
    this.#sort = { by, isDown: this.#sort.by === by && !this.#sort.isDown };
    this.#showSort();
    this.#arrange();
  }

  #showSort(): void {
    const { by, isDown } = this.#sort;
    for (const [sort, heading] of this.#headings) {
      const direction = isDown ? "descending" : "ascending";
      setAttributes(heading, { "aria-sort": sort === by ? direction : undefined });
    }
  }

  /** Rows in their order, and only those that are looked for; who is in the right place is not touched. */
  #arrange(): void {
    const wanted = this.#search.value.trim().toLowerCase();
    const { by, isDown } = this.#sort;
    const sorted = [...this.#lines];
    if (by !== "sender")
      sorted.sort((one, other) => compare(sortValue(one, by), sortValue(other, by)));
    if (isDown) sorted.reverse();
    let place = this.#body.firstElementChild;
    for (const { key, sender, field } of sorted) {
      const element = this.#rows.get(key)?.element;
      if (!element) continue;
      element.hidden = !`${sender} ${field}`.toLowerCase().includes(wanted);
      if (element === place) place = place.nextElementSibling;
      else this.#body.insertBefore(element, place);
    }
  }
}

function sortValue(line: ValueLine, by: Sort): string | number {
  switch (by) {
    case "sender":
      return line.sender;
    case "field":
      return line.field;
    case "latest":
      return Number.parseFloat(line.latest);
    case "age":
      return -line.time;
    case "rate":
      return line.rate;
    default:
      return line.summary[by];
  }
}

/** What is no number comes last. */
function compare(one: string | number, other: string | number): number {
  if (typeof one === "string" || typeof other === "string")
    return String(one) < String(other) ? -1 : 1;
  if (Number.isNaN(one) || Number.isNaN(other))
    return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
  return one - other;
}

class ValueRow {
  readonly element = create("tr");
  readonly #box = create("input", { type: "checkbox" });
  readonly #mark = create("span", { class: "mark", "aria-hidden": true });
  readonly #cells = new Map<string, HTMLElement>();
  readonly #polyline = document.createElementNS(SVG, "polyline");
  #spark: Float64Array | undefined;

  constructor(toggled: (isDrawn: boolean) => void) {
    on(this.#box, "change", () => toggled(this.#box.checked));
    this.element.append(
      create("td", { class: "check" }, create("label", {}, this.#box, this.#mark)),
    );
    for (const name of SORTS) {
      const isText = name === "sender" || name === "field";
      const cell = create("td", { class: isText ? name : `${name} num` });
      this.#cells.set(name, cell);
      this.element.append(cell);
    }
    const svg = document.createElementNS(SVG, "svg");
    const { width, height } = SPARK;
    setAttributes(svg, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": true });
    svg.append(this.#polyline);
    const cell = create("td", { class: "spark" });
    cell.append(svg);
    this.element.append(cell);
  }

  show(
    line: ValueLine,
    now: number,
    style: LineStyle | undefined,
    isDrawn: boolean,
    spark: Float64Array | undefined,
  ): void {
    const { sender, field, latest, unit, rate, summary } = line;
    const label = t("Plot {0} of {1}", field, sender);
    if (this.#box.getAttribute("aria-label") !== label)
      setAttributes(this.#box, { "aria-label": label });
    if (this.#box.checked !== isDrawn) this.#box.checked = isDrawn;
    const color = style && isDrawn ? lineColor(style) : "";
    this.#mark.style.background = color;
    this.#polyline.style.stroke = color;
    this.#write("sender", sender);
    this.#write("field", field);
    const number = Number(latest);
    const shown = Number.isFinite(number) ? shortNumber(number, 6) : latest;
    this.#write("latest", unit === "" ? shown : `${shown} ${unit}`);
    this.#write("rate", rateText(rate));
    this.#write("min", shortNumber(summary.min));
    this.#write("max", shortNumber(summary.max));
    this.#write("mean", line.isCounter ? "–" : shortNumber(summary.mean));
    this.showAge(now - line.time);
    const notes = notesOf(line);
    if (this.element.title !== notes) this.element.title = notes;
    this.element.classList.toggle("special", notes !== "");
    if (spark && spark !== this.#spark) this.#drawSpark(spark);
  }

  showAge(micros: number): void {
    this.#write("age", ageText(micros));
  }

  #write(name: string, text: string): void {
    const cell = this.#cells.get(name);
    if (cell && cell.textContent !== text) cell.textContent = text;
  }

  #drawSpark(curve: Float64Array): void {
    this.#spark = curve;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (const value of curve) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const { width, height } = SPARK;
    const points: string[] = [];
    for (const [index, value] of curve.entries()) {
      if (Number.isNaN(value)) continue;
      const y = max > min ? 1 - (value - min) / (max - min) : 0.5;
      points.push(
        `${((index / curve.length) * width).toFixed(1)},${(1 + y * (height - 2)).toFixed(1)}`,
      );
    }
    setAttributes(this.#polyline, { points: points.join(" ") });
  }
}

/** What is said of a field's numbers that are not told by others. */
function notesOf({ summary, isCounter }: ValueLine): string {
  const { nan, infinite, inexact } = summary;
  return [
    isCounter ? t("Counts the datagrams: what is missing is told by it.") : "",
    nan > 0 ? t("{0} samples are not a number (NaN).", nan) : "",
    infinite > 0 ? t("{0} samples are infinite.", infinite) : "",
    inexact > 0 ? t("{0} samples are beyond 2^53: their last digits are not exact.", inexact) : "",
  ]
    .filter((note) => note !== "")
    .join("\n");
}

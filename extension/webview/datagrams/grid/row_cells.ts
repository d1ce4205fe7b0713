import { create, setAttributes } from "../../parts/dom.ts";
import {
  formatDate,
  formatFullTime,
  formatHour,
  formatMinute,
  formatSeconds,
} from "../../parts/time_format.ts";
import type { DatagramRow } from "../protocol.ts";
import { COLUMN_NAMES, type ColumnName } from "./columns.ts";
import type { RowStyle } from "./row_style.ts";

/** A cell in its column. */
export function cell(column: ColumnName, ...children: Node[]): HTMLElement {
  const index = COLUMN_NAMES.indexOf(column) + 1;
  const attributes = { class: column, role: "gridcell", "aria-colindex": index };
  return create("div", attributes, ...children);
}

/** A cell in the column of a field, the first of which stands in the place of the note. */
export function fieldCell(index: number): HTMLElement {
  const column = COLUMN_NAMES.length + index;
  return create("div", { class: "value-of-field", role: "gridcell", "aria-colindex": column });
}

/** What the cell shows in short, in full: under the pointer and for a screen reader. */
export function label(element: HTMLElement, text: string): void {
  element.title = text;
  setAttributes(element, { "aria-label": text });
}

/** `127.0.0.1:9999` in two parts, because where there is little room the address goes and the port stays. */
export class EndpointCell {
  readonly element: HTMLElement;
  readonly #address = create("span", { class: "address" });
  readonly #port = create("span", { class: "port" });

  constructor(column: ColumnName) {
    this.element = cell(column, this.#address, this.#port);
  }

  show(endpoint: string): void {
    const colon = endpoint.lastIndexOf(":");
    this.#address.textContent = endpoint.slice(0, Math.max(0, colon));
    this.#port.textContent = endpoint.slice(colon + 1);
    label(this.element, endpoint);
  }
}

/**
 * The time of day in parts: the date shows where the capture is of another day, and the hour goes where there is little
 * room; or a span of time.
 */
export class TimeCell {
  readonly element: HTMLElement;
  readonly #style: RowStyle;
  readonly #date = create("span", { class: "date" });
  readonly #hour = create("span", { class: "hour" });
  readonly #rest = create("span");

  constructor(style: RowStyle) {
    this.#style = style;
    this.element = cell("time", this.#date, this.#hour, this.#rest);
  }

  show(row: DatagramRow | undefined): void {
    const { timeMode, start, hasDates } = this.#style;
    const full = row ? formatFullTime(row.time) : "…";
    label(this.element, full);
    this.element.classList.toggle("seconds", timeMode !== "absolute");
    const hasHour = row !== undefined && timeMode === "absolute";
    this.#date.textContent = hasHour && hasDates ? `${formatDate(row.time)} ` : "";
    this.#hour.textContent = hasHour ? formatHour(row.time) : "";
    if (!row) {
      this.#rest.textContent = "…";
    } else if (timeMode === "absolute") {
      this.#rest.textContent = formatMinute(row.time);
    } else {
      const seconds = formatSeconds(timeMode === "relative" ? row.time - start : row.delta);
      this.#rest.textContent = seconds;
      setAttributes(this.element, { "aria-label": `${seconds.replace("\u00a0", "")} s` });
    }
  }
}

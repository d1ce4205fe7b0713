import { type Geometry, visibleRows } from "./geometry.ts";
import type { RowStore } from "./row_store.ts";
import type { RowStyle } from "./row_style.ts";
import { RowView } from "./row_view.ts";
import type { Selection } from "./selection.ts";

/** The elements of the rows in view: as many as fit, used again and again, in the order in which they are read. */
export class RowPool {
  readonly #parent: HTMLElement;
  readonly #style: RowStyle;
  #views: RowView[] = [];

  constructor(parent: HTMLElement, style: RowStyle) {
    this.#parent = parent;
    this.#style = style;
  }

  /** Whether any row is. */
  get isDrawn(): boolean {
    return this.#views.length > 0;
  }

  /** The first position after those drawn. */
  get end(): number {
    return (this.#views.at(-1)?.position ?? -1) + 1;
  }

  /** The uppermost row that is wholly in view, and where it was drawn; undefined while it is not known. */
  get topRow(): { readonly id: number; readonly position: number } | undefined {
    const view = this.#views.find(({ y }) => y >= 0);
    return view?.id === undefined ? undefined : { id: view.id, position: view.position };
  }

  /** Draws the rows in view at `top`. */
  draw(geometry: Geometry, top: number, rows: RowStore, selection: Selection): void {
    const { rowHeight } = geometry;
    const { first, end } = visibleRows(geometry, top);
    this.#resize(end - first);
    this.#rotate(first - (this.#views[0]?.position ?? 0));
    const offset = Math.round(first * rowHeight - top);
    for (const [index, view] of this.#views.entries()) {
      const position = first + index;
      const row = rows.at(position);
      const selected = selection.has(position, row?.id);
      view.show(position, offset + index * rowHeight, row, selected);
      view.isActive = position === selection.position;
    }
  }

  /** So many rows are gone from the front of the list: those drawn are that much nearer to it. */
  removedFromFront(count: number): void {
    for (const view of this.#views) view.position -= count;
  }

  at(position: number): RowView | undefined {
    return this.#views.find((view) => view.position === position);
  }

  /** The position of the row that an event happened in. */
  positionOf(target: EventTarget | null): number | undefined {
    return this.#views.find(({ element }) => target instanceof Node && element.contains(target))
      ?.position;
  }

  #resize(count: number): void {
    for (const { element } of this.#views.splice(count)) element.remove();
    while (this.#views.length < count) {
      const view = new RowView(this.#style);
      this.#views.push(view);
      this.#parent.append(view.element);
    }
  }

  /** Scrolling by a few rows leaves the others as they are. */
  #rotate(by: number): void {
    if (by === 0 || Math.abs(by) >= this.#views.length) return;
    const split = by > 0 ? by : this.#views.length + by;
    const [before, after] = [this.#views.slice(0, split), this.#views.slice(split)];
    this.#views = [...after, ...before];
    if (by > 0) this.#parent.append(...before.map(({ element }) => element));
    else this.#parent.prepend(...after.map(({ element }) => element));
  }
}

import { RowRuns, type Run } from "./row_runs.ts";
import type { RowStore } from "./row_store.ts";

/**
 * The active row, and the selected ones: mostly that one alone. The active row's id says which one it is, its
 * position where it was seen last. While a row that was selected by position (with the End key, say) is still on
 * its way, it has no id yet. Of several rows only positions are known; they go where the active row goes.
 */
export class Selection {
  #id: number | undefined;
  #position: number | undefined;
  /** Where a selection of several rows began. */
  #anchor: number | undefined;
  /** Undefined while only the active row is selected. */
  #several: RowRuns | undefined;

  /** `id`: of the row that was selected in an earlier life of the page. */
  constructor(id?: number) {
    this.#id = id;
  }

  /** Of the active row, as is its position. */
  get id(): number | undefined {
    return this.#id;
  }

  /** Undefined where no row is active, or nobody has said yet where it is. */
  get position(): number | undefined {
    return this.#position;
  }

  get isEmpty(): boolean {
    return this.#id === undefined && this.#position === undefined;
  }

  get runs(): readonly Run[] {
    if (this.#several) return this.#several.runs;
    return this.#position === undefined ? [] : [[this.#position, this.#position]];
  }

  get count(): number {
    return this.#several?.count ?? (this.isEmpty ? 0 : 1);
  }

  /** Whether what is drawn at a position, with this id if it is known, is selected. */
  has(position: number, id: number | undefined): boolean {
    if (this.#several) return this.#several.has(position);
    return this.#id === undefined ? this.#position === position : this.#id === id;
  }

  /** Selects what is shown at a position, and nothing else. */
  select(position: number, rows: RowStore): void {
    this.#activate(position, rows);
    this.#anchor = position;
    this.#several = undefined;
  }

  /** Selects the row with this id, which is at a position, and nothing else. */
  selectRow(id: number, position: number): void {
    this.#id = id;
    this.#position = position;
    this.collapse();
  }

  /** Selects all from where the selection began to a position. */
  extend(position: number, rows: RowStore): void {
    const anchor = this.#anchor ?? this.#position ?? position;
    this.#activate(position, rows);
    this.#anchor = anchor;
    this.#several = anchor === position ? undefined : RowRuns.between(anchor, position);
  }

  /** Selects a position, too, or takes it away. */
  toggle(position: number, rows: RowStore): void {
    const [first = position, last = first] = this.runs[0] ?? [];
    const before = this.#several ?? (this.isEmpty ? undefined : RowRuns.between(first, last));
    if (!before) {
      this.select(position, rows);
      return;
    }
    this.#several = before.toggled(position);
    this.#activate(position, rows);
    this.#anchor = position;
  }

  selectAll(rows: RowStore): void {
    if (rows.total === 0) return;
    if (this.#position === undefined) this.#activate(0, rows);
    this.#anchor = 0;
    this.#several = RowRuns.between(0, rows.total - 1);
  }

  /** Only the active row stays selected. */
  collapse(): void {
    this.#several = undefined;
    this.#anchor = this.#position;
  }

  /** New rows are known: true where the active row's id was among them and had been waited for. */
  rowsChanged(rows: RowStore): boolean {
    if (this.#id !== undefined) {
      this.#moveTo(rows.positionOf(this.#id) ?? this.#position);
      return false;
    }
    if (this.#position === undefined) return false;
    this.#id = rows.at(this.#position)?.id;
    return this.#id !== undefined;
  }

  /** The host said where a row is; undefined where it is gone. */
  located(id: number, position: number | undefined): void {
    if (id !== this.#id) return;
    if (position === undefined) this.clear();
    else this.#moveTo(position);
  }

  /** So many rows are gone from the front, and the capture has so many left. */
  captureChanged(total: number, removedFromFront: number): void {
    if (removedFromFront > 0 && this.#position !== undefined) {
      if (this.#position < removedFromFront) this.clear();
      else this.#moveTo(this.#position - removedFromFront);
    }
    this.#several = this.#several?.upTo(total);
  }

  clear(): void {
    this.#id = undefined;
    this.#position = undefined;
    this.collapse();
  }

  #activate(position: number, rows: RowStore): void {
    this.#position = position;
    this.#id = rows.at(position)?.id;
  }

  #moveTo(position: number | undefined): void {
    const by = (position ?? 0) - (this.#position ?? position ?? 0);
    this.#position = position;
    if (by === 0) return;
    this.#several = this.#several?.shifted(by);
    if (this.#anchor !== undefined) this.#anchor = Math.max(0, this.#anchor + by);
  }
}

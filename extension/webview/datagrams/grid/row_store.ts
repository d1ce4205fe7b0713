import type { DatagramRow } from "../protocol.ts";
import type { RowRange } from "./geometry.ts";

interface KnownRow {
  readonly row: DatagramRow;
  /** The capture changed here since: still shown, but asked for again. */
  stale: boolean;
}

/** What to ask the host for. */
export interface RowsWanted {
  readonly first: number;
  readonly count: number;
}

/** Rows that are kept beyond those in view. */
const KEEP = 1000;
const MOST_ASKED = 500;

/**
 * The rows that the page knows, by their position in the capture, and what it has to ask for. One question is
 * under way at a time: the host is never asked faster than it answers, however fast somebody scrolls.
 */
export class RowStore {
  #rows = new Map<number, KnownRow>();
  #total = 0;
  #asked: RowsWanted | undefined;
  /** The first position that changed since the question under way was asked. */
  #changedSinceAsked = Number.POSITIVE_INFINITY;
  /** Since then the list became another one: nobody can say which positions the answer means. */
  #isAnswerVoid = false;
  /** From here on the host had no rows when it was asked last. */
  #absentFrom = Number.POSITIVE_INFINITY;

  /** Rows in the capture. */
  get total(): number {
    return this.#total;
  }

  /** The row at a position from 0, as it was when the host told it; undefined until then. */
  at(position: number): DatagramRow | undefined {
    return this.#rows.get(position)?.row;
  }

  /** The position of a row that is known here and has not moved since. */
  positionOf(id: number): number | undefined {
    for (const [position, { row, stale }] of this.#rows) {
      if (row.id === id && !stale) return position;
    }
    return undefined;
  }

  /** How many rows of a range are not known at all. */
  missing({ first, end }: RowRange): number {
    let count = 0;
    for (let position = first; position < end; position++) {
      if (!this.#rows.has(position)) count++;
    }
    return count;
  }

  /** Other rows from now on: nothing is known of them. */
  clear(): void {
    this.#rows.clear();
    this.#isAnswerVoid = this.#asked !== undefined;
  }

  /** So many rows are gone from the front; all others keep their order. */
  removedFromFront(count: number): void {
    const entries = [...this.#rows].map(([position, row]) => [position - count, row] as const);
    this.#rows = new Map(entries.filter(([position]) => position >= 0));
    this.#total = Math.max(0, this.#total - count);
    this.#isAnswerVoid = this.#asked !== undefined;
  }

  /** The capture has so many rows now; those from `firstChanged` on are new or elsewhere than before. */
  captureChanged(total: number, firstChanged: number): void {
    this.#total = total;
    this.#absentFrom = Number.POSITIVE_INFINITY;
    this.#changedSinceAsked = Math.min(this.#changedSinceAsked, firstChanged);
    for (const [position, known] of this.#rows) {
      if (position >= total) this.#rows.delete(position);
      else if (position >= firstChanged) known.stale = true;
    }
  }

  /**
   * The question to ask for a view of these rows, or undefined where there is none (yet). Asks for a view's
   * length on either side, too, and asks again before that is used up. The caller must ask it.
   */
  ask(view: RowRange): RowsWanted | undefined {
    if (this.#asked) return undefined;
    const length = view.end - view.first;
    if (this.#gap(this.#around(view, Math.ceil(length / 2))) === undefined) return undefined;
    const gap = this.#gap(this.#around(view, length));
    if (!gap) return undefined;
    const count = Math.min(gap.end - gap.first, MOST_ASKED);
    this.#asked = { first: gap.first, count };
    this.#changedSinceAsked = Number.POSITIVE_INFINITY;
    return this.#asked;
  }

  /** The host answered. Keeps only rows near the view. */
  answered(first: number, rows: readonly DatagramRow[], view: RowRange): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (this.#isAnswerVoid) {
      this.#isAnswerVoid = false;
      return;
    }
    for (const [index, row] of rows.entries()) {
      const position = first + index;
      if (position >= this.#total) break;
      this.#rows.set(position, { row, stale: position >= this.#changedSinceAsked });
    }
    const told = first + rows.length;
    const changed = Number.isFinite(this.#changedSinceAsked);
    if (asked && !changed && told < asked.first + asked.count) this.#absentFrom = told;
    for (const position of this.#rows.keys()) {
      const near = position >= view.first - KEEP && position < view.end + KEEP;
      const answer = position >= first && position < told;
      if (!near && !answer) this.#rows.delete(position);
    }
  }

  #around({ first, end }: RowRange, rows: number): RowRange {
    return { first: Math.max(0, first - rows), end: Math.min(end + rows, this.#total) };
  }

  /** The smallest range that holds every row to ask for. */
  #gap(range: RowRange): RowRange | undefined {
    let first = -1;
    let last = -1;
    for (let position = range.first; position < range.end; position++) {
      if (position >= this.#absentFrom) break;
      const known = this.#rows.get(position);
      if (known && !known.stale) continue;
      if (first < 0) first = position;
      last = position;
    }
    return first < 0 ? undefined : { first, end: last + 1 };
  }
}

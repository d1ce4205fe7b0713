import type { Capture } from "./capture.ts";
import { OwnRows } from "./own_rows.ts";
import { atOnce, type Steps } from "./steps.ts";

/** Rows that are looked through at once: some milliseconds. */
const LOOKED_THROUGH_AT_ONCE = 1 << 16;

/**
 * The rows that a grid shows: the datagrams in the order of their time, without the records that are shown together
 * with another one of the same datagram, and without what a filter leaves out.
 *
 * Without a filter they are those of the capture. With one they are kept up to date from the first change on: at once, or
 * where that takes longer, by {@link updating}.
 */
export class RowList {
  readonly #capture: Capture;
  readonly #stops: readonly (() => void)[];
  /** What a filter lets through, or what is held while paused; undefined where all rows of the capture are shown. */
  #own: OwnRows | undefined;
  #accepts: ((id: number) => boolean) | undefined;
  #isPaused = false;
  /** While paused: another filter was set, and from this time on something has changed. */
  #hasOther = false;
  #missedFrom = Number.POSITIVE_INFINITY;
  /** From this time on rows may be others than at the last {@link takeFirstChanged}. */
  #changedFrom = Number.NEGATIVE_INFINITY;
  #removedFromFront = 0;

  constructor(capture: Capture) {
    this.#capture = capture;
    this.#stops = [
      capture.onChange((time) => {
        if (capture.length === 0) this.#clear();
        this.invalidate(time);
      }),
      capture.onLeave((isLeaving) => this.#leaving(isLeaving)),
    ];
  }

  /** Shows only what `accepts` lets through; all where it is undefined. */
  setFilter(accepts: ((id: number) => boolean) | undefined): void {
    this.#accepts = accepts;
    if (this.#isPaused) this.#hasOther = true;
    else this.#begin();
  }

  /** The same filter asks anew, as what it remembers may be wrong: until that is done, all stays as it is. */
  renewFilter(accepts: (id: number) => boolean): void {
    this.#accepts = accepts;
    if (!this.#hasOther) this.#own?.renew(accepts);
  }

  /** Leaves the rows as they are until it is called with false; then all that came meanwhile is there. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    if (isPaused) {
      this.#own?.catchUp();
      this.#own ??= OwnRows.all(this.#capture);
    }
    this.#isPaused = isPaused;
    if (isPaused) return;
    if (this.#hasOther) this.#begin();
    else if (!this.#accepts) this.#own = undefined;
    this.#hasOther = false;
    this.invalidate(this.#missedFrom);
    this.#missedFrom = Number.POSITIVE_INFINITY;
  }

  /** Has everything from this time on (microseconds since 1970) looked at again. */
  invalidate(time: number): void {
    if (this.#isPaused) this.#missedFrom = Math.min(this.#missedFrom, time);
    else if (this.#own) this.#own.invalidate(time);
    else this.#changedFrom = Math.min(this.#changedFrom, time);
  }

  /** True where {@link updating} has something to do. */
  get isBehind(): boolean {
    return !this.#isPaused && this.#ownNow?.isBehind === true;
  }

  /** Looks at all that has changed and is still to be looked at, in steps of some milliseconds. */
  *updating(): Steps {
    while (this.isBehind) {
      this.#own?.lookOn();
      yield;
    }
  }

  get length(): number {
    const own = this.#ownNow;
    return own ? own.length : this.#capture.rows;
  }

  /** Rows that there would be without the filter. */
  get unfiltered(): number {
    return this.#capture.rows;
  }

  /** The id of the datagram in a row from 0 to `length - 1`. */
  idAt(row: number): number {
    const own = this.#ownNow;
    return own ? own.idAt(row) : this.#capture.rowAt(row);
  }

  /** The number, from 1, that the datagram in a row would have without the filter; 0 where there is no such row. */
  numberAt(row: number): number {
    const capture = this.#capture;
    if (row >= this.length) return 0;
    if (!this.#own) return row + 1;
    const id = this.idAt(row);
    // It may have been folded meanwhile: it is shown as long as the list is paused.
    return capture.rowOf(id) + (capture.isFolded(id) ? 0 : 1);
  }

  /** The row of a datagram, or of the one that it is shown with; undefined when it is not shown. */
  rowOf(id: number): number | undefined {
    const capture = this.#capture;
    if (!capture.has(id)) return undefined;
    const shown = capture.shownWith(id);
    const own = this.#ownNow;
    const row = own ? own.placeOf(shown) : capture.rowOf(shown);
    return row < this.length && this.idAt(row) === shown ? row : undefined;
  }

  /** The first row that may be another one than at the last call, or be told otherwise. */
  takeFirstChanged(): number {
    const own = this.#ownNow;
    const from = Math.min(this.#changedFrom, own?.takeChangedFrom() ?? Number.POSITIVE_INFINITY);
    this.#changedFrom = Number.POSITIVE_INFINITY;
    return own ? own.firstFrom(from) : this.#capture.rowFrom(from);
  }

  /** How many of the first rows were cleared or given up since the last call. */
  takeRemovedFromFront(): number {
    const removed = this.#removedFromFront;
    this.#removedFromFront = 0;
    return removed;
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }

  /** What is not those of the capture, as up to date as can soon be done. */
  get #ownNow(): OwnRows | undefined {
    if (!this.#isPaused) this.#own?.catchUp();
    return this.#own;
  }

  #begin(): void {
    this.#own = this.#accepts && new OwnRows(this.#capture, this.#accepts);
    this.#changedFrom = Number.NEGATIVE_INFINITY;
  }

  /** What was cleared goes at once, also while paused: nothing may be asked about it. */
  #clear(): void {
    this.#removedFromFront += this.#own?.length ?? 0;
    this.#own?.clear();
    this.#changedFrom = Number.NEGATIVE_INFINITY;
  }

  /** The same for what is given up. */
  *#leaving(isLeaving: (id: number) => boolean): Steps<() => void> {
    const own = this.#own;
    const leave = own ? yield* own.leaving(isLeaving) : yield* this.#leavingCapture(isLeaving);
    return () => {
      this.#changedFrom = Number.NEGATIVE_INFINITY;
      if (this.#own === own) this.#removedFromFront += leave();
      // It was filtered or paused meanwhile.
      else if (this.#own) atOnce(this.#own.leaving((id) => !this.#capture.has(id)))();
    };
  }

  *#leavingCapture(isLeaving: (id: number) => boolean): Steps<() => number> {
    const { rows } = this.#capture;
    let removed = 0;
    while (removed < rows && isLeaving(this.#capture.rowAt(removed))) {
      if (++removed % LOOKED_THROUGH_AT_ONCE === 0) yield;
    }
    return () => removed;
  }
}

import type { Capture } from "./capture.ts";
import type { Steps } from "./steps.ts";

/** Rows that a filter is asked about at once, and that are looked through: some milliseconds. */
const ASKED_AT_ONCE = 1 << 13;
const LOOKED_THROUGH_AT_ONCE = 1 << 16;
/** Where no more have to be asked about, nobody has to wait for it. */
const ASKED_IN_PASSING = 1 << 16;

/** All that a filter lets through. */
const ALL = (): boolean => true;

/**
 * Rows of a capture that a list has for itself: what a filter lets through, or what is held while it is paused.
 *
 * What changes is looked at again from the earliest change on, a piece at a time: before it stands what was looked at,
 * behind it what was there before. What changes behind the last piece is looked at with the next ones, what changes
 * before it when the end is reached, so that each row has its turn however often something changes.
 */
export class OwnRows {
  readonly #capture: Capture;
  #accepts: (id: number) => boolean;
  /** Ids of those that were looked at. */
  #ids = new Uint32Array(1024);
  #looked = 0;
  /** Ids of those that stood behind before; from {@link #oldFrom} on they were not looked at again. */
  #old = new Uint32Array(0);
  #oldFrom = 0;
  /** While some are left to be looked at, the last one that was, and its time. */
  #last: { readonly id: number; readonly time: number } | undefined;
  /** From this time on they have to be looked at again then, microseconds since 1970. */
  #dirtyFrom = Number.NEGATIVE_INFINITY;
  /** From this time on they may be others than at the last {@link takeChangedFrom}. */
  #changedFrom = Number.NEGATIVE_INFINITY;
  /** Somebody finds out what is left of them. */
  #isHeld = false;

  constructor(capture: Capture, accepts: (id: number) => boolean) {
    this.#capture = capture;
    this.#accepts = accepts;
  }

  /** All rows of a capture as they are now. */
  static all(capture: Capture): OwnRows {
    const own = new OwnRows(capture, ALL);
    own.#ids = Uint32Array.from({ length: capture.rows }, (_, row) => capture.rowAt(row));
    own.#looked = own.#ids.length;
    own.#dirtyFrom = Number.POSITIVE_INFINITY;
    own.#changedFrom = Number.POSITIVE_INFINITY;
    return own;
  }

  get length(): number {
    return this.#looked + this.#old.length - this.#oldFrom;
  }

  idAt(row: number): number {
    const ids = row < this.#looked ? this.#ids : this.#old;
    const id = ids[row < this.#looked ? row : row - this.#looked + this.#oldFrom];
    if (row < this.length && id !== undefined) return id;
    throw new RangeError(`Cannot read row ${row}: there are ${this.length}`);
  }

  /** The first row that is not before `time`. */
  firstFrom(time: number): number {
    return this.#firstWhere((id) => this.#capture.time(id) >= time);
  }

  /** The first row that does not stand before a datagram. */
  placeOf(id: number): number {
    return this.#firstWhere((own) => !this.#capture.standsBefore(own, id));
  }

  /** Asks another one, which lets the same through unless something has changed. */
  renew(accepts: (id: number) => boolean): void {
    this.#accepts = accepts;
    this.invalidate(Number.NEGATIVE_INFINITY);
  }

  /** Has everything from this time on looked at again. */
  invalidate(time: number): void {
    if (this.#last && time > this.#last.time) return;
    this.#dirtyFrom = Math.min(this.#dirtyFrom, time);
  }

  /** From when on they may be others than at the last call; Infinity where they are the same. */
  takeChangedFrom(): number {
    const from = this.#changedFrom;
    this.#changedFrom = Number.POSITIVE_INFINITY;
    return from;
  }

  /** True where some are to be looked at. */
  get isBehind(): boolean {
    return this.#last !== undefined || this.#dirtyFrom < Number.POSITIVE_INFINITY;
  }

  /** Looks at all that has changed, where that is soon done. */
  catchUp(): void {
    while (this.isBehind && !this.#isHeld) {
      const first = this.#last
        ? this.#rowBehind(this.#last)
        : this.#capture.rowFrom(this.#dirtyFrom);
      if (this.#capture.rows - first > ASKED_IN_PASSING) return;
      this.lookOn(ASKED_IN_PASSING);
    }
  }

  /** Looks at the next ones, if it may. */
  lookOn(most = ASKED_AT_ONCE): void {
    if (this.#isHeld) return;
    const capture = this.#capture;
    let row = this.#last ? this.#goOn(this.#last) : this.#begin();
    const end = Math.min(capture.rows, row + most);
    for (; row < end; row++) {
      const id = capture.rowAt(row);
      if (this.#accepts(id)) this.#push(id);
    }
    if (end === capture.rows) {
      this.#last = undefined;
      this.#oldFrom = this.#old.length;
      return;
    }
    const id = capture.rowAt(end - 1);
    this.#last = { id, time: capture.time(id) };
    while (this.#oldFrom < this.#old.length && !this.#isBehindLast(id)) this.#oldFrom++;
  }

  /** Takes all of them out. */
  clear(): void {
    this.#looked = 0;
    this.#oldFrom = this.#old.length;
    this.#last = undefined;
  }

  /**
   * Finds out what is left without those that are leaving, in steps of some milliseconds; until they do, nothing is looked
   * at. What it comes to takes them out, and tells how many of the first ones those were.
   */
  *leaving(isLeaving: (id: number) => boolean): Steps<() => number> {
    this.#isHeld = true;
    const ids = new Uint32Array(this.#ids.length);
    let looked = 0;
    let removed = 0;
    for (let row = 0; row < this.#looked; row++) {
      if (row % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
      const id = this.#ids[row] ?? 0;
      if (!isLeaving(id)) ids[looked++] = id;
      else if (looked === 0) removed++;
    }
    const old = new Uint32Array(this.#old.length - this.#oldFrom);
    let count = 0;
    for (let at = this.#oldFrom; at < this.#old.length; at++) {
      if (at % LOOKED_THROUGH_AT_ONCE === 0) yield;
      const id = this.#old[at] ?? 0;
      if (!isLeaving(id)) old[count++] = id;
      else if (looked + count === 0) removed++;
    }
    return () => {
      this.#isHeld = false;
      this.#ids = ids;
      this.#looked = looked;
      this.#old = old.subarray(0, count);
      this.#oldFrom = 0;
      this.#changedFrom = Number.NEGATIVE_INFINITY;
      return removed;
    };
  }

  /** Returns the first row of the capture to be looked at. */
  #begin(): number {
    const from = this.#dirtyFrom;
    this.#dirtyFrom = Number.POSITIVE_INFINITY;
    this.#changedFrom = Math.min(this.#changedFrom, from);
    const kept = this.firstFrom(from);
    this.#old = this.#ids.slice(kept, this.#looked);
    this.#oldFrom = 0;
    this.#looked = kept;
    return this.#capture.rowFrom(from);
  }

  /** The same where some were looked at. */
  #goOn(last: { id: number; time: number }): number {
    this.#changedFrom = Math.min(this.#changedFrom, last.time);
    if (!this.#capture.has(last.id)) {
      // Of those of the same time nobody knows any more which stood behind it.
      const isOf = (id = 0) => this.#capture.time(id) >= last.time;
      while (this.#looked > 0 && isOf(this.#ids[this.#looked - 1])) this.#looked--;
      while (this.#oldFrom < this.#old.length && !isOf(this.#old[this.#oldFrom])) this.#oldFrom++;
    }
    return this.#rowBehind(last);
  }

  #rowBehind({ id, time }: { id: number; time: number }): number {
    const capture = this.#capture;
    if (!capture.has(id)) return capture.rowFrom(time);
    const row = capture.rowOf(id);
    return row < capture.rows && capture.rowAt(row) === id ? row + 1 : row;
  }

  #isBehindLast(id: number): boolean {
    return this.#capture.standsBefore(id, this.#old[this.#oldFrom] ?? 0);
  }

  #firstWhere(isReached: (id: number) => boolean): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isReached(this.idAt(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #push(id: number): void {
    if (this.#looked === this.#ids.length) {
      const larger = new Uint32Array(this.#looked * 2);
      larger.set(this.#ids);
      this.#ids = larger;
    }
    this.#ids[this.#looked++] = id;
  }
}

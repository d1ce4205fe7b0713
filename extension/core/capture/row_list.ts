import type { Capture } from "./capture.ts";

/**
 * The rows that a grid shows: the datagrams in the order of their time, without the records that are shown together
 * with another one of the same datagram, and without what a filter leaves out. Kept up to date from the first change on.
 */
export class RowList {
  readonly #capture: Capture;
  readonly #stopListening: () => void;
  /** Ids; what is before `#dirtyFrom` in time is right. */
  #ids = new Uint32Array(1024);
  /** Row → the number of its datagram among all that there would be without the filter, from 1. */
  #numbers = new Uint32Array(1024);
  #length = 0;
  #removedFromFront = 0;
  #dirtyFrom = Number.NEGATIVE_INFINITY;
  #firstChanged = 0;
  #accepts: (id: number) => boolean = () => true;
  #isPaused = false;

  constructor(capture: Capture) {
    this.#capture = capture;
    this.#stopListening = capture.onChange((time) => {
      if (time <= 0) this.#dropGone();
      this.invalidate(time);
    });
  }

  /** Shows only what `accepts` lets through. */
  setFilter(accepts: (id: number) => boolean): void {
    this.#accepts = accepts;
    this.invalidate(Number.NEGATIVE_INFINITY);
  }

  /** Leaves the rows as they are until it is called with false; then all that came meanwhile is there. */
  setPaused(isPaused: boolean): void {
    this.#update();
    this.#isPaused = isPaused;
  }

  /** Has everything from this time on (microseconds since 1970) looked at again. */
  invalidate(time: number): void {
    this.#dirtyFrom = Math.min(this.#dirtyFrom, time);
  }

  get length(): number {
    this.#update();
    return this.#length;
  }

  /** Rows that there would be without the filter. */
  get unfiltered(): number {
    return this.#capture.length - this.#capture.folded;
  }

  /** The id of the datagram in a row from 0 to `length - 1`. */
  idAt(row: number): number {
    this.#update();
    const id = row < this.#length ? this.#ids[row] : undefined;
    if (id === undefined) throw new RangeError(`Cannot read row ${row}: there are ${this.#length}`);
    return id;
  }

  /** The number, from 1, that the datagram in a row would have without the filter. */
  numberAt(row: number): number {
    this.#update();
    return this.#numbers[row] ?? 0;
  }

  /** The row of a datagram, or of the one that it is shown with; undefined when it is not shown. */
  rowOf(id: number): number | undefined {
    this.#update();
    const capture = this.#capture;
    if (!capture.has(id)) return undefined;
    const shown = capture.shownWith(id);
    const time = capture.time(shown);
    for (let row = this.#firstFrom(time); row < this.#length; row++) {
      const other = this.#ids[row] ?? 0;
      if (other === shown) return row;
      if (capture.time(other) !== time) break;
    }
    return undefined;
  }

  /** The first row that may be another one than at the last call, or be told otherwise. */
  takeFirstChanged(): number {
    this.#update();
    const first = this.#firstChanged;
    this.#firstChanged = this.#length;
    return first;
  }

  /** How many of the first rows were cleared or given up since the last call. */
  takeRemovedFromFront(): number {
    const removed = this.#removedFromFront;
    this.#removedFromFront = 0;
    return removed;
  }

  dispose(): void {
    this.#stopListening();
  }

  #update(): void {
    if (this.#isPaused || this.#dirtyFrom === Number.POSITIVE_INFINITY) return;
    const capture = this.#capture;
    const from = this.#dirtyFrom;
    this.#dirtyFrom = Number.POSITIVE_INFINITY;
    const kept = this.#firstFrom(from);
    this.#length = kept;
    this.#firstChanged = Math.min(this.#firstChanged, kept);
    let unfiltered = 0;
    capture.eachRowFrom(capture.positionAt(from), (id) => {
      unfiltered++;
      if (this.#accepts(id)) this.#push(id, unfiltered);
    });
    // What was not looked at again comes before all of these.
    const before = this.unfiltered - unfiltered;
    for (let row = kept; row < this.#length; row++) {
      this.#numbers[row] = (this.#numbers[row] ?? 0) + before;
    }
  }

  /** What was cleared or given up goes at once, also while paused: nothing may be asked about it. */
  #dropGone(): void {
    let length = 0;
    for (let row = 0; row < this.#length; row++) {
      const id = this.#ids[row] ?? 0;
      if (this.#capture.has(id)) this.#ids[length++] = id;
      else if (length === 0) this.#removedFromFront++;
    }
    this.#firstChanged = 0;
    this.#length = length;
    if (this.#isPaused) this.#renumber();
  }

  /** Looks for the rows' numbers among all datagrams. */
  #renumber(): void {
    const capture = this.#capture;
    let unfiltered = 0;
    for (let at = 0, row = 0; at < capture.length && row < this.#length; at++) {
      const id = capture.idAt(at);
      // A row may have been folded meanwhile: it is shown as long as the list is paused.
      if (!capture.isFolded(id)) unfiltered++;
      if (this.#ids[row] === id) this.#numbers[row++] = unfiltered;
    }
  }

  #push(id: number, number: number): void {
    if (this.#length === this.#ids.length) {
      this.#ids = doubled(this.#ids);
      this.#numbers = doubled(this.#numbers);
    }
    this.#numbers[this.#length] = number;
    this.#ids[this.#length++] = id;
  }

  /** The first row that is not before `time`. */
  #firstFrom(time: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#capture.time(this.#ids[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function doubled(values: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(values.length * 2);
  larger.set(values);
  return larger;
}

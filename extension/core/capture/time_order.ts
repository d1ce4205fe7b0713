import { resizing } from "./columns.ts";
import { moveBack, placeBehind } from "./sorted.ts";
import { atOnce, type Steps } from "./steps.ts";

/** Datagrams that are looked through at once: some milliseconds. */
const LOOKED_THROUGH_AT_ONCE = 1 << 16;

/**
 * Datagrams in the order of their time. Records arrive in batches, one program's file after the other, so a new record
 * can belong before some that are already in place. Where it belongs is found by halves, and what stands behind it is
 * copied as a whole: of two files of the same hour each batch would have all that is there compared otherwise.
 */
export class TimeOrder {
  /** Position in time → datagram. */
  #order = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The datagram at a position from 0 to `length - 1`. */
  at(position: number): number {
    const datagram = position < this.#length ? this.#order[position] : undefined;
    if (datagram === undefined) {
      throw new RangeError(`Cannot read position ${position}: there are ${this.#length}`);
    }
    return datagram;
  }

  /** The first position whose datagram is not before `start`; `length` where all are. */
  firstFrom(start: number, time: Float64Array): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((time[this.#order[middle] ?? 0] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first position whose datagram is not before this one: its own, where it is here. */
  placeOf(datagram: number, time: Float64Array, standsBefore: StandsBefore): number {
    const isBefore = comparison(time, standsBefore);
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#order[middle] ?? 0, datagram)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Puts the datagrams `from` to `end - 1` where their times belong; of those of the same microsecond `standsBefore`
   * tells the order.
   *
   * @returns the earliest of their times; there is at least one.
   */
  merge(from: number, end: number, time: Float64Array, standsBefore: StandsBefore): number {
    const batch = new Uint32Array(end - from);
    for (let index = from; index < end; index++) batch[index - from] = index;
    return this.insert(batch, time, standsBefore);
  }

  /** The same for these datagrams, in whatever order; they are put in order there, too. */
  insert(batch: Uint32Array, time: Float64Array, standsBefore: StandsBefore): number {
    const count = batch.length;
    const needed = this.#length + count;
    if (needed > this.#order.length) this.reserve(Math.max(needed, this.#order.length * 2));
    const order = this.#order;
    const isBefore = comparison(time, standsBefore);
    // One program's records nearly always are in order already.
    if (!isSorted(batch, time, standsBefore)) {
      batch.sort((one, other) => (isBefore(one, other) ? -1 : 1));
    }
    const earliest = time[batch[0] ?? 0] ?? 0;
    const latest = time[order[this.#length - 1] ?? 0] ?? 0;
    if (this.#length === 0 || latest < earliest) order.set(batch, this.#length);
    else {
      // From the back, so that each that is in place is moved once.
      let old = this.#length;
      for (let next = count - 1; next >= 0; next--) {
        const datagram = batch[next] ?? 0;
        const place = placeBehind(order, datagram, old, isBefore);
        moveBack(order, place, old, next + 1);
        order[place + next] = datagram;
        old = place;
      }
    }
    this.#length = needed;
    return earliest;
  }

  /** Is the same as another one now, from which it differs from a position on, if at all. */
  follow(other: TimeOrder, from: number): void {
    if (from >= other.#length) return;
    this.reserve(other.#order.length);
    this.#order.set(other.#order.subarray(from, other.#length), from);
    this.#length = other.#length;
  }

  /** Takes these out, in whatever order, which are all here. */
  remove(datagrams: Uint32Array, time: Float64Array, standsBefore: StandsBefore): void {
    const places = datagrams.map((datagram) => this.placeOf(datagram, time, standsBefore)).sort();
    let write = places[0] ?? 0;
    for (const [index, place] of places.entries()) {
      const end = places[index + 1] ?? this.#length;
      this.#order.copyWithin(write, place + 1, end);
      write += end - place - 1;
    }
    this.#length -= places.length;
  }

  /**
   * Another order, of those that are left, in steps of some milliseconds; this one stays as it is.
   *
   * @param newNumber what one is called there, or {@link NOWHERE}
   */
  *without(newNumber: (datagram: number) => number): Steps<TimeOrder> {
    const left = new TimeOrder();
    const order = this.#order;
    const end = this.#length;
    const copy = new Uint32Array(order.length);
    let length = 0;
    for (let at = 0; at < end; at++) {
      if (at % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
      const number = newNumber(order[at] ?? 0);
      if (number !== NOWHERE) copy[length++] = number;
    }
    left.#order = copy;
    left.#length = length;
    return left;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Makes room for `capacity` datagrams in all. */
  reserve(capacity: number): void {
    atOnce(this.growing(capacity));
  }

  /** The same step by step; none may be added before the last one. */
  *growing(capacity: number): Steps {
    if (capacity <= this.#order.length) return;
    this.#order = yield* resizing(this.#order, capacity, this.#length);
  }
}

/** In place of the new number of a datagram that is gone. */
export const NOWHERE = -1;

/** True when `one` comes before `other`, which has the same time: the same whichever was read first. */
export type StandsBefore = (one: number, other: number) => boolean;

function comparison(time: Float64Array, standsBefore: StandsBefore): StandsBefore {
  return (one, other) => {
    const own = time[one] ?? 0;
    const others = time[other] ?? 0;
    return own < others || (own === others && standsBefore(one, other));
  };
}

function isSorted(batch: Uint32Array, time: Float64Array, standsBefore: StandsBefore): boolean {
  let latest = Number.NEGATIVE_INFINITY;
  let before = 0;
  for (let at = 0; at < batch.length; at++) {
    const datagram = batch[at] ?? 0;
    const own = time[datagram] ?? 0;
    if (own < latest || (own === latest && standsBefore(datagram, before))) return false;
    latest = own;
    before = datagram;
  }
  return true;
}

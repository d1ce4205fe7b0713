import { resizing } from "./columns.ts";
import { atOnce, type Steps } from "./steps.ts";

/** In place of the new number of a datagram that is gone. */
export const NOWHERE = -1;

/**
 * The datagrams in the order of their time. Records arrive in batches, one program's file after the other, so a
 * new record can belong before some that are already in place; old and new overlap near the end only.
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

  /**
   * Puts the datagrams `from` to `end - 1` where their times belong; of those of the same microsecond `standsBefore`
   * tells the order. Costs the batch plus the overlap with what is in place.
   *
   * @returns the earliest of their times; there is at least one.
   */
  merge(from: number, end: number, time: Float64Array, standsBefore: StandsBefore): number {
    const count = end - from;
    const needed = this.#length + count;
    if (needed > this.#order.length) this.reserve(Math.max(needed, this.#order.length * 2));
    const order = this.#order;
    const batch = sortedBatch(from, end, time, standsBefore);
    const earliest = time[batch[0] ?? 0] ?? 0;
    const latest = time[order[this.#length - 1] ?? 0] ?? 0;
    if (this.#length === 0 || latest < earliest) {
      order.set(batch, this.#length);
      this.#length = needed;
      return earliest;
    }

    // Merges from the back, in place: positions are filled from the last one down, so nothing is overwritten
    // before it was moved.
    let old = this.#length - 1;
    let write = this.#length + count - 1;
    for (let next = count - 1; next >= 0; next--) {
      const datagram = batch[next] ?? 0;
      const own = time[datagram] ?? 0;
      while (old >= 0) {
        const other = order[old] ?? 0;
        const otherTime = time[other] ?? 0;
        if (otherTime < own || (otherTime === own && !standsBefore(datagram, other))) break;
        order[write--] = other;
        old--;
      }
      order[write--] = datagram;
    }
    this.#length += count;
    return earliest;
  }

  /** Gives the datagrams other numbers; those that get {@link NOWHERE} are taken out. */
  keep(newNumber: (datagram: number) => number): void {
    const order = this.#order;
    const end = this.#length;
    let length = 0;
    for (let at = 0; at < end; at++) {
      const number = newNumber(order[at] ?? 0);
      if (number !== NOWHERE) order[length++] = number;
    }
    this.#length = length;
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

/** True when `one` comes before `other`, which has the same time: the same whichever was read first. */
export type StandsBefore = (one: number, other: number) => boolean;

/** The datagrams `from` to `end - 1`, sorted by time. One program's records nearly always are sorted already. */
function sortedBatch(
  from: number,
  end: number,
  time: Float64Array,
  standsBefore: StandsBefore,
): Uint32Array {
  const batch = new Uint32Array(end - from);
  let sorted = true;
  let before = Number.NEGATIVE_INFINITY;
  for (let index = from; index < end; index++) {
    batch[index - from] = index;
    const own = time[index] ?? 0;
    if (own < before || (own === before && standsBefore(index, index - 1))) sorted = false;
    before = own;
  }
  if (sorted) return batch;
  return batch.sort((a, b) => (time[a] ?? 0) - (time[b] ?? 0) || (standsBefore(a, b) ? -1 : 1));
}

import { resizing } from "./columns.ts";
import { type Bursts, burstStart, Crowd, type Trains } from "./crowd.ts";
import type { Equals } from "./pairing.ts";
import type { Steps } from "./steps.ts";

/** What tells the records apart, by their id. */
export interface PayloadTable {
  /** False for one that is no longer in the table. */
  has(id: number): boolean;
  /** The number of its channel: all flows by which the same datagrams can pass. */
  channelOf(id: number): number;
  /** Equal for equal payloads, and hardly ever for others. */
  digest(id: number): number;
  /** Payload bytes on the wire. */
  wireLength(id: number): number;
  /** True when `one` stands before `other` in the order in which they are paired. */
  isBefore(one: number, other: number): boolean;
}

/**
 * All records of one channel with equal payloads, of which those from `first` to `end` are new, or some have gone that
 * stood there. Returns the steps that it takes where they are many.
 */
export type Visit = (
  equals: Equals,
  first: number,
  end: number,
  areNew: boolean,
) => Steps | undefined;

const EMPTY = 0;
/** In a slot of records that are all gone. */
const GONE = -0x80000000;
const FIRST_SLOTS = 1024;
/** Slots that are looked at between two steps. */
const REHASHED = 1 << 15;
/** Records that are looked at between two steps. */
const LOOKED_THROUGH_AT_ONCE = 1 << 16;
/** Records that are found anew among those that they have something in common with, between two steps. */
const VISITED_AT_ONCE = 1 << 11;
/** More records than that are held in their order; fewer are put in order when they are asked for. */
const FEW = 32;

/**
 * Finds the records that have a channel and a payload in common. Nearly always there are two, the sending and its
 * receipt, of which millions are held: as a hash table of typed arrays, some ten bytes a record. Nobody outside can
 * know the digests, and so nobody can make records that fall into one place.
 */
export class EqualPayloads {
  readonly #table: PayloadTable;
  readonly #trains: Trains | undefined;
  /** 0: empty; n > 0: the latest of its records, {@link #base} + n - 1; n < 0: crowd -n - 1. */
  #slots = new Int32Array(FIRST_SLOTS);
  #used = 0;
  /** Record - {@link #base} → the one before it that has the same slot, in the same form; 0 for the first. */
  #before = new Int32Array(FIRST_SLOTS);
  #crowds: Crowd[] = [];
  /** Records before this one are gone. */
  #base = 0;
  readonly #isBefore = (one: number, other: number) => this.#table.isBefore(one, other);

  /** @param trains what those of {@link isContradicted} are known by */
  constructor(table: PayloadTable, trains?: Trains) {
    this.#table = table;
    this.#trains = trains;
  }

  /**
   * Takes records in, and calls `visit` for all those that one of them has something in common with. Where room has to be
   * made for them, that is in steps of some milliseconds.
   */
  *adding(ids: readonly number[], visit: Visit): Steps {
    if (ids.length === 0) return;
    yield* this.#reserving(ids);
    const changed = new Set<number>();
    for (const id of ids) changed.add(this.#add(id));
    let visited = 0;
    for (const slot of changed) {
      if (++visited % VISITED_AT_ONCE === 0) yield;
      const crowd = this.#crowds[-(this.#slots[slot] ?? EMPTY) - 1];
      const steps = crowd ? this.#visitCrowd(crowd, visit) : this.#visitFew(slot, visit);
      if (steps) yield* steps;
    }
  }

  /**
   * Records before `id` are gone, and of the others those that the table does not have any more. Calls `visit` for those
   * that had something in common with them: of many equal ones it is known which; of few, `parted` has to tell. In steps
   * of some milliseconds.
   */
  *forgetting(id: number, parted: readonly number[], visit: Visit): Steps {
    yield* this.#shifting(id - this.#base);
    const slots = this.#slots;
    for (let slot = 0; slot < slots.length; slot++) {
      if (slot % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
      const n = slots[slot] ?? EMPTY;
      if (n > 0) slots[slot] = this.#latestOf(n) || GONE;
    }
    for (const crowd of this.#crowds) yield* this.#keepingCrowd(crowd, id, visit);
    const ofParted = new Set<number>();
    for (const [seen, own] of parted.entries()) {
      if (seen % VISITED_AT_ONCE === VISITED_AT_ONCE - 1) yield;
      const slot = this.#slotFor(own);
      if (this.#hasSeveral(slot)) ofParted.add(slot);
    }
    let visited = 0;
    for (const slot of ofParted) {
      if (++visited % VISITED_AT_ONCE === 0) yield;
      yield* this.#visitFew(slot, visit) ?? [];
    }
  }

  /** Forgets all records; those that come are from `id` on. */
  clear(id: number): void {
    this.#slots = new Int32Array(FIRST_SLOTS);
    this.#before = new Int32Array(FIRST_SLOTS);
    this.#used = 0;
    this.#crowds = [];
    this.#base = id;
  }

  /** The first so many records are gone, and what leads to them. */
  *#shifting(shift: number): Steps {
    if (shift === 0) return;
    const lowered = (n: number) => (n > shift ? n - shift : EMPTY);
    const before = new Int32Array(this.#before.length);
    for (let index = 0; index + shift < before.length; index++) {
      if (index % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
      before[index] = lowered(this.#before[index + shift] ?? EMPTY);
    }
    const slots = new Int32Array(this.#slots.length);
    for (let slot = 0; slot < slots.length; slot++) {
      if (slot % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
      const n = this.#slots[slot] ?? EMPTY;
      slots[slot] = n > 0 ? lowered(n) || GONE : n;
    }
    this.#before = before;
    this.#slots = slots;
    this.#base += shift;
  }

  /** The other records that are equal to this one, where they are few; of many {@link forgetting} knows which are gone. */
  *fewEqualTo(id: number): IterableIterator<number> {
    let n = this.#slots[this.#slotFor(id)] ?? EMPTY;
    for (; n > 0; n = this.#before[n - 1] ?? EMPTY) {
      if (this.#base + n - 1 !== id) yield this.#base + n - 1;
    }
  }

  /**
   * The first sending of the burst that a sending is in, itself where it is the first. Costs as much as there are between
   * it and those of which that was asked last.
   */
  burstStart(id: number, bursts: Bursts): number {
    const crowd = this.#crowdOf(id);
    if (crowd) return crowd.ids[crowd.burstStart(crowd.placeOf(id, this.#isBefore), bursts)] ?? id;
    const others = [...this.fewEqualTo(id)].filter((other) => this.#table.has(other));
    const few = this.#sort([...others, id]);
    return few[burstStart(bursts, few, few.indexOf(id))] ?? id;
  }

  /**
   * Whether nobody can know what became of a record that has no other end: in its train a receipt without a sending follows
   * the sending, or stands behind a sending without a receipt, too far apart to be paired. Of few, none are.
   */
  isContradicted(id: number): boolean {
    const trains = this.#trains;
    const crowd = this.#crowdOf(id);
    if (!crowd || !trains) return false;
    const at = crowd.placeOf(id, this.#isBefore);
    return trains.isSending(id)
      ? crowd.isFollowedByUnmatched(at, trains)
      : crowd.followsLeft(at, trains);
  }

  /** The first sending that {@link isContradicted} by this receipt, and by none before it; undefined where there is none. */
  firstContradictedBy(id: number): number | undefined {
    const trains = this.#trains;
    const crowd = this.#crowdOf(id);
    return crowd && trains && crowd.firstLeftBefore(crowd.placeOf(id, this.#isBefore), trains);
  }

  #crowdOf(id: number): Crowd | undefined {
    return this.#crowds[-(this.#slots[this.#slotFor(id)] ?? EMPTY) - 1];
  }

  /** Whether more than one record is left of the few of a slot: what stands alone, as nearly all do, has nothing to be told. */
  #hasSeveral(slot: number): boolean {
    let count = 0;
    for (let n = this.#slots[slot] ?? EMPTY; n > 0 && count < 2; n = this.#before[n - 1] ?? EMPTY) {
      if (this.#table.has(this.#base + n - 1)) count++;
    }
    return count > 1;
  }

  /** Leaves out what is before `from`, or not in the table. */
  *#keepingCrowd(crowd: Crowd, from: number, visit: Visit): Steps {
    const gone = yield* crowd.keeping((id) => id >= from && this.#table.has(id));
    if (gone && crowd.length > 0) yield* visit(crowd, gone.first, gone.end, false) ?? [];
  }

  /** The latest record that is left, of those with one slot. */
  #latestOf(n: number): number {
    let latest = n;
    while (latest > 0 && !this.#table.has(this.#base + latest - 1)) {
      latest = this.#before[latest - 1] ?? EMPTY;
    }
    return latest;
  }

  *#reserving(ids: readonly number[]): Steps {
    let last = 0;
    for (const id of ids) last = Math.max(last, id - this.#base);
    if (last >= this.#before.length) this.#before = yield* resizing(this.#before, last * 2);
    if ((this.#used + ids.length) * 2 > this.#slots.length) yield* this.#rehashing(ids.length);
  }

  /** Returns its slot. */
  #add(id: number): number {
    const slot = this.#slotFor(id);
    const latest = this.#slots[slot] ?? EMPTY;
    if (latest < 0) this.#crowds[-latest - 1]?.added.push(id);
    else {
      if (latest === EMPTY) this.#used++;
      this.#before[id - this.#base] = latest;
      this.#slots[slot] = id - this.#base + 1;
    }
    return slot;
  }

  #visitFew(slot: number, visit: Visit): Steps | undefined {
    const ids: number[] = [];
    let last = 0;
    for (let n = this.#slots[slot] ?? EMPTY; n > 0; n = this.#before[n - 1] ?? EMPTY) {
      const id = this.#base + n - 1;
      if (!this.#table.has(id)) continue;
      // Those that are gone are passed once.
      if (last > 0) this.#before[last - 1] = n;
      last = n;
      ids.push(id);
    }
    if (last > 0) this.#before[last - 1] = EMPTY;
    if (ids.length > 1) this.#sort(ids);
    const { length } = ids;
    const takes = new Array<number>(length).fill(0);
    const equals = length > FEW ? this.#makeCrowd(slot, ids) : { ids, takes, length };
    return visit(equals, 0, length, false);
  }

  #makeCrowd(slot: number, sorted: readonly number[]): Crowd {
    const [id = 0] = sorted;
    const table = this.#table;
    const crowd = new Crowd(table.channelOf(id), table.digest(id), table.wireLength(id), sorted);
    this.#crowds.push(crowd);
    this.#slots[slot] = -this.#crowds.length;
    return crowd;
  }

  #visitCrowd(crowd: Crowd, visit: Visit): Steps | undefined {
    const { first, end } = crowd.insert(this.#sort(crowd.added), this.#isBefore, this.#trains);
    return visit(crowd, first, end, true);
  }

  /** Where the records that are equal to this one are, or would be. */
  #slotFor(id: number): number {
    const table = this.#table;
    return this.#slotOf(table.channelOf(id), table.digest(id), table.wireLength(id));
  }

  #sort(ids: number[]): number[] {
    return ids.sort((a, b) => (this.#table.isBefore(a, b) ? -1 : 1));
  }

  /** Where the records of a channel and a payload are, or would be. */
  #slotOf(channel: number, digest: number, wireLength: number): number {
    const mask = this.#slots.length - 1;
    let slot = placeOf(channel, digest) & mask;
    for (;;) {
      const n = this.#slots[slot] ?? EMPTY;
      if (n === EMPTY || this.#isOf(n, channel, digest, wireLength)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isOf(n: number, channel: number, digest: number, wireLength: number): boolean {
    if (n === GONE) return false;
    if (n < 0) {
      const crowd = this.#crowds[-n - 1];
      return (
        crowd?.digest === digest && crowd.channel === channel && crowd.wireLength === wireLength
      );
    }
    const id = this.#base + n - 1;
    const table = this.#table;
    return (
      table.digest(id) === digest &&
      table.channelOf(id) === channel &&
      table.wireLength(id) === wireLength
    );
  }

  /** Makes room for `count` more, and leaves out what is gone. */
  *#rehashing(count: number): Steps {
    const table = this.#table;
    const old = this.#slots;
    const crowds = this.#crowds.filter(({ length }) => length > 0);
    const numbers = new Map(crowds.map((crowd, index) => [crowd, -index - 1]));
    let used = 0;
    for (let at = 0; at < old.length; at++) {
      if (at % REHASHED === REHASHED - 1) yield;
      const n = old[at] ?? EMPTY;
      const crowd = n < 0 ? this.#crowds[-n - 1] : undefined;
      if (n > 0 || (crowd && numbers.has(crowd))) used++;
    }
    let size = FIRST_SLOTS;
    while (size < (used + count) * 3) size *= 2;
    const slots = new Int32Array(size);
    for (let at = 0; at < old.length; at++) {
      if (at % REHASHED === REHASHED - 1) yield;
      const n = old[at] ?? EMPTY;
      if (n === EMPTY || n === GONE) continue;
      const crowd = n < 0 ? this.#crowds[-n - 1] : undefined;
      const id = this.#base + n - 1;
      const number = crowd ? numbers.get(crowd) : n;
      if (number === undefined) continue;
      const hash = crowd
        ? placeOf(crowd.channel, crowd.digest)
        : placeOf(table.channelOf(id), table.digest(id));
      let slot = hash & (size - 1);
      while (slots[slot] !== EMPTY) slot = (slot + 1) & (size - 1);
      slots[slot] = number;
    }
    this.#slots = slots;
    this.#crowds = crowds;
    this.#used = used;
  }
}

/** Digests are as good as random; equal ones of different channels lie far apart (Knuth's multiplicative hashing). */
function placeOf(channel: number, digest: number): number {
  return digest + Math.imul(channel, 0x9e3779b1);
}

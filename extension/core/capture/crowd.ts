import { resized } from "./columns.ts";
import type { Equals } from "./pairing.ts";
import { type IsBefore, moveBack, placeBehind } from "./sorted.ts";
import type { Steps } from "./steps.ts";

/** Records that are looked at between two steps. */
const LOOKED_THROUGH_AT_ONCE = 1 << 16;
/** So many records are summed up together. */
const BLOCK = 1024;

/** What tells which records make a burst. */
export interface Bursts {
  isSending(id: number): boolean;
  /** True when a sending is in the same burst as the equal one before it. */
  isInBurst(before: number, id: number): boolean;
}

/** What tells which records make a train: they follow each other so soon that one may be under way until the next ones. */
export interface Trains {
  isSending(id: number): boolean;
  /** True when a record begins a train: the one before it, if there is any, was too long ago. */
  isApart(before: number, id: number): boolean;
  /** Called when what came late may have made one train of two. */
  joined(): void;
}

/** What is to be known of a train that reaches across a block of records. */
interface Block {
  /** Undefined where no train begins in it; else what stands before that is of another one than what stands behind. */
  readonly firstStart: number | undefined;
  readonly lastStart: number | undefined;
  /** The first receipt before {@link firstStart} that took no sending. */
  readonly unmatched: number | undefined;
  /** The last of those in the block. */
  readonly lastUnmatched: number | undefined;
  /** The first sending behind {@link lastUnmatched} and {@link lastStart} that no receipt took. */
  readonly left: number | undefined;
  /** True where a sending from {@link lastStart} on, or of the whole block, was taken by no receipt. */
  readonly hasLeft: boolean;
}

/** What is told of all from one place to another, both included. */
interface Told {
  readonly from: number;
  readonly to: number;
  readonly is: boolean;
}

const NOT_TOLD: Told = { from: 0, to: -1, is: false };

/** Many records of one channel with equal payloads, in their order, and what was found out of each of them. */
export class Crowd implements Equals {
  readonly channel: number;
  readonly digest: number;
  readonly wireLength: number;
  ids: Uint32Array<ArrayBuffer>;
  takes: Uint32Array<ArrayBuffer>;
  length: number;
  /** Not in their place yet. */
  added: number[] = [];
  /** Where the sending stands that was asked for last, and where the first one of its burst does. */
  #burst: { readonly at: number; readonly start: number } | undefined;
  /** What was told last of one, and of those near it. */
  #followed = NOT_TOLD;
  #following = NOT_TOLD;
  /** What {@link #blockAt} has found, as long as nothing has {@link changed}. */
  readonly #blocks: (Block | undefined)[] = [];

  constructor(channel: number, digest: number, wireLength: number, sorted: readonly number[]) {
    this.channel = channel;
    this.digest = digest;
    this.wireLength = wireLength;
    this.ids = Uint32Array.from(sorted);
    this.takes = new Uint32Array(sorted.length);
    this.length = sorted.length;
  }

  /** From the record at `from` on, others may stand there, or take others. */
  changed(from: number): void {
    this.#followed = NOT_TOLD;
    this.#following = NOT_TOLD;
    this.#blocks.length = Math.min(this.#blocks.length, Math.floor(from / BLOCK));
  }

  /**
   * Puts what was {@link added} in its place.
   *
   * @param added the same, in their order
   * @returns the place of the first one that is new, and the one behind the last
   */
  insert(
    added: readonly number[],
    isBefore: IsBefore,
    trains?: Trains,
  ): { first: number; end: number } {
    this.added = [];
    if (this.length + added.length > this.ids.length) {
      const room = (this.length + added.length) * 2;
      this.ids = resized(this.ids, room);
      this.takes = resized(this.takes, room);
    }
    const { ids, takes } = this;
    // From the back, in place: what is new stands near the end nearly always.
    let old = this.length;
    let end = 0;
    for (let next = added.length - 1; next >= 0; next--) {
      const id = added[next] ?? 0;
      const place = placeBehind(ids, id, old, isBefore);
      if (place > 0 && place < old && trains?.isApart(ids[place - 1] ?? 0, ids[place] ?? 0)) {
        trains.joined();
      }
      moveBack(ids, place, old, next + 1);
      moveBack(takes, place, old, next + 1);
      end ||= place + next + 1;
      takes[place + next] = 0;
      ids[place + next] = id;
      old = place;
    }
    this.length += added.length;
    if (this.#burst && this.#burst.at >= old) this.#burst = undefined;
    this.changed(old);
    return { first: old, end };
  }

  /**
   * Leaves out what `isLeft` does not tell true of.
   *
   * @returns the place where the first one stood that is gone, and the one behind the last; undefined where none is
   */
  *keeping(isLeft: (id: number) => boolean): Steps<{ first: number; end: number } | undefined> {
    const { length } = this;
    let first = 0;
    for (; first < length && isLeft(this.ids[first] ?? 0); first++) {
      if (first % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
    }
    if (first === length) return undefined;
    const ids = this.ids.slice(first, length);
    const takes = this.takes.slice(first, length);
    let kept = 0;
    let end = 0;
    for (let at = 0; at < ids.length; at++) {
      if (at % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
      const own = ids[at] ?? 0;
      if (isLeft(own)) {
        takes[kept] = takes[at] ?? 0;
        ids[kept++] = own;
      } else end = first + kept;
    }
    // At once, as what a burst is may be asked between two steps.
    this.ids.set(ids.subarray(0, kept), first);
    this.takes.set(takes.subarray(0, kept), first);
    this.length = first + kept;
    this.#burst = undefined;
    this.changed(first);
    return { first, end };
  }

  /** Where a record of the crowd stands. */
  placeOf(id: number, isBefore: IsBefore): number {
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.ids[middle] ?? 0, id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The place of the first sending of the burst of the one at `at`. */
  burstStart(at: number, bursts: Bursts): number {
    const start = burstStart(bursts, this.ids, at, this.#burst);
    if (start !== this.#burst?.start || at > this.#burst.at) this.#burst = { at, start };
    return start;
  }

  /** Whether a receipt that took no sending stands behind `at` in the same train. */
  isFollowedByUnmatched(at: number, trains: Trains): boolean {
    if (!isWithin(this.#followed, at)) this.#followed = this.#lookBehind(at, trains);
    return this.#followed.is;
  }

  /** Whether a sending that no receipt took stands before `at` in the same train, or there. */
  followsLeft(at: number, trains: Trains): boolean {
    if (!isWithin(this.#following, at)) this.#following = this.#lookBefore(at, trains);
    return this.#following.is;
  }

  /**
   * The first sending before `at`, in the same train, that no receipt took, behind all receipts there that took no sending;
   * undefined where there is none.
   */
  firstLeftBefore(at: number, trains: Trains): number | undefined {
    let left: number | undefined;
    for (let place = at - 1; place >= 0; place--) {
      if (place % BLOCK === BLOCK - 1) {
        const block = this.#blockAt((place + 1) / BLOCK - 1, trains);
        left = block.left ?? left;
        if (block.lastStart !== undefined || block.lastUnmatched !== undefined) break;
        place -= BLOCK - 1;
        continue;
      }
      if (this.#isUnmatched(place, trains)) break;
      if (this.#isLeft(place, trains)) left = place;
      if (this.#isStart(place, trains)) break;
    }
    return left === undefined ? undefined : this.ids[left];
  }

  #lookBehind(at: number, trains: Trains): Told {
    for (let place = at + 1; place < this.length; place++) {
      if (place % BLOCK === 0) {
        const { firstStart, unmatched } = this.#blockAt(place / BLOCK, trains);
        if (unmatched !== undefined) return { from: at, to: unmatched - 1, is: true };
        if (firstStart !== undefined) return { from: at, to: firstStart - 1, is: false };
        place += BLOCK - 1;
      } else if (this.#isStart(place, trains)) return { from: at, to: place - 1, is: false };
      else if (this.#isUnmatched(place, trains)) return { from: at, to: place - 1, is: true };
    }
    return { from: at, to: this.length - 1, is: false };
  }

  #lookBefore(at: number, trains: Trains): Told {
    for (let place = at; place >= 0; place--) {
      if (place % BLOCK === BLOCK - 1 && place < at) {
        const { lastStart, hasLeft } = this.#blockAt((place + 1) / BLOCK - 1, trains);
        if (hasLeft) return { from: place, to: at, is: true };
        if (lastStart !== undefined) return { from: lastStart, to: at, is: false };
        place -= BLOCK - 1;
      } else if (this.#isLeft(place, trains)) return { from: place, to: at, is: true };
      else if (this.#isStart(place, trains)) return { from: place, to: at, is: false };
    }
    return { from: 0, to: at, is: false };
  }

  #isStart(place: number, { isApart }: Trains): boolean {
    return place === 0 || isApart(this.ids[place - 1] ?? 0, this.ids[place] ?? 0);
  }

  #isLeft(place: number, { isSending }: Trains): boolean {
    return this.takes[place] === 0 && isSending(this.ids[place] ?? 0);
  }

  #isUnmatched(place: number, { isSending }: Trains): boolean {
    return this.takes[place] === 0 && !isSending(this.ids[place] ?? 0);
  }

  #blockAt(number: number, trains: Trains): Block {
    const known = this.#blocks[number];
    if (known) return known;
    let firstStart: number | undefined;
    let lastStart: number | undefined;
    let unmatched: number | undefined;
    let lastUnmatched: number | undefined;
    let left: number | undefined;
    let hasLeft = false;
    const end = Math.min(this.length, (number + 1) * BLOCK);
    for (let place = number * BLOCK; place < end; place++) {
      if (this.#isStart(place, trains)) {
        firstStart ??= place;
        lastStart = place;
        left = undefined;
        hasLeft = false;
      }
      if (this.#isLeft(place, trains)) {
        left ??= place;
        hasLeft = true;
      } else if (this.#isUnmatched(place, trains)) {
        if (firstStart === undefined) unmatched ??= place;
        lastUnmatched = place;
        left = undefined;
      }
    }
    const block = { firstStart, lastStart, unmatched, lastUnmatched, left, hasLeft };
    this.#blocks[number] = block;
    return block;
  }
}

function isWithin({ from, to }: Told, at: number): boolean {
  return from <= at && at <= to;
}

/** The place of the first sending of the burst of the one at `at`; `known` is a part of a burst. */
export function burstStart(
  { isSending, isInBurst }: Bursts,
  ids: Equals["ids"],
  at: number,
  known?: { readonly at: number; readonly start: number },
): number {
  const isKnown = (place: number) => known && place >= known.start && place <= known.at;
  let start = at;
  for (let before = at - 1; before >= 0 && !isKnown(start); before--) {
    const id = ids[before] ?? 0;
    if (!isSending(id)) continue;
    if (!isInBurst(id, ids[start] ?? 0)) return start;
    start = before;
  }
  return known && isKnown(start) ? known.start : start;
}

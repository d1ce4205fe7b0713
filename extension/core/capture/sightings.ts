import { Direction } from "../files/capture_sink.ts";
import { isLoopbackAddress } from "../wire/address.ts";
import { Delivery, type PairedDelivery } from "./delivery.ts";
import { EqualPayloads, type Visit } from "./equal_payloads.ts";
import type { Flow } from "./flow_table.ts";
import type { Equals } from "./pairing.ts";
import type { Steps } from "./steps.ts";

/** What has to be known of the records, and is told of them, by their id. */
export interface SightingTable {
  readonly firstId: number;
  /** The first id from `id` on that there is or was lately; behind all of them where there is none. */
  nextId(id: number): number;
  /** False for one that is no longer in the table. */
  has(id: number): boolean;
  /** Microseconds since 1970. */
  time(id: number): number;
  flow(id: number): Flow;
  /** Equal for equal payloads of equal length, and hardly ever for others. */
  digest(id: number): number;
  /** Payload bytes on the wire. */
  wireLength(id: number): number;
  /** Payload bytes that were captured. */
  capturedLength(id: number): number;
  /** Equal for equal starts of payloads of equal length, and hardly ever for others; 0 where that is too short to tell. */
  head(id: number): number;
  /** False for what never left, and for what a rule has made where it was received. */
  wasOnItsWay(id: number): boolean;
  /** True when a tap recorded the flow, inside the program. */
  isTapped(flow: Flow): boolean;
  /** Which one of two records of the same time is told first, whenever they were read. */
  standsBefore(one: number, other: number): boolean;
  delivery(id: number): PairedDelivery;
  partner(id: number): number;
  setDelivery(id: number, delivery: PairedDelivery, partner: number): void;
}

/** So far apart a tap and a command that captures tell of one datagram at most: a busy program looks late. Microseconds. */
export const NEAR_US = 250_000;
/** What is equal and not further away than that could be meant as well. Microseconds. */
export const CLEAR_US = 2 * NEAR_US;
/** Of more equal ones before or after it nobody tells which is which. */
const MOST = 16;
/** Records that are taken in at once: some milliseconds. */
const TAKEN_AT_ONCE = 4096;

/**
 * Which records of commands that capture are of a datagram that a tap has recorded, too: it is one row then. That says
 * nothing of what became of it; it stays told by taps alone.
 *
 * A function of the records near it, in whatever order they were read: of equal payloads and ends, there is one sending
 * at most, one receipt of a socket at most, and no other record by the same way. Where that is not so, each stands for itself.
 * Of what a command has captured in part, payloads that start alike count as equal.
 */
export class Sightings {
  readonly #table: SightingTable;
  readonly #payloads: EqualPayloads;
  /** By their starts: all records that have one, once some command has captured in part. */
  #heads: EqualPayloads | undefined;
  /** Everything that was there has been taken in. */
  #isStarted = false;
  /** The earliest time of what is told otherwise. */
  #earliestNews = Number.POSITIVE_INFINITY;

  constructor(table: SightingTable) {
    this.#table = table;
    this.#payloads = this.#equalBy((id) => table.digest(id));
  }

  #equalBy(digest: (id: number) => number): EqualPayloads {
    const table = this.#table;
    return new EqualPayloads({
      has: (id) => table.has(id),
      channelOf: (id) => portsOf(table.flow(id)),
      digest,
      wireLength: (id) => table.wireLength(id),
      isBefore: (one, other) => {
        const by = table.time(one) - table.time(other);
        return by < 0 || (by === 0 && table.standsBefore(one, other));
      },
    });
  }

  /**
   * Takes the records `from` to `end - 1` in, in steps of some milliseconds; nothing may be added before the last one. The
   * first time all records are taken in.
   *
   * @returns the earliest time of a record of which something else is told now; Infinity where there is none.
   */
  *taking(from: number, end: number): Steps<number> {
    this.#earliestNews = Number.POSITIVE_INFINITY;
    const table = this.#table;
    const isFirst = !this.#isStarted;
    let hasCut = false;
    for (const ids of this.#chunks(isFirst ? table.firstId : from, end)) {
      yield* this.#payloads.adding(ids, this.#findWhole);
      hasCut ||= ids.some((id) => this.#isCut(id) && !table.isTapped(table.flow(id)));
      yield;
    }
    this.#isStarted = true;
    if (!hasCut && !this.#heads) return this.#earliestNews;
    const first = this.#heads ? from : table.firstId;
    if (!this.#heads) {
      this.#heads = this.#equalBy((id) => table.head(id));
      this.#heads.clear(first);
    }
    for (const ids of this.#chunks(first, end)) {
      const known = ids.filter((id) => table.head(id) !== 0);
      yield* this.#heads.adding(known, this.#findCut);
      yield;
    }
    return this.#earliestNews;
  }

  *#chunks(from: number, end: number): IterableIterator<number[]> {
    const table = this.#table;
    let ids: number[] = [];
    for (let id = table.nextId(from); id < end; id = table.nextId(id + 1)) {
      if (table.has(id)) ids.push(id);
      if (ids.length < TAKEN_AT_ONCE) continue;
      yield ids;
      ids = [];
    }
    yield ids;
  }

  /** The records that may be told otherwise when these are gone, in steps of some milliseconds. To be asked before they are. */
  *leaving(gone: Iterable<number>): Steps<number[]> {
    const left = new Set<number>();
    let seen = 0;
    for (const id of this.#isStarted ? gone : []) {
      if (++seen % TAKEN_AT_ONCE === 0) yield;
      for (const other of this.#payloads.fewEqualTo(id)) left.add(other);
      if (!this.#heads || this.#table.head(id) === 0) continue;
      for (const other of this.#heads.fewEqualTo(id)) left.add(other);
    }
    return [...left];
  }

  /**
   * Forgets all records before `id`, and of the others those that are not in the table any more, in steps of some
   * milliseconds; `left`: see {@link leaving}.
   */
  *forgetting(id: number, left: readonly number[]): Steps {
    const parted = left.filter((own) => this.#table.has(own));
    yield* this.#payloads.forgetting(id, parted, this.#findWhole);
    const started = parted.filter((own) => this.#table.head(own) !== 0);
    yield* this.#heads?.forgetting(id, started, this.#findCut) ?? [];
  }

  /** Forgets all records; those that come are from `id` on. */
  clear(id: number): void {
    this.#payloads.clear(id);
    this.#heads?.clear(id);
  }

  readonly #findWhole: Visit = (equals, first, end) => this.#find(equals, first, end, false);
  readonly #findCut: Visit = (equals, first, end) => this.#find(equals, first, end, true);

  #find({ ids, length }: Equals, first: number, end: number, areCut: boolean): undefined {
    const table = this.#table;
    const to = Math.min(length, end + MOST);
    for (let at = Math.max(0, first - MOST); at < to; at++) {
      const id = ids[at] ?? 0;
      if (this.#isCut(id) !== areCut || table.isTapped(table.flow(id))) continue;
      this.#tell(id, this.#recordOf(ids, length, at));
    }
    return undefined;
  }

  #isCut(id: number): boolean {
    return this.#table.capturedLength(id) < this.#table.wireLength(id);
  }

  /** The record of a tap that is of the same datagram as the one at a place; undefined where none is, or not for sure. */
  #recordOf(ids: ArrayLike<number>, length: number, at: number): number | undefined {
    const table = this.#table;
    const own = ids[at] ?? 0;
    const time = table.time(own);
    const seen = table.flow(own);
    const isClose = (place: number) => Math.abs(table.time(ids[place] ?? 0) - time) <= CLEAR_US;
    let from = at;
    while (from > 0 && isClose(from - 1)) if (at - --from > MOST) return undefined;
    const recorded = new Map<number, Flow>();
    const strangers: Flow[] = [];
    let found: number | undefined;
    let isSent = false;
    for (let place = from; place < length && isClose(place); place++) {
      if (place - at > MOST) return undefined;
      if (place === at) continue;
      const id = ids[place] ?? 0;
      const flow = table.flow(id);
      if (!table.isTapped(flow)) {
        if (flow.id === seen.id) return undefined;
        if (!haveSameEnds(flow, seen)) strangers.push(flow);
        continue;
      }
      const isWay = isWayOf(flow, seen);
      if (isWay === undefined && table.wasOnItsWay(id)) return undefined;
      if (!isWay || !table.wasOnItsWay(id)) continue;
      const isSending = flow.direction === Direction.out;
      if (recorded.has(flow.id) || (isSending && isSent)) return undefined;
      recorded.set(flow.id, flow);
      isSent ||= isSending;
      if (Math.abs(table.time(id) - time) > NEAR_US) continue;
      if (isSending || found === undefined) found = id;
    }
    for (const flow of recorded.values()) {
      if (strangers.some((stranger) => isWayOf(flow, stranger) !== false)) return undefined;
    }
    return found;
  }

  #tell(id: number, record: number | undefined): void {
    const table = this.#table;
    const wasSeen = table.delivery(id) === Delivery.seen;
    if (record === undefined ? !wasSeen : wasSeen && table.partner(id) === record) return;
    table.setDelivery(id, record === undefined ? Delivery.alone : Delivery.seen, record ?? id);
    this.#earliestNews = Math.min(this.#earliestNews, table.time(id));
  }
}

/** A number of its own for each two ports. */
function portsOf({ sourcePort, destinationPort }: Flow): number {
  return sourcePort * 0x10000 + destinationPort;
}

function haveSameEnds(one: Flow, other: Flow): boolean {
  return (
    areEqual(one.sourceAddress, other.sourceAddress) &&
    areEqual(one.destinationAddress, other.destinationAddress)
  );
}

/**
 * Whether what a tap recorded by `flow` has passed by `seen`, whose ports are the same. A socket that is bound to a
 * wildcard does not tell its address. What it sends to the loopback comes from there; and where both ports are one, as in
 * mDNS, another machine could have sent the same to elsewhere: nobody knows then.
 */
function isWayOf(flow: Flow, seen: Flow): boolean | undefined {
  if (flow.sourceAddress.length !== seen.sourceAddress.length) return false;
  const isTo =
    isAny(flow.destinationAddress) || areEqual(flow.destinationAddress, seen.destinationAddress);
  if (!isTo) return false;
  if (!isAny(flow.sourceAddress)) return areEqual(flow.sourceAddress, seen.sourceAddress);
  if (isLoopbackAddress(seen.destinationAddress)) return isLoopbackAddress(seen.sourceAddress);
  return flow.sourcePort !== flow.destinationPort || undefined;
}

function isAny(address: Uint8Array): boolean {
  return address.every((byte) => byte === 0);
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

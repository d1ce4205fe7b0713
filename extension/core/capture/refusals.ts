import { REFUSALS } from "../files/capture_sink.ts";
import { REASON, type RefusalRecord, UNSURE } from "./refused_datagram.ts";
import { atOnce, type Steps } from "./steps.ts";

/** What has to be known of the datagrams, by their id, and is told of them. */
export interface RefusalTable {
  readonly length: number;
  positionAt(time: number): number;
  idAt(position: number): number;
  /** False for one that is no longer in the table. */
  has(id: number): boolean;
  /** Microseconds since 1970. */
  time(id: number): number;
  flowId(id: number): number;
  /** The socket that recorded a flow. */
  socketOf(flow: number): number;
  wireLength(id: number): number;
  capturedLength(id: number): number;
  digest(id: number): number;
  /** False for a datagram that the system refused to send: no network can have refused it. */
  wasSent(id: number): boolean;
  /** Which one of two of the same time is told first. */
  standsBefore(one: number, other: number): boolean;
  /** What is sent by this flow reaches its end, or is refused there, before the next one is sent. */
  isLoopback(flow: number): boolean;
  refusal(id: number): number;
  setRefusal(id: number, code: number): void;
}

/** A message about a datagram that is in the table. */
export interface RefusalMessage {
  /** Microseconds since 1970. */
  readonly time: number;
  /** A tap has made it of an error, which does not tell which datagram it is about. */
  readonly isByTap: boolean;
  /** It quotes all of the payload. */
  readonly isWhole: boolean;
}

/** So long after a datagram was sent a message can be about it: a machine looks for another one for 3 seconds before it gives up (RFC 4861 section 7.2.2). */
export const REFUSED_WITHIN_US = 10_000_000;
/** Of one flow, what lies further apart cannot be told. */
const REACH = 256;
/** Messages whose datagrams are looked for, and datagrams that are looked through, at once: some milliseconds. */
const FOUND_AT_ONCE = 1 << 12;
const LOOKED_THROUGH_AT_ONCE = 1 << 16;
/** Datagrams, and messages of a flow, that are looked at anew with each call, and for each that is new: more is put off. */
const ANEW_AT_LEAST = 4096;
const ANEW_FOR_ONE = 4;

// What is known of a message beside its reason.
const BY_TAP = 16;
const HAS_DIGEST = 32;

const NONE = -1;

/** The messages about one flow, and what it has sent meanwhile: parallel columns, as there may be as many as datagrams. */
class RefusedFlow {
  readonly flow: number;
  readonly socket: number;
  /** The datagrams by time. */
  ids: number[] = [];
  addedIds: number[] = [];
  /** By time: when the message came, what it quotes, what it says, and which file part tells it. */
  times: number[] = [];
  quotes: number[] = [];
  codes: number[] = [];
  parts: number[] = [];
  /** The datagram that it is about, or {@link NONE}. */
  about: number[] = [];
  /** So many messages are in order. */
  ordered = 0;
  /** The earliest time of what is new, and how much of that there is. */
  changedFrom = Number.POSITIVE_INFINITY;
  unspent = 0;
  /** From when on all datagrams are known. */
  since = Number.POSITIVE_INFINITY;
  /** How many datagrams were refused. */
  refused = 0;

  constructor(flow: number, socket: number) {
    this.flow = flow;
    this.socket = socket;
  }
}

/**
 * Which datagrams the network has refused, as messages tell that the capture holds.
 *
 * A message is about the latest datagram before it in the same flow that it quotes and that no other one is about: depends
 * on nothing but the records, in whatever order they were read. Where an equal one was sent shortly before, it is unsure which.
 */
export class Refusals {
  readonly #table: RefusalTable;
  readonly #flows = new Map<number, RefusedFlow>();
  readonly #bySocket = new Map<number, number>();
  readonly #changed = new Set<RefusedFlow>();
  /** Flows whose datagrams have to be looked for. */
  readonly #new = new Set<number>();
  /** Datagrams and messages that were taken in since that was done. */
  #unspent = 0;

  constructor(table: RefusalTable) {
    this.#table = table;
  }

  /** How many datagrams of a flow were refused. */
  count(flow: number): number {
    return this.#flows.get(flow)?.refused ?? 0;
  }

  /** The same of all flows of a socket. */
  countOfSocket(socket: number): number {
    return this.#bySocket.get(socket) ?? 0;
  }

  add({ flow, part, time, length, digest, isByTap, refusal }: RefusalRecord): void {
    // A message that nobody knows the time of is about nothing that can be found.
    if (Number.isNaN(time)) return;
    let known = this.#flows.get(flow);
    if (!known) {
      known = new RefusedFlow(flow, this.#table.socketOf(flow));
      this.#flows.set(flow, known);
    }
    if (time - REFUSED_WITHIN_US < known.since) {
      known.since = time - REFUSED_WITHIN_US;
      this.#new.add(flow);
    }
    known.times.push(time);
    known.quotes.push(Math.min(length, 0xffff) * 0x1_0000_0000 + (digest ?? 0));
    const hasDigest = digest === undefined ? 0 : HAS_DIGEST;
    known.codes.push(REFUSALS.indexOf(refusal) + 1 + (isByTap ? BY_TAP : 0) + hasDigest);
    known.parts.push(part);
    known.about.push(NONE);
    this.#unspent++;
    this.#change(known, time);
  }

  /**
   * Takes the datagrams `from` to `end - 1` in, and the messages that were added. What is not told before {@link settling}
   * comes long before what has been told.
   *
   * @returns the earliest time of a datagram of which something else is told now; Infinity where none is.
   */
  take(from: number, end: number): number {
    return atOnce(this.taking(from, end));
  }

  /** The same in steps of some milliseconds; nothing may be added before the last one. */
  *taking(from: number, end: number): Steps<number> {
    if (this.#flows.size === 0) return Number.POSITIVE_INFINITY;
    const table = this.#table;
    for (let id = from; id < end; id++) {
      if ((id - from) % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
      const flow = table.flowId(id);
      const known = this.#flows.get(flow);
      if (known && !this.#new.has(flow)) this.#addDatagram(known, id);
    }
    this.#unspent += end - from;
    yield* this.#finding(false);
    return yield* this.#telling(false);
  }

  /** Tells what has been put off; the same as {@link taking} besides. */
  *settling(): Steps<number> {
    yield* this.#finding(true);
    return yield* this.#telling(true);
  }

  /**
   * Files are gone: what they said, and what they said it of; in steps of some milliseconds. To be called before the
   * flows are forgotten.
   */
  *dropping(parts: ReadonlyMap<number, unknown>): Steps {
    const table = this.#table;
    let seen = 0;
    const isTurn = () => ++seen % LOOKED_THROUGH_AT_ONCE === 0;
    for (const known of this.#flows.values()) {
      const left: number[] = [];
      for (const [at, part] of known.parts.entries()) {
        if (isTurn()) yield;
        if (!parts.has(part)) left.push(at);
        const id = known.about[at] ?? NONE;
        if (id !== NONE && table.has(id)) table.setRefusal(id, 0);
      }
      this.#count(known, -known.refused);
      arrange(known, left);
      known.ordered = left.length;
      known.about.fill(NONE);
      const ids: number[] = [];
      for (const id of known.ids) {
        if (isTurn()) yield;
        if (table.has(id)) ids.push(id);
      }
      known.ids = ids;
      this.#change(known, Number.NEGATIVE_INFINITY);
    }
    yield* this.#telling(true);
  }

  /** Forgets flows that are gone; others may get their ids. */
  forgetFlows(ids: readonly number[]): void {
    for (const id of ids) {
      const known = this.#flows.get(id);
      if (known) this.#count(known, -known.refused);
      this.#flows.delete(id);
      this.#new.delete(id);
    }
  }

  clear(): void {
    this.#flows.clear();
    this.#bySocket.clear();
    this.#changed.clear();
    this.#new.clear();
  }

  /** The messages about the datagrams of a flow, by the datagram's id. Costs as much as there are messages. */
  *ofFlow(flow: number): IterableIterator<readonly [id: number, message: RefusalMessage]> {
    const known = this.#flows.get(flow);
    for (const [at, id] of known?.about.entries() ?? []) {
      if (id === NONE) continue;
      const code = known?.codes[at] ?? 0;
      const isByTap = (code & BY_TAP) !== 0;
      const isWhole = (code & HAS_DIGEST) !== 0;
      yield [id, { time: known?.times[at] ?? 0, isByTap, isWhole }];
    }
  }

  /** The datagrams of flows that a message is about for the first time, as far back as it can be about them. */
  *#finding(isLast: boolean): Steps {
    if (this.#new.size === 0) return;
    const table = this.#table;
    let from = Number.POSITIVE_INFINITY;
    for (const flow of this.#new) from = Math.min(from, this.#flows.get(flow)?.since ?? from);
    const first = table.positionAt(from);
    const isDue = table.length - first <= ANEW_AT_LEAST + ANEW_FOR_ONE * this.#unspent;
    if (!isDue && !isLast) return;
    this.#unspent = 0;
    for (const flow of this.#new) {
      const known = this.#flows.get(flow);
      if (known) known.ids = [];
    }
    for (let at = first; at < table.length; at++) {
      if (at % LOOKED_THROUGH_AT_ONCE === 0) yield;
      const id = table.idAt(at);
      const flow = table.flowId(id);
      const known = this.#new.has(flow) && this.#flows.get(flow);
      if (known) this.#addDatagram(known, id);
    }
    this.#new.clear();
  }

  #addDatagram(known: RefusedFlow, id: number): void {
    if (!this.#table.wasSent(id)) return;
    known.addedIds.push(id);
    this.#change(known, this.#table.time(id));
  }

  #change(known: RefusedFlow, time: number): void {
    known.changedFrom = Math.min(known.changedFrom, time);
    known.unspent++;
    this.#changed.add(known);
  }

  *#telling(isLast: boolean): Steps<number> {
    let earliest = Number.POSITIVE_INFINITY;
    for (const known of this.#changed) {
      if (this.#new.has(known.flow)) continue;
      this.#merge(known);
      const anew = known.times.length - lowerBound(known.times, known.changedFrom);
      if (!isLast && anew > ANEW_AT_LEAST + ANEW_FOR_ONE * known.unspent) continue;
      this.#changed.delete(known);
      earliest = Math.min(earliest, yield* this.#matching(known));
      known.changedFrom = Number.POSITIVE_INFINITY;
      known.unspent = 0;
    }
    return earliest;
  }

  /** Puts what is new into its place in time. */
  #merge(known: RefusedFlow): void {
    const table = this.#table;
    const isBefore = (one: number, other: number) => {
      const by = table.time(one) - table.time(other);
      return by < 0 || (by === 0 && table.standsBefore(one, other));
    };
    const added = known.addedIds.sort((a, b) => (isBefore(a, b) ? -1 : 1));
    known.addedIds = [];
    insert(known.ids, added, isBefore);
    const { times, quotes } = known;
    const order = (one: number, other: number) =>
      (times[one] ?? 0) - (times[other] ?? 0) || (quotes[one] ?? 0) - (quotes[other] ?? 0);
    const { ordered } = known;
    const isInOrder = (_: unknown, at: number) =>
      at === 0 || order(ordered + at - 1, ordered + at) <= 0;
    const news = Array.from({ length: times.length - ordered }, (_, at) => ordered + at);
    known.ordered = times.length;
    if (
      news.every(isInOrder) &&
      (ordered === 0 || news.length === 0 || order(ordered - 1, ordered) <= 0)
    )
      return;
    news.sort(order);
    let from = ordered;
    const first = news[0] ?? 0;
    for (let low = 0; low < from; ) {
      const middle = (low + from) >>> 1;
      if (order(middle, first) <= 0) low = middle + 1;
      else from = middle;
    }
    const places = Array.from({ length: ordered - from }, (_, at) => from + at);
    insert(places, news, (one, other) => order(one, other) < 0);
    arrange(known, places, from);
  }

  /** Finds out anew what the messages are about from where on something is new. */
  *#matching(known: RefusedFlow): Steps<number> {
    const table = this.#table;
    const { times, about } = known;
    const first = lowerBound(times, known.changedFrom);
    const before = new Map<number, number>();
    for (let at = first; at < about.length; at++) {
      if (at % LOOKED_THROUGH_AT_ONCE === 0) yield;
      const id = about[at] ?? NONE;
      if (id === NONE) continue;
      before.set(id, table.refusal(id));
      table.setRefusal(id, 0);
      this.#count(known, -1);
    }
    for (let at = first; at < about.length; at++) {
      if (at % FOUND_AT_ONCE === FOUND_AT_ONCE - 1) yield;
      about[at] = this.#findDatagram(known, at);
    }
    let earliest = Number.POSITIVE_INFINITY;
    for (let at = first; at < about.length; at++) {
      const id = about[at] ?? NONE;
      if (id !== NONE && !before.has(id)) before.set(id, 0);
    }
    for (const [id, code] of before) {
      if (table.refusal(id) !== code) earliest = Math.min(earliest, table.time(id));
    }
    return earliest;
  }

  #count(known: RefusedFlow, by: number): void {
    known.refused += by;
    const { socket } = known;
    const ofSocket = (this.#bySocket.get(socket) ?? 0) + by;
    if (ofSocket === 0) this.#bySocket.delete(socket);
    else this.#bySocket.set(socket, ofSocket);
  }

  #findDatagram(known: RefusedFlow, at: number): number {
    const table = this.#table;
    const time = known.times[at] ?? 0;
    const quote = known.quotes[at] ?? 0;
    const code = known.codes[at] ?? 0;
    const length = Math.floor(quote / 0x1_0000_0000);
    const digest = code & HAS_DIGEST ? quote % 0x1_0000_0000 : undefined;
    const isQuoted = (id: number) =>
      Math.min(table.wireLength(id), 0xffff) === length &&
      // The digest of what was cut is that of what is left.
      (digest === undefined ||
        table.capturedLength(id) < table.wireLength(id) ||
        table.digest(id) === digest);
    const last = upperBound(known.ids, time, (id) => table.time(id)) - 1;
    let found = NONE;
    let isUnsure = false;
    for (let place = last; place >= 0 && place > last - REACH; place--) {
      const id = known.ids[place] ?? NONE;
      if (table.time(id) < time - REFUSED_WITHIN_US) break;
      if (table.refusal(id) !== 0) continue;
      // A tap knows which one was the last that it sent, and not which one was refused.
      if (found === NONE ? !isQuoted(id) : !(code & BY_TAP || isQuoted(id))) continue;
      isUnsure = found !== NONE;
      if (isUnsure) break;
      found = id;
      if (table.isLoopback(table.flowId(id))) break;
    }
    if (found === NONE) return NONE;
    table.setRefusal(found, (code & REASON) | (isUnsure ? UNSURE : 0));
    this.#count(known, 1);
    return found;
  }
}

/** Keeps the messages before `from`, and behind them those at these places, in this order. */
function arrange(known: RefusedFlow, places: readonly number[], from = 0): void {
  for (const column of ["times", "quotes", "codes", "parts", "about"] as const) {
    const values = places.map((place) => known[column][place] ?? 0);
    known[column].length = from;
    for (const value of values) known[column].push(value);
  }
}

/** Puts `added`, which are in order, among those that are, behind what is equal: costs as much as stands behind the first. */
function insert(
  sorted: number[],
  added: readonly number[],
  isBefore: (one: number, other: number) => boolean,
): void {
  let old = sorted.length;
  for (const value of added) sorted.push(value);
  let place = sorted.length - 1;
  for (let next = added.length - 1; next >= 0; place--) {
    const value = added[next] ?? 0;
    const before = sorted[old - 1];
    if (before === undefined || !isBefore(value, before)) {
      sorted[place] = value;
      next--;
    } else {
      sorted[place] = before;
      old--;
    }
  }
}

/** The first place whose time is not before `time`. */
function lowerBound(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Behind the last of `ids` whose time is not after `time`. */
function upperBound(ids: readonly number[], time: number, timeOf: (id: number) => number): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeOf(ids[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

import { atOnce, type Steps } from "./steps.ts";

/** Records that are matched, or told of, at once: some milliseconds. */
const MATCHED_AT_ONCE = 1 << 13;

/** Two programs read the same clock, but not at the same moment: a receipt may seem to be this much too early. */
export const SKEW_US = 5_000;

/**
 * Among equal payloads, a sending and its receipt are looked for so many records apart at most. What is further apart
 * cannot be told.
 */
export const REACH = 1024;

/**
 * Equal payloads that follow each other so soon are received in their order, as long as none is under way for longer than
 * {@link IN_ORDER_US}.
 */
export const BURST_US = 10_000;
export const IN_ORDER_US = 100_000;

/** What became of a record, as far as the records of equal payload tell. */
export const Pairing = {
  /** No other end of it is there. */
  none: 0,
  /** A sending, whose partner is its receipt: of several, the first. */
  delivered: 1,
  /** The receipt of a delivered one. */
  receipt: 2,
  /** Received although all that were sent have been received already, the latest of which is its partner. */
  duplicate: 3,
  /** The receipt of a delivered one that went to many, by another socket than the first. */
  copy: 4,
  /** A sending after which {@link REACH} equal ones left before any was received. */
  unclear: 5,
} as const;
export type Pairing = (typeof Pairing)[keyof typeof Pairing];

/**
 * Between which two ends a record passed, as numbers that are alike for the same address. What it does not know of its
 * own end is {@link ANY}, which is never the number of an address.
 */
export interface Ends {
  readonly source: number;
  readonly destination: number;
  /** All that its source may be called by who sends: its own number, and those of wildcards that take it. */
  readonly senders: readonly number[];
  /** Several sockets can receive it: it goes to a group, or to all. */
  readonly isForMany: boolean;
}

/** The destination of a receipt by a socket on a wildcard. */
export const ANY = 0;

/** What the pairing asks about records, by their id. */
export interface PairingTable {
  /** Which flow a record is of. */
  flowId(id: number): number;
  isSending(id: number): boolean;
  /** Microseconds since 1970. */
  time(id: number): number;
  ends(id: number): Ends;
  /** The socket that recorded it. */
  socketOf(id: number): number;
  /** What was told of it last. */
  told(id: number): Pairing;
}

/** Records of equal payload in one channel. */
export interface Equals {
  /** By time; a sending {@link SKEW_US} earlier. */
  readonly ids: Uint32Array | number[];
  /**
   * What was found out of each: of a receipt the id of the sending that it takes and 1 more, or 0; of a sending 1 where
   * a receipt takes it, or 0. What is new has 0.
   */
  readonly takes: Uint32Array | number[];
  /** How many of both count. */
  readonly length: number;
  /** Called when {@link takes} may have changed from there on. */
  changed?(from: number): void;
}

export type Tell = (id: number, pairing: Pairing, partner: number) => void;

/**
 * Which sending belongs to which receipt, among records of equal payload: a matter of time alone.
 *
 * Each receipt, in the order of time, takes the earliest sending of a burst that is left: where some are always under
 * way, none is left behind. Without one it takes the latest before: so a loss among slower ones, such as heartbeats, is
 * found where it happened. Either way those that arrived are as many as can be.
 * Which receipt belongs to which of them is a matter of order, since a socket hands out first what came first.
 *
 * Depends on nothing but the records. What a receipt takes is not there for those after it: they are looked through
 * until {@link REACH} of them in a row take what they took before. In a burst without an end that may be all of them: where
 * there are many, it is done in the steps that are returned.
 *
 * @param first where the first one stands that is new, or that stood behind one that is gone
 * @param end behind the last of those
 * @param areNew false where some are gone
 * @param tell called with all that may be told otherwise than before
 */
export function pairEqual(
  table: PairingTable,
  equals: Equals,
  first: number,
  end: number,
  areNew: boolean,
  tell: Tell,
): Steps | undefined {
  const { length } = equals;
  if (length === 2 && pairTwo(table, equals, tell)) return undefined;
  if (areNew && length - end < REACH && pairLast(table, equals, first, tell)) return undefined;
  // Where the last ones were tried in vain, they have been changed.
  const steps = pairing(
    new Matching(table, equals),
    equals,
    first,
    areNew && length - first < REACH ? length : end,
    tell,
  );
  if (length > MATCHED_AT_ONCE) return steps;
  atOnce(steps);
  return undefined;
}

function* pairing(
  matching: Matching,
  equals: Equals,
  first: number,
  end: number,
  tell: Tell,
): Steps {
  const stop = yield* matching.matching(first, end);
  equals.changed?.(Math.max(0, first - REACH));
  yield* matching.telling(matching.changedFrom, stop, tell);
}

/** Does the same where there is nothing but a sending and its receipt, as nearly always. */
function pairTwo(table: PairingTable, { ids, takes }: Equals, tell: Tell): boolean {
  const [one = 0, other = 0] = ids;
  if (!table.isSending(one) || table.isSending(other)) return false;
  const { source, destination } = table.ends(one);
  const receipt = table.ends(other);
  if (receipt.destination !== destination && receipt.destination !== ANY) return false;
  if (!receipt.senders.includes(source)) return false;
  takes[0] = 1;
  takes[1] = one + 1;
  tell(other, Pairing.receipt, one);
  tell(one, Pairing.delivered, other);
  return true;
}

/**
 * Does the same where only the last ones are new, and what stands before them has nothing to do with them: so nearly
 * always while programs run, many times a second. False where that is not so; then nothing was told.
 */
function pairLast(table: PairingTable, equals: Equals, first: number, tell: Tell): boolean {
  const from = partingBefore(table, equals, first);
  if (from === undefined) return false;
  const matching = new Matching(table, equals);
  const isApart = matching.matchApart(from);
  equals.changed?.(from);
  if (!isApart) return false;
  atOnce(matching.telling(from, equals.length, tell));
  return true;
}

/**
 * The last place up to `first`, if there is one near, that no pair reaches across, and before which nothing is left that
 * could arrive in order behind it.
 */
function partingBefore(table: PairingTable, equals: Equals, first: number): number | undefined {
  const { ids, length } = equals;
  const time = first < length ? table.time(ids[first] ?? 0) : Number.POSITIVE_INFINITY;
  let across = 0;
  let hasReceipt = false;
  let parting: number | undefined;
  let nextSent = Number.NEGATIVE_INFINITY;
  for (let at = length - 1; at >= Math.max(1, first - REACH); at--) {
    const id = ids[at] ?? 0;
    const told = table.told(id);
    const isSending = table.isSending(id);
    if (parting !== undefined) {
      if (time - table.time(id) > IN_ORDER_US + 2 * SKEW_US) return parting;
      const isLeft = isSending && told !== Pairing.delivered;
      if (isLeft && nextSent - table.time(id) < BURST_US) parting = undefined;
    }
    if (isSending) nextSent = table.time(id);
    if (told === Pairing.copy) return undefined;
    if (told === Pairing.receipt) across++;
    if (told === Pairing.delivered) across--;
    // Without one, what stands further ahead may be unclear now.
    if (at < first && !isSending) hasReceipt = true;
    if (at <= first && across === 0 && hasReceipt) parting ??= at;
  }
  return parting;
}

/** Sendings that the same can receive, by their places. */
class Queue {
  readonly #isTaken: (at: number) => boolean;
  readonly #sent: number[] = [];
  /** What of them arrives next, if it does in order. */
  #next = 0;
  /** What did not arrive in order. */
  readonly #passed: number[] = [];

  constructor(isTaken: (at: number) => boolean) {
    this.#isTaken = isTaken;
  }

  add(at: number): void {
    this.#sent.push(at);
  }

  /** Lets go of what is taken, and passes what is not in a burst. */
  pass(isInBurst: (at: number, following: number | undefined) => boolean): void {
    for (; this.#next < this.#sent.length; this.#next++) {
      const at = this.#sent[this.#next] ?? 0;
      if (this.#isTaken(at)) continue;
      if (isInBurst(at, this.#sent[this.#next + 1])) break;
      this.#passed.push(at);
    }
    while (this.#passed.length > 0 && this.#isTaken(this.#passed.at(-1) ?? 0)) this.#passed.pop();
  }

  get next(): number | undefined {
    return this.#sent[this.#next];
  }

  get lastPassed(): number | undefined {
    return this.#passed.at(-1);
  }

  /** Takes {@link next}, or where there is none {@link lastPassed}. */
  take(): void {
    if (this.#next < this.#sent.length) this.#next++;
    else this.#passed.pop();
  }
}

/** Sendings between two ends. */
interface Sendings {
  latest: number;
  /** What one socket receives. Others may take it by another name. */
  readonly forOne: Queue;
  /** What many receive. */
  readonly forMany: number[];
  /** Socket → what of `forMany` it has not received, of the first `known` of them. */
  readonly bySocket: Map<number, { readonly queue: Queue; known: number }>;
}

/** The sendings that may yet be received. Costs the same for each record, however many there are. */
class Waiting {
  readonly #table: PairingTable;
  readonly #equals: Equals;
  /** {@link endsKey} → sendings; each is there by its destination, and for who knows none of its own. */
  readonly #sendings = new Map<number, Sendings>();
  /** Socket → what of all that goes to many it has received before. */
  readonly #heard: ReadonlyMap<number, ReadonlySet<number>>;
  #latest: number | undefined;

  constructor(
    table: PairingTable,
    equals: Equals,
    heard: ReadonlyMap<number, ReadonlySet<number>> = new Map(),
  ) {
    this.#table = table;
    this.#equals = equals;
    this.#heard = heard;
  }

  /** The latest sending that the last receipt can belong to, although it may have been received before. */
  get latest(): number | undefined {
    return this.#latest;
  }

  add(at: number, { source, destination, isForMany }: Ends): void {
    for (const to of destination === ANY ? [ANY] : [destination, ANY]) {
      const sendings = this.#of(endsKey(source, to));
      sendings.latest = at;
      if (isForMany) sendings.forMany.push(at);
      else sendings.forOne.add(at);
    }
  }

  /** True when {@link take} would find one. */
  has(at: number): boolean {
    return this.#queueFor(at) !== undefined;
  }

  /** Takes the sending that the receipt at `at` belongs to, and returns it; or undefined. */
  take(at: number): number | undefined {
    const queue = this.#queueFor(at);
    const sending = queue?.next ?? queue?.lastPassed;
    if (sending === undefined) return undefined;
    queue?.take();
    this.#equals.takes[sending] = 1;
    return sending;
  }

  #queueFor(at: number): Queue | undefined {
    const table = this.#table;
    const { ids } = this.#equals;
    const id = ids[at] ?? 0;
    const { senders, destination } = table.ends(id);
    const socket = table.socketOf(id);
    const time = table.time(id);
    const isInBurst = (sending: number, following: number | undefined) => {
      if (at - sending > REACH) return false;
      const sent = table.time(ids[sending] ?? 0);
      if (time - sent > IN_ORDER_US) return false;
      const next =
        following === undefined ? Number.POSITIVE_INFINITY : table.time(ids[following] ?? 0);
      return next > time || next - sent < BURST_US;
    };
    let found: Queue | undefined;
    this.#latest = undefined;
    for (const source of senders) {
      const sendings = this.#sendings.get(endsKey(source, destination));
      if (!sendings) continue;
      const { latest } = sendings;
      if (at - latest <= REACH) this.#latest = Math.max(this.#latest ?? latest, latest);
      for (const queue of [sendings.forOne, this.#forManyTo(socket, sendings)]) {
        queue?.pass(isInBurst);
        if (queue && isBetter(queue, found, at - REACH)) found = queue;
      }
    }
    return found;
  }

  /** What of all that goes to many a socket has not received. */
  #forManyTo(socket: number, { forMany, bySocket }: Sendings): Queue | undefined {
    if (forMany.length === 0) return undefined;
    let own = bySocket.get(socket);
    if (!own) {
      const heard = this.#heard.get(socket);
      const { ids } = this.#equals;
      own = { queue: new Queue((at) => heard?.has(ids[at] ?? 0) === true), known: 0 };
      bySocket.set(socket, own);
    }
    while (own.known < forMany.length) own.queue.add(forMany[own.known++] ?? 0);
    return own.queue;
  }

  #of(key: number): Sendings {
    let sendings = this.#sendings.get(key);
    if (!sendings) {
      const { takes } = this.#equals;
      const forOne = new Queue((at) => takes[at] === 1);
      sendings = { latest: 0, forOne, forMany: [], bySocket: new Map() };
      this.#sendings.set(key, sendings);
    }
    return sendings;
  }
}

/** Whether a receipt that reaches to `first` takes what is in the one queue rather than what is in the other. */
function isBetter(one: Queue, other: Queue | undefined, first: number): boolean {
  if (one.next !== undefined) return other?.next === undefined || one.next < other.next;
  if (one.lastPassed === undefined || one.lastPassed < first || other?.next !== undefined) {
    return false;
  }
  return other?.lastPassed === undefined || one.lastPassed > other.lastPassed;
}

/** The same for no two other pairs, as numbers of addresses are below 2^26. */
function endsKey(source: number, destination: number): number {
  return source * 2 ** 26 + destination;
}

/** What becomes of a part of the records. */
class Matching {
  readonly #table: PairingTable;
  readonly #equals: Equals;
  /** Receipt that was matched with nothing → id of the latest sending that it can be of, if there is one. */
  readonly #unmatched = new Map<number, number | undefined>();
  /** Nothing reaches across the start of what is told. */
  #isApart = false;
  /** The first place where something may be told otherwise than before. */
  changedFrom = Number.POSITIVE_INFINITY;

  constructor(table: PairingTable, equals: Equals) {
    this.#table = table;
    this.#equals = equals;
  }

  /**
   * Finds out what the receipts from `first` on take.
   *
   * @param end all before it may take another one than before
   * @returns the place from which on nothing is told otherwise than before
   */
  *matching(first: number, end: number): Steps<number> {
    const { length, takes } = this.#equals;
    const start = Math.max(0, first - REACH);
    const before = takes.slice(start, first);
    const waiting = this.#waitingAt(first);
    let stop = Math.min(length, end + REACH);
    for (let at = first; at < stop; at++) {
      if (at % MATCHED_AT_ONCE === 0) yield;
      if (this.#isChanged(at, waiting)) stop = Math.min(length, at + 1 + REACH);
    }
    // What follows the last receipt may be unclear now.
    let from = first;
    while (from > start && this.#table.isSending(this.#id(from - 1))) from--;
    const changed = before.findIndex((taken, index) => taken !== takes[start + index]);
    this.changedFrom = changed < 0 ? from : Math.min(from, start + changed);
    // What is received behind it is received still.
    const taken = this.#takenIn(stop, stop + REACH);
    for (let at = Math.max(first, stop - REACH); at < stop && taken.size > 0; at++) {
      if (taken.has(this.#id(at))) takes[at] = 1;
    }
    return stop;
  }

  /** The same of all from `from` on, across which nothing reaches; returns false where something does. */
  matchApart(from: number): boolean {
    this.#isApart = true;
    const waiting = new Waiting(this.#table, this.#equals);
    let earlier: Waiting | undefined;
    for (let at = from; at < this.#equals.length; at++) {
      this.#isChanged(at, waiting);
      if (!this.#unmatched.has(at)) continue;
      earlier ??= this.#waitingAt(from);
      if (earlier.has(at)) return false;
      const { latest } = earlier;
      if (waiting.latest === undefined && latest !== undefined) {
        this.#unmatched.set(at, this.#id(latest));
      }
    }
    return true;
  }

  /** Matches one, and returns whether it takes another one than before. */
  #isChanged(at: number, waiting: Waiting): boolean {
    const { takes } = this.#equals;
    const id = this.#id(at);
    if (this.#table.isSending(id)) {
      takes[at] = 0;
      waiting.add(at, this.#table.ends(id));
      return false;
    }
    const sending = waiting.take(at);
    if (sending === undefined) {
      const { latest } = waiting;
      this.#unmatched.set(at, latest === undefined ? undefined : this.#id(latest));
    }
    const taken = sending === undefined ? 0 : this.#id(sending) + 1;
    const isChanged = takes[at] !== taken;
    takes[at] = taken;
    return isChanged;
  }

  /** What has been sent before `end`, and not been received before it. */
  #waitingAt(end: number): Waiting {
    const { takes } = this.#equals;
    const table = this.#table;
    const start = Math.max(0, end - REACH);
    const taken = new Set<number>();
    const heard = new Map<number, Set<number>>();
    for (let at = start; at < end; at++) {
      const sending = (takes[at] ?? 0) - 1;
      if (sending < 0 || table.isSending(this.#id(at))) continue;
      taken.add(sending);
      if (!table.ends(sending).isForMany) continue;
      const socket = table.socketOf(this.#id(at));
      const own = heard.get(socket) ?? new Set();
      heard.set(socket, own.add(sending));
    }
    const waiting = new Waiting(table, this.#equals, heard);
    for (let at = start; at < end; at++) {
      const id = this.#id(at);
      if (!table.isSending(id)) continue;
      takes[at] = taken.has(id) ? 1 : 0;
      waiting.add(at, table.ends(id));
    }
    return waiting;
  }

  /** The sendings that receipts take. */
  #takenIn(start: number, end: number): Set<number> {
    const { takes, length } = this.#equals;
    const taken = new Set<number>();
    for (let at = Math.max(0, start); at < Math.min(length, end); at++) {
      const sending = (takes[at] ?? 0) - 1;
      if (sending >= 0 && !this.#table.isSending(this.#id(at))) taken.add(sending);
    }
    return taken;
  }

  /** Tells of what stands from `first` to before `end`: of each flow, what was sent first was received first. */
  *telling(first: number, end: number, tell: Tell): Steps {
    const table = this.#table;
    const { takes, length } = this.#equals;
    const last = Math.min(length, end + REACH);
    const { underWay, heard } = this.#stateAt(first);
    for (let at = first; at < last; at++) {
      if (at % MATCHED_AT_ONCE === 0) yield;
      const taken = takes[at] ?? 0;
      if (taken === 0) continue;
      const id = this.#id(at);
      if (table.isSending(id)) {
        if (!table.ends(id).isForMany) flightOf(underWay, table.flowId(id)).sent.push(id);
      } else if (table.ends(taken - 1).isForMany) {
        const isFirst = !heard.has(taken - 1);
        heard.add(taken - 1);
        tell(id, isFirst ? Pairing.receipt : Pairing.copy, taken - 1);
        if (isFirst) tell(taken - 1, Pairing.delivered, id);
      } else {
        const flight = flightOf(underWay, table.flowId(taken - 1));
        const sending = flight.sent[flight.next++] ?? taken - 1;
        tell(id, Pairing.receipt, sending);
        tell(sending, Pairing.delivered, id);
      }
    }
    let nextReceipt = last;
    for (let at = last - 1; at >= first; at--) {
      if (at % MATCHED_AT_ONCE === 0) yield;
      const id = this.#id(at);
      const isSending = table.isSending(id);
      if (!isSending) nextReceipt = at;
      if (at >= end || takes[at] !== 0) continue;
      if (isSending) tell(id, nextReceipt - at > REACH ? Pairing.unclear : Pairing.none, 0);
      else if (this.#unmatched.has(at)) {
        const latest = this.#unmatched.get(at);
        if (latest === undefined) tell(id, Pairing.none, 0);
        else tell(id, Pairing.duplicate, latest);
      }
    }
  }

  /** What is under way at a place, by its flow; and what goes to many, and some have received. */
  #stateAt(place: number): { underWay: Map<number, Flight>; heard: Set<number> } {
    const underWay = new Map<number, Flight>();
    if (this.#isApart) return { underWay, heard: new Set() };
    const table = this.#table;
    const heard = this.#takenIn(place - REACH, place);
    for (let at = Math.max(0, place - REACH); at < place; at++) {
      const id = this.#id(at);
      if (!table.isSending(id) || this.#equals.takes[at] === 0) continue;
      if (table.ends(id).isForMany) continue;
      const flight = flightOf(underWay, table.flowId(id));
      flight.sent.push(id);
      if (heard.has(id)) flight.next++;
    }
    return { underWay, heard };
  }

  #id(at: number): number {
    return this.#equals.ids[at] ?? 0;
  }
}

/** Of a flow, what was sent and arrived, in its order; and which of these arrives next. */
interface Flight {
  readonly sent: number[];
  next: number;
}

function flightOf(underWay: Map<number, Flight>, flow: number): Flight {
  let flight = underWay.get(flow);
  if (!flight) {
    flight = { sent: [], next: 0 };
    underWay.set(flow, flight);
  }
  return flight;
}

/** Two programs read the same clock, but not at the same moment: a receipt may seem to be this much too early. */
export const SKEW_US = 5_000;

/**
 * Among equal payloads, a sending and its receipt are looked for so many records apart at most. What is further apart
 * cannot be told; what changes at one place is therefore of no concern to what is further away.
 */
export const REACH = 1024;

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
  ends(id: number): Ends;
  /** The socket that recorded it. */
  socketOf(id: number): number;
  /** What was told of it last. */
  told(id: number): Pairing;
}

export type Tell = (id: number, pairing: Pairing, partner: number) => void;

const NONE = -1;

/**
 * Which sending belongs to which receipt, among records of equal payload: a matter of time alone.
 *
 * Each receipt, in the order of time, takes the latest sending before it that is left: so a loss among equal datagrams,
 * such as a heartbeat's, is found where it happened, and those that arrived are as many as can be. Which receipt belongs
 * to which of those that arrived is a matter of order, since a socket hands out first what came first.
 *
 * Depends on nothing but the records. Costs as much as there are records between `first` and `end`, and around them:
 * twice {@link REACH} on each side.
 *
 * @param ids the records, by time; a sending {@link SKEW_US} earlier
 * @param length how many `ids` count
 * @param first where the first one stands that is new or was not there before
 * @param end behind the last of those
 * @param tell called with all that may be told otherwise than before
 */
export function pairEqual(
  table: PairingTable,
  ids: ArrayLike<number>,
  length: number,
  first: number,
  end: number,
  tell: Tell,
): void {
  if (pairLast(table, ids, length, first, tell)) return;
  // A receipt is told from what stands before it, and that from what stands before that; and so on to the other side.
  const from = Math.max(0, first - 2 * REACH);
  const to = Math.min(length, end + 2 * REACH);
  const stretch = new Stretch(table, ids, from, to);
  stretch.match();
  stretch.order();
  stretch.tell(
    from === 0 ? 0 : first - REACH,
    to === length ? length : end + REACH,
    to === length,
    tell,
  );
}

/**
 * Does the same where only the last ones are new, and what stands before them has nothing to do with them: so nearly
 * always while programs run, many times a second. False where that is not so; then nothing was told.
 */
function pairLast(
  table: PairingTable,
  ids: ArrayLike<number>,
  length: number,
  first: number,
  tell: Tell,
): boolean {
  const from = partingBefore(table, ids, length, first);
  if (from === undefined) return false;
  const stretch = new Stretch(table, ids, from, length);
  if (!stretch.match(() => waitingBefore(table, ids, from))) return false;
  stretch.order();
  stretch.tell(from, length, true, tell);
  return true;
}

/** The last place up to `first` that no pair reaches across, if there is one near. */
function partingBefore(
  table: PairingTable,
  ids: ArrayLike<number>,
  length: number,
  first: number,
): number | undefined {
  let across = 0;
  let hasReceipt = false;
  for (let at = length - 1; at >= Math.max(1, length - REACH); at--) {
    const id = ids[at] ?? 0;
    const told = table.told(id);
    if (told === Pairing.copy) return undefined;
    if (told === Pairing.receipt) across++;
    if (told === Pairing.delivered) across--;
    // Without one, what stands further ahead may be unclear now.
    if (at < first && !table.isSending(id)) hasReceipt = true;
    if (at <= first && across === 0 && hasReceipt) return at;
  }
  return undefined;
}

/** The sendings before `end` that have not been received; undefined where some go to many, which others may yet receive. */
function waitingBefore(
  table: PairingTable,
  ids: ArrayLike<number>,
  end: number,
): Waiting | undefined {
  const start = Math.max(0, end - REACH);
  const waiting = new Waiting(end - start);
  for (let at = start; at < end; at++) {
    const id = ids[at] ?? 0;
    if (!table.isSending(id)) continue;
    const ends = table.ends(id);
    if (ends.isForMany) return undefined;
    waiting.add(at - end, ends, table.told(id) === Pairing.delivered);
  }
  return waiting;
}

/** Sendings between two ends, by their positions. */
interface Sendings {
  latest: number;
  /** What one socket receives and none has, in the order of time. The last ones may have been taken by another name. */
  readonly left: number[];
  /** What many receive. */
  readonly forMany: number[];
  /** Socket → what of `forMany` it has not received, of the first `known` of them. */
  readonly leftFor: Map<number, { readonly left: number[]; known: number }>;
}

/** The sendings that may yet be received. Costs the same for each record, however many there are. */
class Waiting {
  /** {@link endsKey} → sendings; each is there by its destination, and for who knows none of its own. */
  readonly #sendings = new Map<number, Sendings>();
  readonly #isTaken: Uint8Array;
  #latest: number | undefined;

  constructor(length: number) {
    this.#isTaken = new Uint8Array(length);
  }

  /** The latest sending that the last receipt can belong to, although it may have been received before. */
  get latest(): number | undefined {
    return this.#latest;
  }

  /** True when {@link take} would find one. */
  has(at: number, receipt: Ends, socket: number): boolean {
    return this.#find(at, receipt, socket).sending !== undefined;
  }

  add(at: number, { source, destination, isForMany }: Ends, isReceived = false): void {
    for (const to of destination === ANY ? [ANY] : [destination, ANY]) {
      const sendings = this.#of(endsKey(source, to));
      sendings.latest = at;
      if (!isReceived) (isForMany ? sendings.forMany : sendings.left).push(at);
    }
  }

  /** Takes the latest sending that the receipt `at` can belong to, and returns it; or undefined. */
  take(at: number, receipt: Ends, socket: number): number | undefined {
    const { sending, of } = this.#find(at, receipt, socket);
    if (sending === undefined) return undefined;
    of?.pop();
    this.#isTaken[sending] = 1;
    return sending;
  }

  #find(
    at: number,
    { senders, destination }: Ends,
    socket: number,
  ): { readonly sending?: number; readonly of?: number[] } {
    let of: number[] | undefined;
    let found = at - REACH - 1;
    this.#latest = undefined;
    for (const source of senders) {
      const sendings = this.#sendings.get(endsKey(source, destination));
      if (!sendings) continue;
      const { latest } = sendings;
      if (at - latest <= REACH) this.#latest = Math.max(this.#latest ?? latest, latest);
      for (const left of [this.#leftOf(sendings), leftFor(sendings, socket)]) {
        const last = left?.at(-1);
        if (left === undefined || last === undefined || last <= found) continue;
        of = left;
        found = last;
      }
    }
    return of ? { sending: found, of } : {};
  }

  #leftOf({ left }: Sendings): number[] {
    while (left.length > 0 && this.#isTaken[left.at(-1) ?? 0] === 1) left.pop();
    return left;
  }

  #of(key: number): Sendings {
    let sendings = this.#sendings.get(key);
    if (!sendings) {
      sendings = { latest: 0, left: [], forMany: [], leftFor: new Map() };
      this.#sendings.set(key, sendings);
    }
    return sendings;
  }
}

/** What of all that goes to many a socket has not received. */
function leftFor({ forMany, leftFor }: Sendings, socket: number): number[] | undefined {
  if (forMany.length === 0) return undefined;
  let own = leftFor.get(socket);
  if (!own) {
    own = { left: [], known: 0 };
    leftFor.set(socket, own);
  }
  while (own.known < forMany.length) own.left.push(forMany[own.known++] ?? 0);
  return own.left;
}

/** The same for no two other pairs, as numbers of addresses are below 2^26. */
function endsKey(source: number, destination: number): number {
  return source * 2 ** 26 + destination;
}

/** A part of the records. Positions count from its start. */
class Stretch {
  readonly #table: PairingTable;
  readonly #ids: ArrayLike<number>;
  readonly #from: number;
  readonly #length: number;
  /** Receipt → the sending that it takes; and the other way round, for one that goes to many the first. */
  readonly #taken: Int32Array;
  /** The same when what was sent first came first. */
  readonly #partner: Int32Array;
  /** Receipt of what had all been received before → the latest sending, which may stand before this part. */
  readonly #duplicates = new Map<number, number>();

  constructor(table: PairingTable, ids: ArrayLike<number>, from: number, to: number) {
    this.#table = table;
    this.#ids = ids;
    this.#from = from;
    this.#length = to - from;
    this.#taken = new Int32Array(this.#length).fill(NONE);
    this.#partner = new Int32Array(this.#length).fill(NONE);
  }

  /**
   * @param before what stands before the stretch, where that counts
   * @returns false where something before the stretch is received in it
   */
  match(before: () => Waiting | undefined = () => new Waiting(0)): boolean {
    const table = this.#table;
    const waiting = new Waiting(this.#length);
    let earlier: Waiting | undefined;
    for (let at = 0; at < this.#length; at++) {
      const id = this.#id(at);
      const ends = table.ends(id);
      if (table.isSending(id)) {
        waiting.add(at, ends);
        continue;
      }
      const socket = table.socketOf(id);
      const sending = waiting.take(at, ends, socket);
      if (sending === undefined) {
        earlier ??= before();
        if (!earlier || earlier.has(at, ends, socket)) return false;
        const latest = waiting.latest ?? earlier.latest;
        if (latest !== undefined) this.#duplicates.set(at, latest);
        continue;
      }
      this.#taken[at] = sending;
      if (this.#taken[sending] === NONE) this.#taken[sending] = at;
    }
    return true;
  }

  /** Finds out what is left to the order of time: of each flow, what was sent first was received first. */
  order(): void {
    const table = this.#table;
    /** Flow → its sendings that arrived and have no receipt yet. */
    const waiting = new Map<number, { readonly sendings: number[]; next: number }>();
    for (let at = 0; at < this.#length; at++) {
      const other = this.#taken[at] ?? NONE;
      if (other === NONE) continue;
      const isSending = other > at;
      const sending = this.#id(isSending ? at : other);
      if (table.ends(sending).isForMany) {
        this.#partner[at] = other;
        continue;
      }
      const flow = table.flowId(sending);
      let queue = waiting.get(flow);
      if (!queue) {
        queue = { sendings: [], next: 0 };
        waiting.set(flow, queue);
      }
      if (isSending) queue.sendings.push(at);
      else {
        const earliest = queue.sendings[queue.next++] ?? other;
        this.#partner[at] = earliest;
        this.#partner[earliest] = at;
      }
    }
  }

  /** Tells of what stands from `first` to before `end`, which count as `ids` do. */
  tell(first: number, end: number, isEnd: boolean, tell: Tell): void {
    let nextReceipt = Number.POSITIVE_INFINITY;
    for (let at = this.#length - 1; at >= first - this.#from; at--) {
      const id = this.#id(at);
      const partner = this.#partner[at] ?? NONE;
      const isTold = at < end - this.#from;
      if (!this.#table.isSending(id)) {
        nextReceipt = at;
        if (isTold && partner === NONE) {
          const of = this.#duplicates.get(at);
          if (of === undefined) tell(id, Pairing.none, 0);
          else tell(id, Pairing.duplicate, this.#id(of));
        } else if (partner !== NONE && (isTold || partner < end - this.#from)) {
          const isFirst = this.#partner[partner] === at;
          tell(id, isFirst ? Pairing.receipt : Pairing.copy, this.#id(partner));
          if (isFirst) tell(this.#id(partner), Pairing.delivered, id);
        }
      } else if (isTold && partner === NONE) {
        const isLast = isEnd && this.#length - 1 - at < REACH;
        const isUnclear = !isLast && nextReceipt - at > REACH;
        tell(id, isUnclear ? Pairing.unclear : Pairing.none, 0);
      }
    }
  }

  #id(position: number): number {
    return this.#ids[this.#from + position] ?? 0;
  }
}

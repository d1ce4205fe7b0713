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
  /** Received although all that were sent have been received already. */
  duplicate: 3,
  /** The receipt of a delivered one that went to many, by another socket than the first. */
  copy: 4,
  /** A sending after which {@link REACH} equal ones left before any was received. */
  unclear: 5,
} as const;
export type Pairing = (typeof Pairing)[keyof typeof Pairing];

/** What the pairing asks about records, by their id. */
export interface PairingTable {
  /** Which flow a record is of. */
  flowId(id: number): number;
  isSending(id: number): boolean;
  /** True when what left with `sending` can have arrived with `receipt`, as far as their addresses and ports go. */
  fits(sending: number, receipt: number): boolean;
  /** True for a sending that several sockets can receive: to a group, or to all. */
  isForMany(sending: number): boolean;
  /** The socket that recorded it. */
  socketOf(id: number): number;
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
 * {@link REACH} on each side, with a look at as many others for each at worst.
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
  /** Sending to many → the sockets that have received it. */
  readonly #receivers = new Map<number, Set<number>>();

  constructor(table: PairingTable, ids: ArrayLike<number>, from: number, to: number) {
    this.#table = table;
    this.#ids = ids;
    this.#from = from;
    this.#length = to - from;
    this.#taken = new Int32Array(this.#length).fill(NONE);
    this.#partner = new Int32Array(this.#length).fill(NONE);
  }

  match(): void {
    const table = this.#table;
    /** Sendings that are left, in their order. */
    const left = new Int32Array(this.#length);
    let count = 0;
    for (let at = 0; at < this.#length; at++) {
      if (table.isSending(this.#id(at))) {
        left[count++] = at;
        continue;
      }
      for (let index = count - 1; index >= 0; index--) {
        const sending = left[index] ?? 0;
        if (at - sending > REACH) break;
        if (!this.#takes(at, sending)) continue;
        this.#taken[at] = sending;
        if (this.#taken[sending] === NONE) this.#taken[sending] = at;
        if (table.isForMany(this.#id(sending))) break;
        left.copyWithin(index, index + 1, count);
        count--;
        break;
      }
    }
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
      if (table.isForMany(sending)) {
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
          tell(id, this.#isDuplicate(at) ? Pairing.duplicate : Pairing.none, 0);
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

  #takes(receipt: number, sending: number): boolean {
    const table = this.#table;
    const id = this.#id(receipt);
    const sent = this.#id(sending);
    if (!table.fits(sent, id)) return false;
    if (!table.isForMany(sent)) return true;
    const socket = table.socketOf(id);
    let receivers = this.#receivers.get(sending);
    if (!receivers) {
      receivers = new Set();
      this.#receivers.set(sending, receivers);
    }
    if (receivers.has(socket)) return false;
    receivers.add(socket);
    return true;
  }

  /** True when one that it could belong to has arrived before: only its socket's first receipt is the delivery. */
  #isDuplicate(receipt: number): boolean {
    const id = this.#id(receipt);
    for (let at = receipt - 1; at >= Math.max(0, receipt - REACH); at--) {
      const isArrived = (this.#taken[at] ?? NONE) > at;
      if (isArrived && this.#table.fits(this.#id(at), id)) return true;
    }
    return false;
  }

  #id(position: number): number {
    return this.#ids[this.#from + position] ?? 0;
  }
}

import { Direction } from "../files/capture_sink.ts";
import { Channels, isComplete, NO_CHANNEL } from "./channels.ts";
import { resized } from "./columns.ts";
import { EqualPayloads, type Visit } from "./equal_payloads.ts";
import type { Flow } from "./flow_table.ts";
import { BURST_US, Pairing, pairEqual, REACH, SKEW_US } from "./pairing.ts";
import { atOnce, type Steps } from "./steps.ts";

/** What became of a datagram, as far as the sockets that are watched can tell. */
export const Delivery = {
  /** Received from a sender that nobody watches, or sent to where nobody watches. */
  alone: 0,
  /** Sent to a watched socket; its receipt has not been seen yet. */
  pending: 1,
  /** Sent, and received by a watched socket: the receipt is its partner. */
  delivered: 2,
  /** Sent to a watched socket, and not received within {@link LOST_AFTER_US}. */
  lost: 3,
  /** The receipt of a delivered one, which stands for both. */
  receipt: 4,
  /** Received although all that were sent, and it is known which, have been received already: it was doubled on its way. */
  duplicate: 5,
  /** Sent to many, and received by another socket than the one that received it first: its sending is its partner. */
  copy: 6,
  /**
   * Sent to a watched socket; nobody can tell whether it was received: so many equal ones followed before any was, some of
   * their receipts are missing, or one of them is left much later that may be of any of them.
   */
  unclear: 7,
  /** Sent, and refused where it was to go or on its way, as {@link Refusals} tell; {@link Deliveries} know nothing of it. */
  refused: 8,
  /** A rule kept it from leaving, or from the program that it had reached; {@link Deliveries} know nothing of it. */
  dropped: 9,
  /** Captured on its way, of a datagram that a tap has recorded: its partner, as {@link Sightings} tell. */
  seen: 10,
} as const;
export type Delivery = (typeof Delivery)[keyof typeof Delivery];
/** What a pairing tells. */
export type PairedDelivery = Exclude<Delivery, typeof Delivery.refused | typeof Delivery.dropped>;

/** Without a receipt after this long, in microseconds, a datagram counts as lost. A late receipt still corrects it. */
export const LOST_AFTER_US = 1_000_000;

/** What the pairing has to know of the records, and tells of them, by their id. */
export interface DeliveryTable {
  /** False for one that is no longer in the table. */
  has(id: number): boolean;
  /** When its program sent or got it, microseconds since 1970. */
  time(id: number): number;
  /** How long a rule of its socket held it back, microseconds: before it left, or after it had come. */
  delay(id: number): number;
  flow(id: number): Flow;
  /** The first id from `id` on that there is or was lately; behind all of them where there is none. */
  nextId(id: number): number;
  /** {@link Flow.id} of the same, which costs less. */
  flowId(id: number): number;
  /** Equal for equal payloads of equal length, and hardly ever for others. */
  digest(id: number): number;
  /** Payload bytes on the wire. */
  wireLength(id: number): number;
  /** False for a datagram that the system refused to send, or that a rule kept from leaving: it cannot arrive. */
  wasSent(id: number): boolean;
  /** True for what a rule has made where it was received: nobody has sent it. */
  isMade(id: number): boolean;
  /** True when a tap recorded the flow, inside the program: what else was captured may have been seen on its way. */
  isTapped(flow: Flow): boolean;
  /** Which one of two records of the same time is told first, whenever they were read. */
  standsBefore(one: number, other: number): boolean;
  /**
   * True when a watched socket was bound at that time where the flow goes to. `isOurs`: something of this flow has
   * arrived at a watched socket, so that it cannot go to another machine. `since`: true only where no receipt can be
   * missing, either, of what was sent there since then.
   */
  isWatched(flow: Flow, time: number, isOurs: boolean, since?: number): boolean;
  /** True when no sending is missing in the record that can have arrived by this flow at that time. */
  isSenderKnown(flow: Flow, time: number): boolean;
  /** What was told of it last. */
  delivery(id: number): PairedDelivery;
  /** The other end of a delivered one, of a receipt, a duplicate or a copy; meaningless for all others. */
  partner(id: number): number;
  setDelivery(id: number, delivery: PairedDelivery, partner: number): void;
}

const TOLD_AS: Readonly<Record<Pairing, PairedDelivery>> = {
  [Pairing.none]: Delivery.alone,
  [Pairing.delivered]: Delivery.delivered,
  [Pairing.receipt]: Delivery.receipt,
  [Pairing.duplicate]: Delivery.duplicate,
  [Pairing.copy]: Delivery.copy,
  [Pairing.unclear]: Delivery.unclear,
};
/** The same the other way round. */
const TOLD_OF: Readonly<Record<PairedDelivery, Pairing>> = {
  [Delivery.alone]: Pairing.none,
  [Delivery.pending]: Pairing.none,
  [Delivery.delivered]: Pairing.delivered,
  [Delivery.lost]: Pairing.none,
  [Delivery.receipt]: Pairing.receipt,
  [Delivery.duplicate]: Pairing.duplicate,
  [Delivery.copy]: Pairing.copy,
  [Delivery.unclear]: Pairing.unclear,
  [Delivery.seen]: Pairing.none,
};

const HAVE_PARTNER: ReadonlySet<Delivery> = new Set([
  Delivery.delivered,
  Delivery.receipt,
  Delivery.duplicate,
  Delivery.copy,
]);

/** Records that are compared, or looked through for those of a channel, at once: some milliseconds. */
const PAIRED_AT_ONCE = 4096;
const LOOKED_THROUGH_AT_ONCE = 2 ** 16;
/** Records that are looked through with each call, and for each new record: more is put off until there are more, or no more. */
const LOOKED_THROUGH_AT_LEAST = 4096;
const LOOKED_THROUGH_FOR_ONE = 4;

/** A time before all others, in microseconds since 1970. */
const EVER = 1;

/**
 * Finds the receipt of each sending. Costs next to nothing where only one end of a channel is watched.
 *
 * What is told is a function of the records and of what is known of the sockets. Files are read one after the other, so
 * either end may come first, and late; a socket may be known last of all. So what the records tell is found out again
 * wherever some come in between, and what the sockets tell is not kept at all, but asked for with each {@link of}.
 */
export class Deliveries {
  readonly #table: DeliveryTable;
  readonly #channels = new Channels();
  readonly #payloads: EqualPayloads;
  /** Both ends of these channels are there, and what came of either before has not been looked for yet. */
  readonly #connecting = new Set<number>();
  /** Before this record there is none of them. */
  #firstOfConnecting = Number.POSITIVE_INFINITY;
  /** Records that were taken in since some were looked through for those of channels. */
  #unspent = 0;
  /** All records before this one have been taken in. */
  #end = 0;
  /** Flow → how many of its sendings are delivered. */
  #arrived = new Uint32Array(64);
  /** Records before this one are gone. */
  #first = 0;
  /** Everything up to here has been read, microseconds since 1970. */
  #settled = Number.NEGATIVE_INFINITY;
  /** The earliest time from which on something is told otherwise. */
  #earliestNews = Number.POSITIVE_INFINITY;
  /** Receipts that have, or had, no sending, of which {@link #earliestNews} does not know what they tell of others. */
  readonly #unmatched: number[] = [];

  constructor(table: DeliveryTable) {
    this.#table = table;
    const payloads = {
      has: (id: number) => table.has(id),
      channelOf: (id: number) => this.#channels.numberOf(table.flowId(id)) ?? NO_CHANNEL,
      digest: (id: number) => table.digest(id),
      wireLength: (id: number) => table.wireLength(id),
      isBefore: (one: number, other: number) => this.#isBefore(one, other),
    };
    this.#payloads = new EqualPayloads(payloads, {
      isSending: (id) => this.#pairing.isSending(id),
      isApart: (before, id) => this.#wireTime(id) - this.#wireTime(before) > LOST_AFTER_US,
      joined: () => this.#note(EVER),
    });
  }

  /** Everything up to here has been read, microseconds since 1970. */
  get settled(): number {
    return this.#settled;
  }

  /**
   * What became of a datagram. Of what has no receipt, the sockets tell, and how much time has passed.
   */
  of(id: number): PairedDelivery {
    const table = this.#table;
    const told = table.delivery(id);
    if (told === Delivery.duplicate) {
      if (this.#payloads.isContradicted(id)) return Delivery.alone;
      // One that was left out of the record may have been sent as well, and the other one received in its place.
      const sending = table.partner(id);
      const isDelivered = table.delivery(sending) === Delivery.delivered;
      const first = isDelivered ? table.partner(sending) : id;
      return this.#isSenderKnown(id) && this.#isSenderKnown(first) ? told : Delivery.alone;
    }
    if (told !== Delivery.alone && told !== Delivery.unclear) return told;
    const flow = table.flow(id);
    if (flow.direction !== Direction.out || !this.#isExpected(id, flow)) return Delivery.alone;
    if (told === Delivery.unclear) return told;
    if (this.#connecting.has(this.#channels.numberOf(flow.id) ?? NO_CHANNEL)) {
      return Delivery.pending;
    }
    if (this.#wireTime(id) > this.#settled - LOST_AFTER_US) return Delivery.pending;
    if (this.#payloads.isContradicted(id)) return Delivery.unclear;
    return this.#isExpected(id, flow, this.#burstStart(id)) ? Delivery.lost : Delivery.unclear;
  }

  /** Makes room for `flows` in all, in steps of some milliseconds. */
  growing(flows: number): Steps {
    return this.#channels.growing(flows);
  }

  /**
   * Takes the records `from` to `end - 1` in.
   *
   * @returns the earliest time of a record whose delivery has changed; Infinity where none has.
   */
  take(from: number, end: number): number {
    return atOnce(this.taking(from, end));
  }

  /**
   * The same in steps of some milliseconds; nothing may be added before the last one. Where a program's files are read
   * before those of the one that it talks with, all of its records have to be paired when that one is heard of.
   */
  *taking(from: number, end: number): Steps<number> {
    const added: number[] = [];
    for (let id = from; id < end; id++) {
      const channel = this.#channelOf(id);
      if (channel === NO_CHANNEL || !this.#channels.hasComplete) continue;
      const known = this.#channels.get(channel);
      if (known?.isConnected) added.push(id);
      else if (known && isComplete(known)) {
        this.#connecting.add(channel);
        this.#firstOfConnecting = Math.min(this.#firstOfConnecting, known.first);
      }
    }
    this.#end = Math.max(this.#end, end);
    this.#unspent += end - from;
    this.#earliestNews = Number.POSITIVE_INFINITY;
    // Of two programs that talked by thousands of ports, one after the other read, each piece connects some of them.
    const looked = end - Math.max(this.#firstOfConnecting, this.#first);
    const isDue = looked <= LOOKED_THROUGH_AT_LEAST + LOOKED_THROUGH_FOR_ONE * this.#unspent;
    yield* isDue ? this.#connectAll(added) : this.#pairAll(added);
    this.#noteContradicted();
    return this.#earliestNews;
  }

  /** Pairs what has been put off, and these. */
  *#connectAll(added: number[]): Steps {
    for (const id of this.#connecting.size > 0 ? this.#connect() : []) {
      if (id !== undefined) added.push(id);
      if (id !== undefined && added.length < PAIRED_AT_ONCE) continue;
      yield* this.#pairAll(added);
      added.length = 0;
      yield;
    }
    yield* this.#pairAll(added);
  }

  #pairAll(ids: readonly number[]): Steps {
    return this.#payloads.adding(
      ids.filter((id) => this.#canHaveOtherEnd(id)),
      this.#pair,
    );
  }

  /** Lets time pass: everything that was recorded up to `now` (microseconds since 1970) has been taken in. */
  settle(now: number): number {
    return atOnce(this.settling(now));
  }

  /**
   * The same in steps of some milliseconds; nothing may be added before the last one.
   *
   * @returns the earliest time of a record of which something else is told but that it is lost; Infinity where there is none
   */
  *settling(now: number): Steps<number> {
    this.#earliestNews = Number.POSITIVE_INFINITY;
    yield* this.#connectAll([]);
    this.#noteContradicted();
    this.#settled = Math.max(this.#settled, now);
    return this.#earliestNews;
  }

  /**
   * Forgets all records before `id`, and of the others those that are not in the table any more, in steps of some
   * milliseconds; nothing may be added before the last one.
   *
   * @param delivered how many sendings of each flow are delivered now
   * @param parted what may be told otherwise now that equal ones are gone
   */
  *forgetting(id: number, delivered: Uint32Array, parted: readonly number[]): Steps {
    this.#first = id;
    this.#arrived.fill(0);
    if (delivered.length > this.#arrived.length) {
      this.#arrived = resized(this.#arrived, delivered.length);
    }
    this.#arrived.set(delivered);
    yield* this.#payloads.forgetting(id, parted, this.#pair);
    this.#unmatched.length = 0;
  }

  /** Forgets all records; those that come are from `id` on. */
  clear(id: number): void {
    this.#first = id;
    this.#arrived.fill(0);
    this.#payloads.clear(id);
  }

  /** Forgets flows that are gone; others may get their ids. */
  forgetFlows(ids: readonly number[]): void {
    this.#channels.forget(ids);
    for (const id of ids) this.#arrived[id] = 0;
  }

  readonly #pair: Visit = (equals, first, end, areNew) =>
    pairEqual(this.#pairing, equals, first, end, areNew, (id, pairing, partner) => {
      const told = TOLD_AS[pairing];
      if (equals.length > REACH && !this.#pairing.isSending(id)) {
        const wasUnmatched = this.#table.delivery(id) === Delivery.duplicate;
        const isUnmatched = told === Delivery.duplicate || told === Delivery.alone;
        if (wasUnmatched || isUnmatched) this.#unmatched.push(id);
      }
      this.#note(this.#tell(id, told, partner));
    });

  /** Of sendings that were left long before receipts without a sending, something else is told than without these. */
  #noteContradicted(): void {
    for (const id of this.#unmatched) {
      const left = this.#payloads.firstContradictedBy(id);
      if (left !== undefined) this.#note(this.#table.time(left));
    }
    this.#unmatched.length = 0;
  }

  #note(time: number): void {
    this.#earliestNews = Math.min(this.#earliestNews, time);
  }

  readonly #pairing = {
    flowId: (id: number) => this.#table.flowId(id),
    isSending: (id: number) => this.#channels.isSending(this.#table.flowId(id)),
    time: (id: number) => this.#wireTime(id),
    ends: (id: number) => this.#channels.endsOf(this.#table.flow(id)),
    socketOf: (id: number) => this.#table.flow(id).socket,
    told: (id: number) => TOLD_OF[this.#table.delivery(id)],
  };

  readonly #bursts = {
    isSending: (id: number) => this.#pairing.isSending(id),
    isInBurst: (before: number, id: number) =>
      this.#wireTime(id) - this.#wireTime(before) < BURST_US,
  };

  #channelOf(id: number): number {
    const table = this.#table;
    const known = this.#channels.numberOf(table.flowId(id));
    if (known !== undefined) return known;
    const flow = table.flow(id);
    if (flow.direction !== Direction.unknown && table.isTapped(flow)) {
      return this.#channels.add(flow, id);
    }
    this.#channels.addAlone(flow);
    return NO_CHANNEL;
  }

  /**
   * Both ends of {@link #connecting} are seen now: what came of either has to be paired, too. Undefined now and then, where
   * there is none among many.
   */
  *#connect(): Generator<number | undefined> {
    const numbers = new Set(this.#connecting);
    const first = Math.max(this.#firstOfConnecting, this.#first);
    this.#connecting.clear();
    this.#firstOfConnecting = Number.POSITIVE_INFINITY;
    this.#unspent = 0;
    for (const number of numbers) {
      const channel = this.#channels.get(number);
      if (channel) channel.isConnected = true;
    }
    const table = this.#table;
    let seen = 0;
    for (let id = table.nextId(first); id < this.#end; id = table.nextId(id + 1)) {
      if (++seen % LOOKED_THROUGH_AT_ONCE === 0) yield undefined;
      // One that is gone may have had a flow that is no more, whose number another one has.
      if (!table.has(id)) continue;
      if (numbers.has(this.#channels.numberOf(table.flowId(id)) ?? NO_CHANNEL)) yield id;
    }
  }

  /** False for what never left, and for what never came. */
  #canHaveOtherEnd(id: number): boolean {
    return this.#pairing.isSending(id) ? this.#table.wasSent(id) : !this.#table.isMade(id);
  }

  /** By time, where a sending stands before all that can be its receipt: two programs do not read their clocks at once. */
  #isBefore(one: number, other: number): boolean {
    const isSending = this.#pairing.isSending(one);
    const isOtherSending = this.#pairing.isSending(other);
    const time = this.#wireTime(one) - (isSending ? SKEW_US : 0);
    const otherTime = this.#wireTime(other) - (isOtherSending ? SKEW_US : 0);
    if (time !== otherTime) return time < otherTime;
    return isSending === isOtherSending ? this.#table.standsBefore(one, other) : isSending;
  }

  /**
   * When it left its socket for the network, or came to its socket from there, microseconds since 1970: among equal
   * payloads that is what their order tells, whatever rules are on.
   */
  #wireTime(id: number): number {
    const time = this.#table.time(id);
    const held = this.#table.delay(id);
    if (held === 0) return time;
    return this.#pairing.isSending(id) ? time + held : time - held;
  }

  #isSenderKnown(id: number): boolean {
    const table = this.#table;
    return table.isSenderKnown(table.flow(id), this.#wireTime(id));
  }

  /**
   * When the burst of equal payloads began that a sending is in: with the receipts of one of them missing, those of the
   * next ones are taken for it and its like, and some of the last are left.
   */
  #burstStart(id: number): number {
    return this.#wireTime(this.#payloads.burstStart(id, this.#bursts));
  }

  /** `since`: nothing is missing, either, of what was received of those before it. */
  #isExpected(id: number, flow: Flow, since?: number): boolean {
    const table = this.#table;
    if ((this.#channels.numberOf(flow.id) ?? NO_CHANNEL) === NO_CHANNEL) return false;
    if (!this.#channels.isLossKnown(flow) || !table.wasSent(id)) return false;
    return table.isWatched(flow, this.#wireTime(id), (this.#arrived[flow.id] ?? 0) > 0, since);
  }

  /** The earliest time from which on something is told otherwise by it; Infinity where this is no news. */
  #tell(id: number, delivery: PairedDelivery, partner: number): number {
    const table = this.#table;
    const before = table.delivery(id);
    const hasPartner = HAVE_PARTNER.has(delivery);
    if (before === delivery && (!hasPartner || table.partner(id) === partner)) {
      return Number.POSITIVE_INFINITY;
    }
    table.setDelivery(id, delivery, partner);
    const change = Number(delivery === Delivery.delivered) - Number(before === Delivery.delivered);
    return this.#countArrived(table.flowId(id), change) ? EVER : table.time(id);
  }

  /** True when that tells something of all that the flow has sent. */
  #countArrived(flow: number, change: number): boolean {
    if (change === 0) return false;
    if (flow >= this.#arrived.length) this.#arrived = resized(this.#arrived, flow * 2);
    const before = this.#arrived[flow] ?? 0;
    this.#arrived[flow] = before + change;
    return before > 0 !== before + change > 0;
  }
}

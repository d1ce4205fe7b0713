import type { Capture } from "../capture/capture.ts";
import { Delivery } from "../capture/delivery.ts";
import type { Steps } from "../capture/steps.ts";
import type { ClockTime, CountedDatagram } from "./group_tally.ts";
import type { Grouping, Membership } from "./grouping.ts";
import { type StatisticsTable, statisticsTable } from "./statistics_table.ts";
import { OTHERS, Tally } from "./tally.ts";

/** Groups that are told apart, the first ones in the order of time; the datagrams of all others are counted together. */
export const MOST_GROUPS = 2000;
/** Rows that are counted at once: some milliseconds. */
const ROWS_AT_ONCE = 1 << 13;
/**
 * After each so many of them what has been counted is kept, so that what changes at the end is not counted from the beginning;
 * the latest of these, as what became of a datagram is known a second after it.
 */
const STEPS_BETWEEN_KEPT = 2;
const MOST_KEPT = 16;

/** The rows that are counted, such as a RowList. */
export interface CountedRows {
  readonly length: number;
  idAt(row: number): number;
  /** The first row that may be another one than at the last call, or be told otherwise. */
  takeFirstChanged(): number;
}

export interface StatisticsOptions {
  /** See {@link MOST_GROUPS}. */
  readonly mostGroups?: number;
  /** See {@link ROWS_AT_ONCE}. */
  readonly rowsAtOnce?: number;
  /** What a datagram says of itself in a field that counts; undefined where it has none. */
  readonly numberOf?: ((id: number) => number | undefined) | undefined;
  /** When it was sent, by a clock of its own; undefined where nothing tells. Left out: by the record of its sender. */
  readonly sentOf?: ((id: number) => ClockTime | undefined) | undefined;
}

/** What had been counted up to a row. */
interface Kept {
  readonly rows: number;
  readonly tally: Tally;
  readonly groups: number;
}

/**
 * Counts rows by groups, and keeps that up to date: what comes is added, and where something is told otherwise it is counted
 * anew from a little before. So the result is the same however the rows came.
 */
export class Statistics {
  readonly #capture: Capture;
  readonly #rows: CountedRows;
  readonly #grouping: Grouping;
  readonly #most: number;
  readonly #rowsAtOnce: number;
  readonly #options: StatisticsOptions;
  /** Key of a group → its number. */
  readonly #numbers = new Map<string, number>();
  #keys: string[] = [];
  /** Flow → where its datagrams are counted, see {@link placeOf}; 0 where that is not known. */
  #first = new Int32Array(1024);
  #second = new Int32Array(1024);
  #kept: Kept[] = [];
  #tally = new Tally();
  #counted = 0;
  /** One object for all that are counted. */
  readonly #datagram: { -readonly [Name in keyof CountedDatagram]: CountedDatagram[Name] } = {
    time: 0,
    arrival: 0,
    bytes: 0,
    isLost: false,
    isDuplicate: false,
    isOnItsWay: true,
    stream: 0,
    sent: undefined,
    number: undefined,
  };

  constructor(
    capture: Capture,
    rows: CountedRows,
    grouping: Grouping,
    options: StatisticsOptions = {},
  ) {
    this.#capture = capture;
    this.#rows = rows;
    this.#grouping = grouping;
    this.#most = options.mostGroups ?? MOST_GROUPS;
    this.#rowsAtOnce = options.rowsAtOnce ?? ROWS_AT_ONCE;
    this.#options = options;
  }

  /** Rows that are in the table now. */
  get counted(): number {
    return this.#counted;
  }

  /** Counts what is new or told otherwise, in steps of some milliseconds; the rows may change in between. */
  *updating(): Steps {
    for (;;) {
      this.#goBack();
      const { length } = this.#rows;
      if (this.#counted >= length) return;
      const end = Math.min(length, this.#counted + this.#rowsAtOnce);
      while (this.#counted < end) this.#count(this.#rows.idAt(this.#counted++));
      const since = this.#counted - (this.#kept.at(-1)?.rows ?? 0);
      if (since >= this.#rowsAtOnce * STEPS_BETWEEN_KEPT) this.#keep();
      yield;
    }
  }

  /** What has been counted. */
  table(): StatisticsTable {
    return statisticsTable(this.#tally, this.#keys, this.#grouping);
  }

  /** To before the first row that is not what it was. */
  #goBack(): void {
    const changed = this.#rows.takeFirstChanged();
    const isRegrouped = this.#grouping.update(changed === 0);
    const from = isRegrouped ? 0 : changed;
    if (from >= this.#counted) return;
    while ((this.#kept.at(-1)?.rows ?? 0) > from) this.#kept.pop();
    const kept = this.#kept.at(-1);
    this.#tally = kept?.tally.fork() ?? new Tally();
    this.#counted = kept?.rows ?? 0;
    const groups = kept?.groups ?? 0;
    if (groups < this.#keys.length || this.#counted === 0) this.#forgetGroups(groups);
  }

  #keep(): void {
    const groups = this.#keys.length;
    this.#kept.push({ rows: this.#counted, tally: this.#tally.fork(), groups });
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  }

  /** Those that were found behind a row have to be found again, in the order in which they stand there now. */
  #forgetGroups(left: number): void {
    for (const key of this.#keys.splice(left)) this.#numbers.delete(key);
    // Flows may have other groups now, and be others.
    this.#first.fill(0);
    this.#second.fill(0);
  }

  #count(id: number): void {
    const datagram = this.#read(id);
    this.#tally.addToTotal(datagram);
    const { stream } = datagram;
    if (!this.#grouping.isOfFlow) {
      for (const group of this.#grouping.groupsOf(id, this.#capture.flow(id))) {
        this.#add(this.#placeOf(group));
      }
      return;
    }
    if (stream >= this.#first.length) this.#growFlows(stream);
    if (this.#first[stream] === 0) this.#findGroups(id, stream);
    this.#add(this.#first[stream] ?? 0);
    this.#add(this.#second[stream] ?? 0);
  }

  #findGroups(id: number, flow: number): void {
    const [one, other] = this.#grouping.groupsOf(id, this.#capture.flow(id));
    if (one) this.#first[flow] = this.#placeOf(one);
    if (other) this.#second[flow] = this.#placeOf(other);
  }

  #add(place: number): void {
    if (place === 0) return;
    const number = (place >> 1) - 2;
    const isBack = (place & 1) === 1;
    const group = this.#tally.group(number);
    const { isBetweenEnds } = this.#grouping;
    // Of those that are no group, nobody can say who began.
    if (isBetweenEnds && number !== OTHERS && group.datagrams === 0) group.isTurned = isBack;
    const asks = isBetweenEnds && number !== OTHERS;
    group.add(this.#datagram, isBack === group.isTurned, asks);
  }

  /** The number of a group and the way, as one number other than 0. */
  #placeOf({ key, isBack }: Membership): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#keys.length < this.#most ? this.#keys.push(key) - 1 : OTHERS;
      if (number !== OTHERS) this.#numbers.set(key, number);
    }
    return ((number + 2) << 1) | (isBack ? 1 : 0);
  }

  #read(id: number): CountedDatagram {
    const capture = this.#capture;
    const datagram = this.#datagram;
    const delivery = capture.delivery(id);
    datagram.time = capture.time(id);
    const receipt = capture.isReceived(id) ? capture.partner(id) : id;
    datagram.arrival = receipt === id ? datagram.time : capture.time(receipt);
    datagram.bytes = capture.wireLength(id);
    datagram.isLost = delivery === Delivery.lost;
    datagram.isDuplicate = delivery === Delivery.duplicate;
    datagram.isOnItsWay =
      delivery !== Delivery.refused &&
      delivery !== Delivery.dropped &&
      (capture.comment(id) === "" || capture.wasSent(id));
    datagram.stream = capture.flowId(id);
    const { sentOf, numberOf } = this.#options;
    // Both ends were recorded: the one clock tells when it left, and the other, or the same one, when it came.
    datagram.sent = sentOf ? sentOf(id) : receipt === id ? undefined : { time: datagram.time };
    datagram.number = numberOf?.(id);
    return datagram;
  }

  #growFlows(flow: number): void {
    const length = Math.max(flow + 1, this.#first.length * 2);
    const [first, second] = [new Int32Array(length), new Int32Array(length)];
    first.set(this.#first);
    second.set(this.#second);
    this.#first = first;
    this.#second = second;
  }
}

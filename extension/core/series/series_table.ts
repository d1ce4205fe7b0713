import type { NumberSink } from "./number_sink.ts";
import { type ColumnBudget, type GapKind, SenderSeries } from "./sender_series.ts";

/** Senders that are told apart, and fields of all of them: what is beyond that is counted. */
export const MOST_SENDERS = 500;
export const MOST_SERIES = 2000;

/** No sender. */
const NONE = 0;

/**
 * The numbers of a capture's datagrams, by sender and field. A datagram is read once; which datagrams are shown, in the order
 * of their time, is said by {@link truncate} and {@link show}, as often as a filter or the capture changes. What is told
 * depends on what is shown alone, and not on the order in which it was read, as long as there are not too many fields.
 */
export class SeriesTable {
  readonly #senders: SenderSeries[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #budget: ColumnBudget;
  readonly #mostSenders: number;
  /** By id from {@link #firstId} on: the number of its sender, from 1, and its row there. */
  #sender = new Uint16Array(256);
  #row = new Uint32Array(256);
  #firstId = 0;
  /** Datagrams of senders for which there was no room. */
  #others = new Set<number>();

  constructor(mostSenders = MOST_SENDERS, mostSeries = MOST_SERIES) {
    this.#mostSenders = mostSenders;
    this.#budget = { left: mostSeries, refused: 0 };
  }

  /** In the order in which they were met. */
  get senders(): readonly SenderSeries[] {
    return this.#senders;
  }

  /** Numbers that are left out, because there were too many fields. */
  get refusedNumbers(): number {
    return this.#budget.refused;
  }

  /** Datagrams that are left out, because there were too many senders. */
  get refusedDatagrams(): number {
    return this.#others.size;
  }

  /** The number of a sender, until the next {@link keep}; undefined where there are too many. */
  senderOf(name: string): number | undefined {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#senders.length >= this.#mostSenders) return undefined;
    const number = this.#senders.push(new SenderSeries(name, this.#budget));
    this.#numbers.set(name, number);
    return number;
  }

  /** Whether a datagram has been read. */
  has(id: number): boolean {
    return (this.#sender[id - this.#firstId] ?? NONE) !== NONE || this.#others.has(id);
  }

  /** Begins a datagram; its numbers are to follow at once. Undefined: they are counted as left out. */
  begin(
    id: number,
    time: number,
    sender: number | undefined,
  ): (NumberSink & SenderSeries) | undefined {
    const series = sender === undefined ? undefined : this.#senders[sender - 1];
    if (!series || sender === undefined) {
      this.#others.add(id);
      return undefined;
    }
    this.#reserve(id);
    this.#sender[id - this.#firstId] = sender;
    this.#row[id - this.#firstId] = series.begin(id, time);
    return series;
  }

  /** Shows a datagram that has been read, behind all that are shown. */
  show(id: number): void {
    const series = this.#senders[(this.#sender[id - this.#firstId] ?? NONE) - 1];
    series?.show(this.#row[id - this.#firstId] ?? 0);
  }

  /** Shows that a datagram did not arrive, behind all that are shown. */
  gap(id: number, time: number, kind: GapKind, sender: number | undefined): void {
    if (sender !== undefined) this.#senders[sender - 1]?.gaps.push({ id, time, kind });
  }

  /** Shows none that is not before `time`, microseconds since 1970. */
  truncate(time: number): void {
    for (const sender of this.#senders) sender.truncate(time);
  }

  /** Forgets the datagrams that are gone; nothing is shown until it is said anew. Costs as much as there are. */
  keep(firstId: number, has: (id: number) => boolean): void {
    const by = Math.max(0, firstId - this.#firstId);
    this.#sender = this.#sender.slice(Math.min(by, this.#sender.length));
    this.#row = this.#row.slice(Math.min(by, this.#row.length));
    this.#firstId += by;
    for (let index = 0; index < this.#sender.length; index++) {
      if (this.#sender[index] !== NONE && !has(this.#firstId + index)) this.#sender[index] = NONE;
    }
    this.#others = new Set([...this.#others].filter(has));
    for (const sender of this.#senders) {
      sender.keep(has, (id, row) => {
        this.#row[id - this.#firstId] = row;
      });
    }
    this.#forgetEmpty();
  }

  /** Senders without datagrams make room for others: the numbers of those that are left are others now. */
  #forgetEmpty(): void {
    const numbers = new Uint16Array(this.#senders.length + 1);
    const left = this.#senders.filter(({ rows }) => rows > 0);
    if (left.length === this.#senders.length) return;
    for (const [index, sender] of this.#senders.entries()) {
      numbers[index + 1] = left.indexOf(sender) + 1;
      if (sender.rows === 0) sender.leave();
    }
    this.#senders.splice(0, this.#senders.length, ...left);
    this.#numbers.clear();
    for (const [index, { name }] of left.entries()) this.#numbers.set(name, index + 1);
    this.#sender = this.#sender.map((number) => numbers[number] ?? NONE);
  }

  #reserve(id: number): void {
    if (id < this.#firstId) {
      // As many more again: what comes in front one by one is not copied for each.
      const by = Math.min(this.#firstId, Math.max(this.#firstId - id, this.#sender.length));
      this.#sender = moved(this.#sender, new Uint16Array(this.#sender.length + by), by);
      this.#row = moved(this.#row, new Uint32Array(this.#row.length + by), by);
      this.#firstId -= by;
    }
    const index = id - this.#firstId;
    if (index < this.#sender.length) return;
    const length = Math.max(index + 1, this.#sender.length * 2);
    this.#sender = moved(this.#sender, new Uint16Array(length), 0);
    this.#row = moved(this.#row, new Uint32Array(length), 0);
  }
}

function moved<Column extends Uint16Array | Uint32Array>(
  column: Column,
  into: Column,
  by: number,
): Column {
  into.set(column, by);
  return into;
}

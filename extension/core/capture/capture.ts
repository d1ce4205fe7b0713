import { OTHER_PACKETS, type OtherPacket, type OtherPacketCounts } from "../files/capture_sink.ts";
import { DatagramColumns } from "./columns.ts";
import { DatagramTable, GONE } from "./datagram_table.ts";
import { Deliveries, Delivery, type DeliveryTable } from "./delivery.ts";
import type { Flow } from "./flow_table.ts";
import { PeerTable } from "./peers.ts";
import { canArriveAs } from "./receivers.ts";
import { TimeOrder } from "./time_order.ts";

/**
 * Everything that the capture files tell, without the payloads: programs, sockets, flows, and one entry a datagram.
 * Filled by {@link FileSink}s, one a file; after each batch {@link commit} puts the new datagrams into their place
 * in time. Datagrams have ids that stay while the capture lives; their positions change when earlier ones arrive.
 */
export class Capture extends DatagramTable implements DeliveryTable {
  /** Who each socket talks with. */
  readonly peers = new PeerTable(this.flows);
  readonly #order = new TimeOrder();
  readonly #deliveries = new Deliveries(this);
  readonly #otherPackets = Object.fromEntries(OTHER_PACKETS.map((reason) => [reason, 0])) as Record<
    OtherPacket,
    number
  >;
  readonly #listeners = new Set<(fromTime: number) => void>();

  /** Datagrams in the table. */
  get length(): number {
    return this.#order.length;
  }

  /** Packets in the files that are no whole UDP datagrams. */
  get otherPackets(): OtherPacketCounts {
    return this.#otherPackets;
  }

  countOtherPacket(reason: OtherPacket): void {
    this.#otherPackets[reason]++;
  }

  /** How many more datagrams there is room for. */
  get room(): number {
    return this.columns.capacity - this.columns.length;
  }

  /** Makes room for `datagrams` in all, in steps of some milliseconds; none may be added before the last one. */
  *growing(datagrams: number): Generator<void> {
    yield* this.columns.growing(datagrams);
    yield;
    this.#order.reserve(datagrams);
  }

  /** Gives the datagrams that were added since the last call their positions; true when there were any. */
  commit(): boolean {
    const { length, time } = this.columns;
    const from = this.committed;
    if (length === from) return false;
    this.#order.merge(from, length, time);
    this.committed = length;
    let earliest = this.#deliveries.take(this.first + from, this.first + length);
    for (let index = from; index < length; index++) earliest = Math.min(earliest, time[index] ?? 0);
    this.#changedFrom(earliest);
    return true;
  }

  /**
   * Lets time pass: everything up to `now` (microseconds since 1970) has been read. True when a datagram is now known
   * to be lost.
   */
  settle(now: number): boolean {
    const earliest = this.#deliveries.settle(now);
    this.#changedFrom(earliest);
    return earliest !== Number.POSITIVE_INFINITY;
  }

  /** True while {@link settle} has to be called again. */
  get isUnsettled(): boolean {
    return this.#deliveries.hasPending;
  }

  /** Calls `listener` with the time (microseconds since 1970) from which on datagrams are new or told otherwise. */
  onChange(listener: (fromTime: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes all datagrams out of the table; sockets, flows and their counts stay. */
  clear(): void {
    this.#deliveries.forgetBefore(this.first + this.columns.length);
    this.first += this.columns.length;
    this.columns = new DatagramColumns();
    this.committed = 0;
    this.receiptCount = 0;
    this.#order.clear();
    this.comments.clear();
    this.#changedFrom(0);
  }

  /**
   * Takes the datagrams of files that are no longer there out of the table; returns how many there were. Costs as much
   * as there are datagrams.
   */
  dropFiles(files: ReadonlySet<number>): number {
    const columns = this.columns;
    let dropped = 0;
    for (let index = 0; index < this.committed; index++) {
      if (!files.has(columns.file[index] ?? GONE)) continue;
      columns.file[index] = GONE;
      if (columns.delivery[index] === Delivery.receipt) this.receiptCount--;
      this.comments.delete(this.first + index);
      dropped++;
    }
    if (dropped === 0) return 0;
    this.#partPairs();
    let first = 0;
    while (first < this.committed && columns.file[first] === GONE) first++;
    // The pairing must not come back to any of them, nor to what lies among them.
    this.#deliveries.forgetBefore(this.first + first);
    this.#order.keep((index) => columns.file[index] !== GONE, first);
    columns.dropFirst(first);
    this.first += first;
    this.committed -= first;
    this.#changedFrom(Number.NEGATIVE_INFINITY);
    return dropped;
  }

  /** The first position whose datagram is not before `time`. */
  positionAt(time: number): number {
    return this.#order.firstFrom(time, this.columns.time);
  }

  /** The id of the datagram at a position from 0 to `length - 1`. */
  idAt(position: number): number {
    return this.first + this.#order.at(position);
  }

  fits(sent: Flow, received: Flow): boolean {
    return canArriveAs(sent, received);
  }

  /** What is left of pairs whose other end is gone: a sending stays delivered, a receipt stands for itself. */
  #partPairs(): void {
    const { file, delivery, partner } = this.columns;
    for (let index = 0; index < this.committed; index++) {
      const state = delivery[index];
      if (state !== Delivery.delivered && state !== Delivery.receipt) continue;
      if (file[index] === GONE || file[partner[index] ?? 0] !== GONE) continue;
      partner[index] = index;
      if (state !== Delivery.receipt) continue;
      delivery[index] = Delivery.alone;
      this.receiptCount--;
    }
  }

  #changedFrom(time: number): void {
    if (time === Number.POSITIVE_INFINITY) return;
    for (const listener of this.#listeners) listener(time);
  }
}

import { parseRuleEffect, type RuleEffect } from "../wire/rule_effect.ts";
import { SEND_FAILED } from "../wire/tap_identity.ts";
import { DatagramColumns } from "./columns.ts";
import { DatagramIds } from "./datagram_ids.ts";
import { Delivery, type PairedDelivery } from "./delivery.ts";
import type { FileTable } from "./file_table.ts";
import type { Steps } from "./steps.ts";
import { NOWHERE, TimeOrder } from "./time_order.ts";

/** Where the payload of a datagram is. */
export interface PayloadPlace {
  /** The number of a file part, see {@link FileTable}. */
  readonly file: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes that the file holds. */
  readonly length: number;
  /** Offset in the file and length of one piece after the other, where it came in several. */
  readonly pieces?: Float64Array;
}

/** What the columns cannot tell of a few datagrams: those in several pieces, and jumbograms. */
export interface LongDatagram {
  readonly wireLength: number;
  readonly capturedLength: number;
  /** Offset in the file and length of one piece after the other. */
  readonly pieces: Float64Array;
}

/** Where payloads lie: valid until the next datagram is added or given up. */
export interface StoredPayloads {
  readonly columns: DatagramColumns;
  readonly ids: DatagramIds;
  readonly files: FileTable;
  /** Id → what the columns cannot tell. */
  readonly long: ReadonlyMap<number, LongDatagram>;
  /** The place in the columns of the first datagram whose id is not below `id`. */
  readonly placeFrom: (id: number) => number;
}

/** What the columns of lengths hold at most: such a datagram is as long or longer. */
const MOST_LENGTH = 0xffff;

/** In a column, above what became of a datagram it is told whether it was refused. */
const DELIVERY_BITS = 4;
const DELIVERY_MASK = (1 << DELIVERY_BITS) - 1;

/** The file of a datagram whose segment was given up. */
export const GONE = 0xffffffff;

/** Datagrams that are looked through at once: some milliseconds. */
const LOOKED_THROUGH_AT_ONCE = 1 << 16;
/** Fewer are moved together whenever some of them are gone. */
const FEW = 1 << 14;
/** Records that are shown with another one now, or not any more, and whose rows are put in order at once. */
const REFOLDED_AT_ONCE = 1 << 13;

/** What goes with some files, as found out before it goes: nothing may be added or told otherwise until then. */
export interface Dropping {
  /** How many datagrams go. */
  readonly dropped: number;
  /** True for those that go. */
  readonly isDropped: (id: number) => boolean;
  /** Their ids, ascending. */
  readonly ids: () => Iterable<number>;
  /** Flow → 1 where it has others. */
  readonly usedFlows: Uint8Array;
  /** Flow → how many of its sendings are delivered then. */
  readonly delivered: Uint32Array;
  /** Takes them out, all at once. */
  readonly finish: () => void;
  /** Then those that were told from what is gone, and stand for themselves now; in steps, which come to their ids. */
  readonly part: () => Steps<number[]>;
}

/**
 * The datagrams of a capture: by their ids, which stay while the capture lives, and by their positions in the order of
 * time, which change when earlier ones arrive.
 */
export class DatagramTable {
  #columns = new DatagramColumns();
  /** Which datagram is where in the columns. */
  readonly #ids = new DatagramIds();
  /** How many datagrams have got their place in time. */
  #committed = 0;
  #folded = 0;
  #order = new TimeOrder();
  /** Those that stand for themselves: the rows of a grid without a filter. */
  #rows = new TimeOrder();
  /** So many of the first ones have been looked at for that. */
  #arranged = 0;
  /** The first position of one that has not been looked at. */
  #firstUnarranged = Number.POSITIVE_INFINITY;
  /** Those of them that are shown with another one now, or not any more, since {@link arrangeRows}. */
  #refolded: number[] = [];
  /** How many have gone since {@link closingGaps}. */
  #gone = 0;
  /** What is out of the ordinary, for the few datagrams that have it: id → comment. */
  readonly #comments = new Map<number, string>();
  /** How long rules held them back, for the few that they did: id → microseconds. */
  readonly #delays = new Map<number, number>();
  /** Id → what the columns cannot tell. */
  readonly #long = new Map<number, LongDatagram>();
  readonly #files: FileTable;

  /** @param files where the payloads lie */
  constructor(files: FileTable) {
    this.#files = files;
  }

  /** Datagrams that have a position. */
  get length(): number {
    return this.#order.length;
  }

  /** How many more datagrams there is room for. */
  get room(): number {
    return this.#columns.capacity - this.#columns.length;
  }

  /** Makes room for `datagrams` in all, in steps of some milliseconds; none may be added before the last one. */
  *growing(datagrams: number): Steps {
    yield* this.#columns.growing(datagrams + this.#columns.length - this.length);
    yield* this.#order.growing(datagrams);
    yield* this.#rows.growing(datagrams);
  }

  /** The id of the first datagram of the index, and the one behind the last; those between may have been given up. */
  get firstId(): number {
    return this.#ids.at(0);
  }

  get endId(): number {
    return this.#ids.at(this.#committed);
  }

  /** The first id from `id` on that a datagram of the index has or had lately; `endId` where there is none. */
  nextId(id: number): number {
    return this.#ids.at(this.#firstFrom(id));
  }

  /** How many records are shown with another one of the same datagram. */
  get folded(): number {
    return this.#folded;
  }

  /**
   * Adds a datagram; it has a position after the next {@link commit}. `offset` counts from the start of the file
   * part; `digest`, `head`: see {@link PayloadDigests}. No object is made: a file may hold millions.
   *
   * @param pieces See {@link PayloadPlace.pieces}.
   */
  append(
    time: number,
    flow: number,
    file: number,
    offset: number,
    length: number,
    wireLength: number,
    digest: number,
    head: number,
    comment: string,
    pieces?: Float64Array,
  ): void {
    const index = this.#columns.append(time, flow, file, offset, wireLength, length, digest, head);
    if (comment !== "") this.#comment(this.#ids.at(index), comment);
    if (pieces === undefined) return;
    this.#long.set(this.#ids.at(index), { wireLength, capturedLength: length, pieces });
  }

  /**
   * Gives the datagrams that were added since the last call their positions.
   *
   * @returns the id of the first of them, and the earliest of their times; undefined where there are none.
   */
  commit(): { readonly firstId: number; readonly earliest: number } | undefined {
    const { length, time } = this.#columns;
    const from = this.#committed;
    if (length === from) return undefined;
    const earliest = this.#order.merge(from, length, time, this.#standBefore);
    this.#firstUnarranged = Math.min(this.#firstUnarranged, this.#order.firstFrom(earliest, time));
    this.#committed = length;
    return { firstId: this.#ids.at(from), earliest };
  }

  /** Shows what was added, and what stands for itself now, and no more what is shown with another one now. */
  arrangeRows(): void {
    this.arrangeRefolded();
    const from = this.#arranged;
    // As in nearly all captures that somebody opens: none is found to have a row of another one.
    if (this.#folded === 0) {
      this.#rows.follow(this.#order, this.#firstUnarranged);
      this.#arranged = this.#committed;
      this.#firstUnarranged = Number.POSITIVE_INFINITY;
      return;
    }
    const added = new Uint32Array(this.#committed - from);
    let count = 0;
    for (let index = from; index < this.#committed; index++) {
      if (!this.#isFolded(index)) added[count++] = index;
    }
    this.#arranged = this.#committed;
    this.#firstUnarranged = Number.POSITIVE_INFINITY;
    if (count === 0) return;
    this.#rows.insert(added.subarray(0, count), this.#columns.time, this.#standBefore);
  }

  /** The same of those alone that had a row, or could have had one. */
  arrangeRefolded(): void {
    if (this.#refolded.length === 0) return;
    const { file, time } = this.#columns;
    const rows = this.#rows;
    const folded: number[] = [];
    const unfolded: number[] = [];
    for (const index of new Set(this.#refolded)) {
      if (file[index] === GONE) continue;
      const place = rows.placeOf(index, time, this.#standBefore);
      const isRow = place < rows.length && rows.at(place) === index;
      const isFolded = this.#isFolded(index);
      if (isRow && isFolded) folded.push(index);
      else if (!isRow && !isFolded) unfolded.push(index);
    }
    this.#refolded = [];
    if (folded.length > 0) rows.remove(Uint32Array.from(folded), time, this.#standBefore);
    if (unfolded.length > 0) rows.insert(Uint32Array.from(unfolded), time, this.#standBefore);
  }

  /** Takes all datagrams out. */
  clear(): void {
    this.#ids.clear(this.#columns.length);
    this.#columns = new DatagramColumns();
    this.#committed = 0;
    this.#folded = 0;
    this.#order.clear();
    this.#rows.clear();
    this.#arranged = 0;
    this.#firstUnarranged = Number.POSITIVE_INFINITY;
    this.#refolded = [];
    this.#gone = 0;
    this.#comments.clear();
    this.#delays.clear();
    this.#long.clear();
  }

  /**
   * Finds out what goes with these file parts, in steps of some milliseconds: as many as there are datagrams. All that
   * was added has to be in its place.
   *
   * @param flows the ids of all flows are below
   */
  *dropping(parts: ReadonlyMap<number, unknown>, flows: number): Steps<Dropping> {
    const { file, flow, delivery, partner } = this.#columns;
    const isGiven = new Uint8Array(Math.max(-1, ...parts.keys()) + 1);
    for (const part of parts.keys()) isGiven[part] = 1;
    const isDropped = (index: number) => isGiven[file[index] ?? GONE] === 1;
    const committed = this.#committed;
    const usedFlows = new Uint8Array(flows);
    const delivered = new Uint32Array(flows);
    /** First one and behind the last one, of those that stand together. */
    const runs: number[] = [];
    const parted: number[] = [];
    let dropped = 0;
    let folded = 0;
    for (let index = 0, end = -1; index < committed; index++) {
      if (index % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
      const part = file[index] ?? GONE;
      if (part === GONE) continue;
      if (isGiven[part] === 1) {
        if (index === end) runs.pop();
        else runs.push(index);
        end = index + 1;
        runs.push(end);
        dropped++;
        if (this.#isFolded(index)) folded++;
        continue;
      }
      const own = flow[index] ?? 0;
      usedFlows[own] = 1;
      const state = deliveryAt(delivery, index);
      if (state === Delivery.alone || state === Delivery.unclear) continue;
      if (isDropped(partner[index] ?? 0)) parted.push(index);
      else if (state === Delivery.delivered) delivered[own] = (delivered[own] ?? 0) + 1;
    }
    const left = (index: number) => (isDropped(index) ? NOWHERE : index);
    const order = dropped > 0 ? yield* this.#order.without(left) : this.#order;
    const rows = dropped > 0 ? yield* this.#rows.without(left) : this.#rows;
    const ids = function* (this: DatagramTable) {
      for (let run = 0; run < runs.length; run += 2) {
        for (let index = runs[run] ?? 0; index < (runs[run + 1] ?? 0); index++) {
          yield this.#ids.at(index);
        }
      }
    };
    return {
      dropped,
      isDropped: (id) => isDropped(this.#index(id)),
      ids: () => ids.call(this),
      usedFlows,
      delivered,
      finish: () => {
        for (let run = 0; run < runs.length; run += 2) file.fill(GONE, runs[run], runs[run + 1]);
        this.#order = order;
        this.#rows = rows;
        this.#folded -= folded;
        this.#gone += dropped;
      },
      part: () => this.#parting(runs, parted),
    };
  }

  /** Forgets what is told of those that are gone, and takes those that are left of pairs for what they are alone. */
  *#parting(runs: readonly number[], parted: readonly number[]): Steps<number[]> {
    const { length } = runs;
    // What has a delay has a comment.
    if (this.#comments.size > 0 || this.#long.size > 0) {
      let seen = 0;
      for (let run = 0; run < length; run += 2) {
        for (let index = runs[run] ?? 0; index < (runs[run + 1] ?? 0); index++) {
          if (++seen % LOOKED_THROUGH_AT_ONCE === 0) yield;
          this.#comments.delete(this.#ids.at(index));
          this.#delays.delete(this.#ids.at(index));
          this.#long.delete(this.#ids.at(index));
        }
      }
    }
    const ids: number[] = [];
    for (const index of parted) {
      if (ids.length % REFOLDED_AT_ONCE === REFOLDED_AT_ONCE - 1) yield;
      this.#columns.partner[index] = index;
      const wasFolded = this.#isFolded(index);
      this.#setDelivery(index, Delivery.alone);
      this.#countFolded(index, wasFolded);
      ids.push(this.#ids.at(index));
    }
    this.arrangeRefolded();
    return ids;
  }

  /** The first position whose datagram is not before `time`. */
  positionAt(time: number): number {
    return this.#order.firstFrom(time, this.#columns.time);
  }

  /** The id of the datagram at a position from 0 to `length - 1`. */
  idAt(position: number): number {
    return this.#ids.at(this.#order.at(position));
  }

  /** Datagrams that stand for themselves, as far as {@link arrangeRows} has looked at them. */
  get rows(): number {
    return this.#rows.length;
  }

  /** The id of the datagram in a row from 0 to `rows - 1`. */
  rowAt(row: number): number {
    return this.#ids.at(this.#rows.at(row));
  }

  /** The first row that is not before `time`. */
  rowFrom(time: number): number {
    return this.#rows.firstFrom(time, this.#columns.time);
  }

  /** The row of a datagram; of what is shown with another one, the first row behind it. */
  rowOf(id: number): number {
    return this.#rows.placeOf(this.#index(id), this.#columns.time, this.#standBefore);
  }

  /**
   * Which one of two datagrams of the same time is told first: the same whichever was read first. In one file they are
   * told in its order.
   */
  standsBefore(one: number, other: number): boolean {
    return this.#standsBefore(this.#index(one), this.#index(other));
  }

  /** True while a datagram of this id is in the table. */
  has(id: number): boolean {
    const index = this.#find(id);
    return index >= 0 && this.#columns.file[index] !== GONE;
  }

  /** Microseconds since 1970. */
  time(id: number): number {
    return this.#columns.time[this.#index(id)] ?? 0;
  }

  /** {@link FlowTable} id. */
  flowId(id: number): number {
    return this.#columns.flow[this.#index(id)] ?? 0;
  }

  /** The earliest time of the datagrams `first + offsets`, as far as they are in the table; Infinity where none is. */
  earliest(first: number, offsets: readonly number[]): number {
    const { time, file } = this.#columns;
    let earliest = Number.POSITIVE_INFINITY;
    for (const offset of offsets) {
      const index = this.#find(first + offset);
      const own = time[index] ?? earliest;
      if (file[index] !== GONE && own < earliest) earliest = own;
    }
    return earliest;
  }

  /** Payload bytes on the wire. */
  wireLength(id: number): number {
    const length = this.#columns.wireLength[this.#index(id)] ?? 0;
    return length < MOST_LENGTH ? length : (this.#long.get(id)?.wireLength ?? length);
  }

  /** Payload bytes that the file holds. */
  capturedLength(id: number): number {
    const length = this.#columns.capturedLength[this.#index(id)] ?? 0;
    return length < MOST_LENGTH ? length : (this.#long.get(id)?.capturedLength ?? length);
  }

  /** What tells equal payloads; see PayloadDigests.whole. */
  digest(id: number): number {
    return this.#columns.digest[this.#index(id)] ?? 0;
  }

  /** What tells equal starts of payloads; see PayloadDigests.head. */
  head(id: number): number {
    return this.#columns.head[this.#index(id)] ?? 0;
  }

  /** What was told of it; what became of one without a receipt, {@link Deliveries.of} knows. */
  delivery(id: number): PairedDelivery {
    return this.#delivery(this.#index(id));
  }

  /**
   * The receipt of a delivered datagram, or itself where that is no longer kept; the sending of a receipt; what a tap
   * recorded of one that was seen.
   * Meaningless for all others.
   */
  partner(id: number): number {
    return this.#ids.at(this.#columns.partner[this.#index(id)] ?? 0);
  }

  setDelivery(id: number, delivery: PairedDelivery, partner: number): void {
    const index = this.#index(id);
    const wasFolded = this.#isFolded(index);
    this.#setDelivery(index, delivery);
    this.#countFolded(index, wasFolded);
    this.#columns.partner[index] = Math.max(0, this.#find(partner));
  }

  /** Whether it was refused on its way, as {@link refusedDatagram} reads it; 0 where nobody has told so. */
  refusal(id: number): number {
    return (this.#columns.delivery[this.#index(id)] ?? 0) >> DELIVERY_BITS;
  }

  setRefusal(id: number, code: number): void {
    const index = this.#index(id);
    const wasFolded = this.#isFolded(index);
    this.#columns.delivery[index] = this.#delivery(index) | (code << DELIVERY_BITS);
    this.#countFolded(index, wasFolded);
  }

  /** True for what is shown with another record of the same datagram. */
  isFolded(id: number): boolean {
    return this.#isFolded(this.#index(id));
  }

  /** How long a rule held it back, microseconds. */
  delay(id: number): number {
    return this.#delays.size > 0 ? (this.#delays.get(id) ?? 0) : 0;
  }

  /** What a rule did to it, as its record says; undefined where none did anything. */
  ruleEffect(id: number): RuleEffect | undefined {
    const comment = this.#comments.get(id);
    return comment === undefined ? undefined : parseRuleEffect(comment);
  }

  /** False where the system refused to send it. */
  wasSent(id: number): boolean {
    return !this.comment(id).includes(SEND_FAILED);
  }

  comment(id: number): string {
    return this.#comments.get(id) ?? "";
  }

  payloadPlace(id: number): PayloadPlace {
    const index = this.#index(id);
    const { file, offset } = this.#columns;
    const number = file[index] ?? 0;
    const pieces = this.#long.get(id)?.pieces;
    return {
      file: number,
      offset: this.#files.get(number).start + (offset[index] ?? 0),
      length: this.capturedLength(id),
      ...(pieces && { pieces }),
    };
  }

  /** What tells where payloads lie, for payloadStretches(). */
  get stored(): StoredPayloads {
    return {
      columns: this.#columns,
      ids: this.#ids,
      files: this.#files,
      long: this.#long,
      placeFrom: (id) => this.#firstFrom(id),
    };
  }

  #comment(id: number, comment: string): void {
    this.#comments.set(id, comment);
    const { delayMs = 0 } = parseRuleEffect(comment) ?? {};
    if (delayMs > 0) this.#delays.set(id, delayMs * 1000);
  }

  #delivery(index: number): PairedDelivery {
    return deliveryAt(this.#columns.delivery, index);
  }

  #setDelivery(index: number, delivery: PairedDelivery): void {
    const { delivery: column } = this.#columns;
    column[index] = ((column[index] ?? 0) & ~DELIVERY_MASK) | delivery;
  }

  /** What says alone that its datagram was refused stands for itself. */
  #isFolded(index: number): boolean {
    const delivery = this.#delivery(index);
    if (delivery === Delivery.receipt) return true;
    return (
      delivery === Delivery.seen && (this.#columns.delivery[index] ?? 0) >> DELIVERY_BITS === 0
    );
  }

  #countFolded(index: number, wasFolded: boolean): void {
    const isFolded = this.#isFolded(index);
    if (isFolded === wasFolded) return;
    this.#folded += isFolded ? 1 : -1;
    if (index >= this.#arranged) return;
    this.#refolded.push(index);
    if (this.#refolded.length >= REFOLDED_AT_ONCE) this.arrangeRefolded();
  }

  #index(id: number): number {
    const index = this.#find(id);
    if (index >= 0) return index;
    throw new RangeError(`Cannot find datagram ${id}: it is no longer in the table`);
  }

  readonly #standBefore = (one: number, other: number): boolean => this.#standsBefore(one, other);

  #standsBefore(one: number, other: number): boolean {
    const { file, offset } = this.#columns;
    const [own = 0, others = 0] = [file[one], file[other]];
    // Of one that has just gone, somebody may still ask about the burst that it was in.
    if (own === GONE || others === GONE) return one < other;
    if (own !== others) {
      const part = this.#files.get(own);
      const otherPart = this.#files.get(others);
      if (part.path !== otherPart.path) return part.path < otherPart.path;
      return part.start < otherPart.start || (part.start === otherPart.start && own < others);
    }
    const by = (offset[one] ?? 0) - (offset[other] ?? 0);
    return by < 0 || (by === 0 && one < other);
  }

  /** Where a datagram is in the columns; -1 where it is not. */
  #find(id: number): number {
    const index = this.#ids.placeOf(id);
    return index < this.#committed ? index : -1;
  }

  /** The place in the columns of the first datagram whose id is not below `id`. */
  #firstFrom(id: number): number {
    return Math.min(this.#ids.firstFrom(id), this.#committed);
  }

  /**
   * Moves the datagrams together where most are gone, once as many have gone as half of those that are left: so the index
   * is at most two and a half times as long as there are datagrams, and each that goes costs as much as three that stay.
   * Those from `dense` on keep their ids one by one. In steps of some milliseconds; nothing may be added before the last one.
   */
  *closingGaps(): Steps {
    const columns = this.#columns;
    const { file, length } = columns;
    if (this.#gone === 0 || (length > FEW && this.#gone * 2 < this.length)) return;
    this.#gone = 0;
    this.arrangeRefolded();
    const { early } = this.#ids;
    let dense = length;
    for (let index = length - 1, kept = 0; index >= early; index--) {
      if (index % LOOKED_THROUGH_AT_ONCE === 0) yield;
      if (file[index] === GONE) continue;
      kept++;
      if (kept * 2 >= length - index) dense = index;
    }
    const places: number[] = [];
    const newPlaces = new Uint32Array(dense);
    for (let index = 0; index < dense; index++) {
      if (index % LOOKED_THROUGH_AT_ONCE === LOOKED_THROUGH_AT_ONCE - 1) yield;
      if (file[index] !== GONE) newPlaces[index] = places.push(index) - 1;
    }
    const by = dense - places.length;
    if (by === 0) return;
    const newPlace = (index: number) => (index < dense ? (newPlaces[index] ?? 0) : index - by);
    const order = yield* this.#order.without(newPlace);
    const rows = yield* this.#rows.without(newPlace);
    const kept = yield* columns.keeping(places, dense, newPlace);
    this.#ids.keep(places, dense);
    this.#order = order;
    this.#rows = rows;
    this.#columns = kept;
    this.#committed = kept.length;
    this.#arranged = kept.length;
  }
}

/** What became of the datagram at a place of the column. */
function deliveryAt(column: Uint8Array, index: number): PairedDelivery {
  return ((column[index] ?? 0) & DELIVERY_MASK) as PairedDelivery;
}

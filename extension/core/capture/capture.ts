import {
  Direction,
  OTHER_PACKETS,
  type OtherPacket,
  type OtherPacketCounts,
} from "../files/capture_sink.ts";
import { isLoopbackAddress } from "../wire/address.ts";
import type { RuleEffect } from "../wire/rule_effect.ts";
import type { CapturedSocket } from "./captured_socket.ts";
import { DatagramTable, type PayloadPlace } from "./datagram_table.ts";
import { Deliveries, Delivery, type DeliveryTable, LOST_AFTER_US } from "./delivery.ts";
import { FileTable } from "./file_table.ts";
import { type Flow, FlowTable } from "./flow_table.ts";
import { MOST_PEERS, PeerTable } from "./peers.ts";
import type { Refusals, RefusalTable } from "./refusals.ts";
import { type RefusalRecord, type RefusedDatagram, refusedDatagram } from "./refused_datagram.ts";
import type { Sightings, SightingTable } from "./sightings.ts";
import { SocketTable } from "./socket_table.ts";
import { atOnce, type Steps } from "./steps.ts";

/** See {@link Capture.onLeave}. */
export type PrepareToLeave = (isLeaving: (id: number) => boolean) => Steps<() => void>;

/** Datagrams or flows of which something is asked at once: some milliseconds. */
const ASKED_AT_ONCE = 2048;

/** What a rule did, and the record that says it. */
export interface RuledRecord {
  readonly record: number;
  readonly effect: RuleEffect;
}

/**
 * Everything that the capture files tell, without the payloads: programs, sockets, flows, and one entry a datagram.
 * Filled by {@link FileSink}s, one a file; after each batch {@link commit} puts the new datagrams into their place
 * in time. Datagrams have ids that stay while the capture lives; their positions change when earlier ones arrive.
 *
 * The tables know nothing of each other; what is asked for every row is answered here, without a detour.
 */
export class Capture {
  readonly flows = new FlowTable();
  readonly sockets = new SocketTable(() => this.touch());
  readonly files = new FileTable();
  /** Who each socket talks with. */
  readonly peers = new PeerTable(
    this.flows,
    MOST_PEERS,
    (flow) => this.#refusals?.count(flow) ?? 0,
  );
  /** For who fills it; what others ask of datagrams is answered by the capture itself. */
  readonly datagrams = new DatagramTable(this.files);
  #refusals: Refusals | undefined;
  /** Messages that nobody has looked at yet. */
  #refusalRecords: RefusalRecord[] = [];
  /** Which datagrams of taps were captured on their way as well, once {@link needsSightings}. */
  #sightings: Sightings | undefined;
  #hasTaps = false;
  #hasOthers = false;
  readonly #deliveries = new Deliveries(this.#recordTable());
  readonly #otherPackets = Object.fromEntries(OTHER_PACKETS.map((reason) => [reason, 0])) as Record<
    OtherPacket,
    number
  >;
  readonly #listeners = new Set<(fromTime: number) => void>();
  readonly #leavers = new Set<PrepareToLeave>();
  #revision = 0;
  /** Time of the first packet that is no datagram. */
  #firstOther = Number.POSITIVE_INFINITY;

  /** Another number whenever a socket appears or changes; datagrams have {@link onChange} to tell. */
  get revision(): number {
    return this.#revision;
  }

  /** What is told of the sockets, or of the capture as a whole, is another now. */
  touch(): void {
    this.#revision++;
  }

  /** Datagrams in the table. */
  get length(): number {
    return this.datagrams.length;
  }

  /** Records that are known to be missing, over all sockets. */
  get notRecorded(): number {
    return this.sockets.notRecorded;
  }

  /** Packets in the files that are no whole UDP datagrams. */
  get otherPackets(): OtherPacketCounts {
    return this.#otherPackets;
  }

  /** @param time microseconds since 1970, or NaN where the file does not say */
  countOtherPacket(reason: OtherPacket, time: number): void {
    this.#otherPackets[reason]++;
    if (time < this.#firstOther) this.#firstOther = time;
  }

  /** So many fragments are a datagram after all. */
  uncountFragments(packets: number): void {
    this.#otherPackets.fragment -= packets;
  }

  /** Time of the first packet, datagram or not: what relative times count from. Microseconds since 1970; 0 without any. */
  get start(): number {
    const first = this.length > 0 ? this.time(this.idAt(0)) : Number.POSITIVE_INFINITY;
    const start = Math.min(first, this.#firstOther);
    return Number.isFinite(start) ? start : 0;
  }

  /** There is a file whose datagrams a tap has recorded, or somebody else. */
  expect(isByTap: boolean): void {
    if (isByTap) this.#hasTaps = true;
    else this.#hasOthers = true;
  }

  /** True where one datagram may have been recorded by a tap and by somebody else, and nobody {@link findSightings}. */
  get needsSightings(): boolean {
    return this.#hasTaps && this.#hasOthers && this.#sightings === undefined;
  }

  /** From the next {@link commit} on, finds what is of one datagram. The class is given, as few captures need its code. */
  findSightings(Class: new (table: SightingTable) => Sightings): void {
    this.#sightings ??= new Class(this.#recordTable());
  }

  /** Which datagrams were refused, as far as messages tell that somebody has looked at: see {@link needsRefusals}. */
  get refusals(): Refusals | undefined {
    return this.#refusals;
  }

  /** A message about a datagram, which is looked at with the next {@link commit}. */
  addRefusal(record: RefusalRecord): void {
    this.#refusalRecords.push(record);
  }

  /** True where there are messages, and nobody {@link findRefusals}. */
  get needsRefusals(): boolean {
    return this.#refusalRecords.length > 0 && this.#refusals === undefined;
  }

  /** From the next {@link commit} on, finds what was refused. The class is given, as few captures need its code. */
  findRefusals(Class: new (table: RefusalTable) => Refusals): void {
    this.#refusals ??= new Class(this.#recordTable());
  }

  /** Gives the datagrams that were added since the last call their positions; true when there were any. */
  commit(): boolean {
    return atOnce(this.committing());
  }

  /** The same in steps of some milliseconds; nothing may be added or dropped before the last one. */
  *committing(): Steps<boolean> {
    const added = this.datagrams.commit();
    const paired = added
      ? yield* this.#deliveries.taking(added.firstId, this.datagrams.endId)
      : Number.POSITIVE_INFINITY;
    const refused = yield* this.#takingRefusals(added?.firstId ?? this.endId);
    const seen = this.#sightings
      ? yield* this.#sightings.taking(added?.firstId ?? this.endId, this.endId)
      : Number.POSITIVE_INFINITY;
    this.datagrams.arrangeRows();
    const watched = this.sockets.receivers.takeChangedFrom();
    const earliest = added?.earliest ?? Number.POSITIVE_INFINITY;
    this.#changedFrom(Math.min(paired, refused, seen, watched, earliest));
    return added !== undefined;
  }

  /** Makes room for so many datagrams and flows in all, in steps of some milliseconds; none may be added before the last one. */
  *growing(datagrams: number, flows: number): Steps {
    yield* this.datagrams.growing(datagrams);
    yield* this.flows.growing(flows);
    yield* this.#deliveries.growing(flows);
  }

  /**
   * Where there is no room for so many more datagrams, each of another flow, makes it for them and for as many again or
   * twice as many as there are: whoever asks before each chunk does not have all copied for each.
   */
  *makingRoom(more: number): Steps {
    const { length, datagrams, flows } = this;
    const roomFor = (size: number, room: number) =>
      room < more ? size + more + Math.max(size, more) : 0;
    yield* this.growing(roomFor(length, datagrams.room), roomFor(flows.size, flows.room));
  }

  /**
   * Lets time pass: everything up to `now` (microseconds since 1970) has been read. True when something else is told of a
   * datagram now, such as that it is lost.
   */
  settle(now: number): boolean {
    return atOnce(this.settling(now));
  }

  /** The same in steps of some milliseconds; nothing may be added before the last one. */
  *settling(now: number): Steps<boolean> {
    const before = this.#deliveries.settled;
    const paired = yield* this.#deliveries.settling(now);
    const refused = this.#refusals ? yield* this.#refusals.settling() : Number.POSITIVE_INFINITY;
    this.datagrams.arrangeRows();
    const told = Math.min(paired, refused);
    this.#changedFrom(told);
    const isPaired = Number.isFinite(told);
    const from = before - LOST_AFTER_US;
    const to = now - LOST_AFTER_US;
    // Where nothing can be lost, to ask that of millions would take long.
    const many = this.positionAt(to) - this.positionAt(from) > this.flows.size;
    if (many && !(yield* this.#hasReceivers())) return isPaired;
    const lost = yield* this.#firstIs(Delivery.lost, from, to);
    if (lost !== undefined) this.#changedFrom(this.time(lost));
    return isPaired || lost !== undefined;
  }

  /** Calls `listener` with the time (microseconds since 1970) from which on datagrams are new or told otherwise. */
  onChange(listener: (fromTime: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Has `prepare` called before datagrams leave: it finds out in steps what is without those of which `isLeaving` is true,
   * and what it comes to is called when they do, in the same moment.
   */
  onLeave(prepare: PrepareToLeave): () => void {
    this.#leavers.add(prepare);
    return () => this.#leavers.delete(prepare);
  }

  /** Takes all datagrams out of the table, and counts from 0 again; what is still in files stays known. */
  clear(): void {
    this.#firstOther = Number.POSITIVE_INFINITY;
    this.datagrams.clear();
    this.#refusals?.clear();
    this.#refusalRecords = [];
    this.sockets.clearCounts();
    const { firstId } = this.datagrams;
    this.#sightings?.clear(firstId);
    this.#deliveries.clear(firstId);
    atOnce(this.#keepingFlows(new Uint8Array(0)));
    this.#changedFrom(0);
  }

  /**
   * Takes out what is known from these files alone: datagrams, flows and sockets. Costs as much as there are datagrams.
   *
   * @returns how many datagrams there were, and how many records of which nothing but these files told that they are missing
   */
  dropFiles(files: ReadonlySet<number>): number {
    return atOnce(this.dropping(files));
  }

  /**
   * The same in steps of some milliseconds; nothing may be added, dropped or cleared before the last one. All of the
   * datagrams leave in one step, for those who read in between; what becomes of those that are left is told anew after it.
   */
  *dropping(files: ReadonlySet<number>): Steps<number> {
    const steps = this.#dropping(files);
    for (;;) {
      const step = steps.next();
      this.datagrams.arrangeRefolded();
      if (step.done) return step.value;
      yield;
    }
  }

  *#dropping(files: ReadonlySet<number>): Steps<number> {
    // What was read of them last has a place, too, or it would come after they are gone.
    yield* this.committing();
    const parts = this.files.partsOf(files);
    const going = yield* this.datagrams.dropping(parts, this.flows.end);
    const { dropped, isDropped, usedFlows, delivered } = going;
    const left = this.#sightings ? yield* this.#sightings.leaving(going.ids()) : [];
    const prepared: (() => void)[] = [];
    for (const prepare of dropped > 0 ? this.#leavers : [])
      prepared.push(yield* prepare(isDropped));
    going.finish();
    for (const leave of prepared) leave();
    // What they had in common with others is found by what is still there: the flows go last.
    const parted = yield* going.part();
    yield* this.#refusals?.dropping(parts) ?? [];
    this.#refusalRecords = this.#refusalRecords.filter(({ part }) => !parts.has(part));
    for (const { flow } of this.#refusalRecords) usedFlows[flow] = 1;
    if (dropped > 0) {
      const { firstId } = this.datagrams;
      yield* this.#sightings?.forgetting(firstId, left) ?? [];
      yield* this.#deliveries.forgetting(firstId, delivered, parted);
      yield* this.#keepingFlows(usedFlows);
      yield* this.datagrams.closingGaps();
    }
    let missing = 0;
    for (const [number, { of, sockets }] of parts)
      if (number === of) missing += this.sockets.forget(sockets, number);
    this.files.remove(parts);
    this.datagrams.arrangeRows();
    if (dropped === 0) return missing;
    this.#changedFrom(Number.NEGATIVE_INFINITY);
    return dropped + missing;
  }

  socket(id: number): CapturedSocket {
    return this.sockets.get(id);
  }

  /** Registers a file and returns its number, which no other file ever gets. */
  addFile(path: string): number {
    return this.files.add(path);
  }

  // What is asked of a datagram, see DatagramTable.

  get firstId(): number {
    return this.datagrams.firstId;
  }

  get endId(): number {
    return this.datagrams.endId;
  }

  /** How many records are shown with another one of the same datagram. */
  get folded(): number {
    return this.datagrams.folded;
  }

  positionAt(time: number): number {
    return this.datagrams.positionAt(time);
  }

  idAt(position: number): number {
    return this.datagrams.idAt(position);
  }

  /** Rows without a filter: datagrams without those that are shown with another one, see {@link isFolded}. */
  get rows(): number {
    return this.datagrams.rows;
  }

  /** The id of the datagram in a row from 0 to `rows - 1`. */
  rowAt(row: number): number {
    return this.datagrams.rowAt(row);
  }

  /** The first row that is not before `time`. */
  rowFrom(time: number): number {
    return this.datagrams.rowFrom(time);
  }

  /** The row of a datagram; of one that is shown with another one, the first row behind it. */
  rowOf(id: number): number {
    return this.datagrams.rowOf(id);
  }

  has(id: number): boolean {
    return this.datagrams.has(id);
  }

  /** True where one datagram stands before another one, in the order of their time. */
  standsBefore(one: number, other: number): boolean {
    const by = this.time(one) - this.time(other);
    return by < 0 || (by === 0 && this.datagrams.standsBefore(one, other));
  }

  time(id: number): number {
    return this.datagrams.time(id);
  }

  earliest(first: number, offsets: readonly number[]): number {
    return this.datagrams.earliest(first, offsets);
  }

  flow(id: number): Flow {
    return this.flows.get(this.datagrams.flowId(id));
  }

  flowId(id: number): number {
    return this.datagrams.flowId(id);
  }

  wireLength(id: number): number {
    return this.datagrams.wireLength(id);
  }

  capturedLength(id: number): number {
    return this.datagrams.capturedLength(id);
  }

  digest(id: number): number {
    return this.datagrams.digest(id);
  }

  delivery(id: number): Delivery {
    const paired = this.#deliveries.of(id);
    if (this.#isDropped(id, paired)) return Delivery.dropped;
    return mayBeRefused(paired) && this.datagrams.refusal(id) !== 0 ? Delivery.refused : paired;
  }

  /** Why it was refused, where {@link delivery} tells that it was. */
  refusal(id: number): RefusedDatagram | undefined {
    return refusedDatagram(this.datagrams.refusal(id));
  }

  /** True for what is shown with another record of the same datagram: a receipt, and what was seen on its way. */
  isFolded(id: number): boolean {
    return this.datagrams.isFolded(id);
  }

  /** The record that a record is shown with: of a receipt, the sending; of one that stands for itself, itself. */
  shownWith(id: number): number {
    let shown = id;
    // What was seen is shown with a receipt, where that stands for itself.
    while (this.datagrams.isFolded(shown)) shown = this.datagrams.partner(shown);
    return shown;
  }

  /** True for what came to a watched socket: that record is its partner. A rule may have kept it from the program. */
  isReceived(id: number): boolean {
    return this.datagrams.delivery(id) === Delivery.delivered;
  }

  partner(id: number): number {
    return this.datagrams.partner(id);
  }

  /** False where the system refused to send it, or a rule kept it from leaving. */
  wasSent(id: number): boolean {
    if (!this.datagrams.wasSent(id)) return false;
    const isDropped = this.datagrams.ruleEffect(id)?.dropped !== undefined;
    return !isDropped || this.flow(id).direction !== Direction.out;
  }

  /** What rules did to it, the sender's before the receiver's; their records say so. */
  ruleEffects(id: number): readonly RuledRecord[] {
    const receipt = this.isReceived(id) ? this.datagrams.partner(id) : id;
    const records = receipt === id ? [id] : [id, receipt];
    return records.flatMap((record) => {
      const effect = this.datagrams.ruleEffect(record);
      return effect ? [{ record, effect }] : [];
    });
  }

  comment(id: number): string {
    return this.datagrams.comment(id);
  }

  payloadPlace(id: number): PayloadPlace {
    return this.datagrams.payloadPlace(id);
  }

  /** By a rule, at either end: a receipt is told as its sending is. */
  #isDropped(id: number, paired: Delivery): boolean {
    const { datagrams } = this;
    if (datagrams.ruleEffect(id)?.dropped !== undefined) return true;
    if (paired !== Delivery.delivered) return false;
    return datagrams.ruleEffect(datagrams.partner(id))?.dropped !== undefined;
  }

  *#takingRefusals(from: number): Steps<number> {
    const refusals = this.#refusals;
    if (!refusals) return Number.POSITIVE_INFINITY;
    for (const record of this.#refusalRecords) refusals.add(record);
    this.#refusalRecords = [];
    return yield* refusals.taking(from, this.endId);
  }

  *#hasReceivers(): Steps<boolean> {
    let seen = 0;
    for (const flow of this.flows.values()) {
      if (++seen % ASKED_AT_ONCE === 0) yield;
      if (flow.direction === Direction.out && this.sockets.receivers.hasReceiver(flow)) return true;
    }
    return false;
  }

  /** The first datagram after `from`, up to `to`, of which that is told. */
  *#firstIs(delivery: Delivery, from: number, to: number): Steps<number | undefined> {
    let seen = 0;
    for (let at = this.positionAt(from); at < this.length; at++) {
      if (++seen % ASKED_AT_ONCE === 0) yield;
      const id = this.idAt(at);
      if (this.time(id) > to) return undefined;
      if (this.delivery(id) === delivery) return id;
    }
    return undefined;
  }

  /** What those who tell what became of a datagram may know and tell. */
  #recordTable(): DeliveryTable & SightingTable & RefusalTable {
    const { datagrams, flows, sockets } = this;
    const isMade = (id: number) => datagrams.ruleEffect(id)?.isCopy === true;
    return {
      get firstId() {
        return datagrams.firstId;
      },
      get length() {
        return datagrams.length;
      },
      has: (id) => datagrams.has(id),
      nextId: (id) => datagrams.nextId(id),
      positionAt: (time) => datagrams.positionAt(time),
      idAt: (position) => datagrams.idAt(position),
      time: (id) => datagrams.time(id),
      delay: (id) => datagrams.delay(id),
      flow: (id) => this.flow(id),
      flowId: (id) => datagrams.flowId(id),
      digest: (id) => datagrams.digest(id),
      head: (id) => datagrams.head(id),
      wireLength: (id) => datagrams.wireLength(id),
      capturedLength: (id) => datagrams.capturedLength(id),
      wasSent: (id) => this.wasSent(id),
      isMade,
      wasOnItsWay: (id) => this.wasSent(id) && !isMade(id),
      isTapped: ({ socket }) => sockets.isTapped(socket),
      socketOf: (flow) => flows.get(flow).socket,
      isLoopback: (flow) => isLoopbackAddress(flows.get(flow).destinationAddress),
      standsBefore: (one, other) => datagrams.standsBefore(one, other),
      isWatched: (flow, time, isOurs, since) =>
        sockets.receivers.isWatched(flow, time, isOurs, since),
      isSenderKnown: (flow, time) => sockets.receivers.isSenderKnown(flow, time),
      delivery: (id) => datagrams.delivery(id),
      partner: (id) => datagrams.partner(id),
      setDelivery: (id, delivery, partner) => datagrams.setDelivery(id, delivery, partner),
      refusal: (id) => datagrams.refusal(id),
      setRefusal: (id, code) => datagrams.setRefusal(id, code),
    };
  }

  /** A flow is gone with its last datagram: those that are not used. */
  *#keepingFlows(used: Uint8Array): Steps {
    const gone = yield* this.flows.keeping(used);
    this.#deliveries.forgetFlows(gone);
    this.#refusals?.forgetFlows(gone);
    this.sockets.receivers.forgetFlows();
    this.peers.clear();
  }

  #changedFrom(time: number): void {
    if (time === Number.POSITIVE_INFINITY) return;
    for (const listener of this.#listeners) listener(time);
  }
}

/** False for what a receipt proves to have arrived. */
function mayBeRefused(delivery: Delivery): boolean {
  switch (delivery) {
    case Delivery.alone:
    case Delivery.pending:
    case Delivery.lost:
    case Delivery.unclear:
    case Delivery.seen:
      return true;
    default:
      return false;
  }
}

import { Direction } from "../files/capture_sink.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { type CapturedSocket, parseEndpoint, type SocketState } from "./captured_socket.ts";
import { resized } from "./columns.ts";
import { LOST_AFTER_US } from "./delivery.ts";
import { type MissingRecords, NOTHING_MISSING, notRecorded } from "./missing_records.ts";
import { SKEW_US } from "./pairing.ts";
import { Receivers, type Stretch } from "./receivers.ts";
import { RecordSpans } from "./record_spans.ts";
import { isEarlierOwner, type SocketOwner } from "./socket_owner.ts";
import { type SocketFacts, SocketView } from "./socket_view.ts";

const FIRST_ROOM = 64;
const STATES = ["bound", "closed", "failed"] as const satisfies readonly SocketState[];
const CLOSED = STATES.indexOf("closed");
const FAILED = STATES.indexOf("failed");
/** The id at a place that no socket has. */
const NONE = -1;

interface KnownOwner extends SocketOwner {
  /** The number that the owner gives a socket → the socket's place. */
  readonly places: Map<number, number>;
  /** How many sockets it has, also such as have no number. */
  sockets: number;
}

/**
 * The sockets of a capture, over all files that they appear in, as columns. A socket keeps its place until it is gone:
 * when it is not open, and no file is left that names it. Then another one may get the place.
 */
export class SocketTable {
  /** The watched sockets by where they are bound. */
  readonly receivers = new Receivers((place) => this.whenWatched(place));
  /** When all that passed a socket is in the table. */
  readonly spans = new RecordSpans(LOST_AFTER_US, (time) =>
    // What was sent to it shortly before may have come when something was missing already.
    this.receivers.changed(time - LOST_AFTER_US),
  );
  readonly #touch: () => void;
  /** {@link CapturedSocket.id}, or {@link NONE}. */
  #ids = new Float64Array(FIRST_ROOM);
  readonly #owners: (KnownOwner | undefined)[] = [];
  readonly #names: string[] = [];
  /** The number that its owner gives it; NaN where it gives none. */
  #numbers = new Float64Array(FIRST_ROOM);
  /** Index of {@link STATES}. */
  #states = new Uint8Array(FIRST_ROOM);
  /** Microseconds since 1970, or NaN. */
  #boundAt = new Float64Array(FIRST_ROOM);
  #closedAt = new Float64Array(FIRST_ROOM);
  /** 1 where a file tells when it was bound. */
  #isBoundAtTold = new Uint8Array(FIRST_ROOM);
  #received = new Float64Array(FIRST_ROOM);
  #sent = new Float64Array(FIRST_ROOM);
  /** How many interfaces of files are this socket. */
  #mentions = new Uint32Array(FIRST_ROOM);
  /** Of the few that miss any: place → records. */
  readonly #missing = new Map<number, MissingRecords>();
  /** Of the few that had rules: place → datagrams that these dropped. */
  readonly #dropped = new Map<number, number>();
  /** Of the few that could not be bound: place → why. */
  readonly #failures = new Map<number, string>();
  /** Those that have sockets, by their keys. */
  readonly #knownOwners = new Map<string, KnownOwner>();
  /** Place → the object that all who ask are given, in the order of binding. */
  readonly #open = new Map<number, SocketView>();
  /** Places below {@link #end} that no socket has. */
  readonly #free: number[] = [];
  #end = 0;
  #added = 0;
  #notRecorded = 0;

  /** @param touch called whenever a socket appears, changes or goes */
  constructor(touch: () => void) {
    this.#touch = touch;
  }

  /** How many sockets there are. */
  get size(): number {
    return this.#end - this.#free.length;
  }

  /** How many there have been: the {@link CapturedSocket.id} of the next one. */
  get added(): number {
    return this.#added;
  }

  /** Those that are bound now, as far as the files tell, the first bound first. */
  open(): IterableIterator<CapturedSocket> {
    return this.#open.values();
  }

  /** All of them; costs as much as there are. */
  *[Symbol.iterator](): IterableIterator<CapturedSocket> {
    for (let place = 0; place < this.#end; place++) {
      if (this.#ids[place] !== NONE) yield this.get(place);
    }
  }

  /** True for what this table has handed out: what a command is given may only look like it. */
  has(socket: unknown): socket is SocketView {
    return socket instanceof SocketView && socket.table === this;
  }

  get(place: number): CapturedSocket {
    return this.#view(place);
  }

  /** The places of sockets of which records are known to be missing since {@link clearCounts}. */
  *withMissing(): IterableIterator<number> {
    for (const [place, missing] of this.#missing) if (notRecorded(missing) > 0) yield place;
  }

  /** Records that are known to be missing since {@link clearCounts}, unless they have gone with {@link forget}. */
  get notRecorded(): number {
    return this.#notRecorded;
  }

  /**
   * The place of the socket that its owner calls `number`: a new one where it is the first of its kind, and always
   * where `number` is undefined.
   */
  place(owner: SocketOwner, number: number | undefined): number {
    let known = this.#knownOwners.get(owner.key);
    const place = number === undefined ? undefined : known?.places.get(number);
    if (place !== undefined) return place;
    if (!known) {
      known = { ...owner, places: new Map(), sockets: 0 };
      this.#knownOwners.set(owner.key, known);
    }
    return this.#add(known, number);
  }

  /** An interface of a file is this socket, which therefore stays as long as the file does; see {@link forget}. */
  mention(place: number): void {
    this.#mentions[place] = (this.#mentions[place] ?? 0) + 1;
  }

  /**
   * The interfaces of `file` are no more, each of which was the socket at one of these places. What is not open, and no
   * interface any more, is gone.
   *
   * @returns how many records are known to be missing of those that are gone; they do not count any more
   */
  forget(places: readonly number[], file: number): number {
    for (const place of places) this.#mentions[place] = (this.#mentions[place] ?? 0) - 1;
    for (const place of new Set(places)) this.spans.forget(place, file);
    this.receivers.changed();
    const before = this.#notRecorded;
    const gone = new Set(places.filter((place) => this.#isForgotten(place)));
    for (const place of gone)
      if (this.#missing.has(place)) this.#setMissing(place, NOTHING_MISSING);
    this.#remove(gone);
    return before - this.#notRecorded;
  }

  /** Tells how it is called, which is where it is bound; a program can connect it, and it has another local end. */
  setName(place: number, name: string): void {
    this.#names[place] = name;
    const local = this.localEnd(place);
    this.#open.get(place)?.setName(name, local);
    if (local) this.receivers.add(place, local);
    this.#touch();
  }

  /** Where a socket is bound, if its name tells that. */
  localEnd(place: number): Endpoint | undefined {
    return this.#owners[place]?.isForeign === false
      ? parseEndpoint(this.#names[place] ?? "")
      : undefined;
  }

  /** True for a socket that a tap recorded, from inside its program. */
  isTapped(place: number): boolean {
    const { thread, isForeign = true } = this.#owners[place] ?? {};
    return thread !== undefined && !isForeign;
  }

  /**
   * From when to when what was sent to the socket would be in the table had it been received. What could not be bound never
   * was. Where a record is missing nobody knows: the receipt may be among those. Nor of what was sent to a program
   * shortly before it was killed: it may have come, and its record was not written yet.
   */
  whenWatched(place: number): readonly Stretch[] {
    const state = this.#states[place];
    if (state === FAILED) return [];
    const boundAt = (numberOrUndefined(this.#boundAt[place]) ?? Number.NEGATIVE_INFINITY) - SKEW_US;
    const closedAt = numberOrUndefined(this.#closedAt[place]);
    const spans = this.spans.ofSocket(place);
    const stretches: Stretch[] = [];
    const add = (from: number, to: number, isKnown: boolean, isSinceBound: boolean) => {
      if (from <= to) stretches.push({ from, to, isKnown, isSinceBound });
    };
    // Another socket of the same end may have been closed just before: this one would have got what was on its way.
    let unknown = boundAt - LOST_AFTER_US;
    for (const [index, { from, to, isSinceBound, isStopped }] of spans.entries()) {
      const isLast = index === spans.length - 1;
      const isOpen = isLast && state !== CLOSED && !isStopped;
      const isToEnd = isLast && closedAt !== undefined && to >= closedAt;
      const seen = isLast ? Math.max(to, boundAt) : to;
      const end = isOpen ? Number.POSITIVE_INFINITY : isToEnd ? closedAt : seen - LOST_AFTER_US;
      if (!isSinceBound && unknown > Number.NEGATIVE_INFINITY) add(unknown, from, false, false);
      if (isToEnd && !isSinceBound && from < end) {
        // Also where that is no time at all: nothing is missing in the end. An export says with a span that is a moment
        // that nobody knows.
        stretches.push({ from: from + SKEW_US, to: end, isKnown: true, isSinceBound });
      } else add(isSinceBound ? boundAt : from + SKEW_US, end, true, isSinceBound);
      unknown = end;
      const gone = state === CLOSED ? (closedAt ?? seen) : Number.POSITIVE_INFINITY;
      if (isLast && !isOpen && !isToEnd) add(end, gone, false, false);
    }
    return stretches;
  }

  /** Tells when it was bound, in microseconds since 1970. */
  setBoundAt(place: number, time: number): void {
    this.#isBoundAtTold[place] = 1;
    this.#changeBoundAt(place, time);
  }

  /**
   * A moment before which it was not bound, from what stands around its description, where no file tells when it was: of
   * several the earliest, whichever was read first.
   */
  guessBoundAt(place: number, time: number): void {
    if (this.#isBoundAtTold[place] === 0 && !((this.#boundAt[place] ?? 0) <= time)) {
      this.#changeBoundAt(place, time);
    }
  }

  /** Its program closed it, or is gone; `time` where it is known. What could not be bound stays so. */
  close(place: number, time?: number): void {
    if (this.#states[place] === FAILED) return;
    if (time !== undefined) this.#closedAt[place] = time;
    this.receivers.changed(time ?? this.spans.latest(place) - LOST_AFTER_US);
    this.#finish(place, CLOSED);
  }

  /** The program of a socket ended without closing it. */
  closeLeftOpen(socket: CapturedSocket): void {
    if (this.has(socket) && this.#open.get(socket.place) === socket) this.close(socket.place);
  }

  /** It could not be bound, and why. */
  fail(place: number, failure: string): void {
    this.#failures.set(place, failure);
    this.receivers.changed(numberOrUndefined(this.#boundAt[place]));
    this.#finish(place, FAILED);
  }

  /** One more datagram was recorded, which {@link spans} are told next. */
  count(place: number, direction: Direction): void {
    // As long as it is open, nothing depends on when it recorded something last.
    if (this.#states[place] === CLOSED) {
      this.receivers.changed(this.spans.latest(place) - LOST_AFTER_US);
    }
    if (direction === Direction.in) this.#received[place] = (this.#received[place] ?? 0) + 1;
    else if (direction === Direction.out) this.#sent[place] = (this.#sent[place] ?? 0) + 1;
  }

  /** Of those that {@link count} has counted, one more was dropped by a rule. */
  countDropped(place: number): void {
    this.#dropped.set(place, (this.#dropped.get(place) ?? 0) + 1);
  }

  /** Just before a record, so many were left out (`epb_dropcount`). */
  countMissing(place: number, records: number): void {
    const { between, inAll, cleared } = this.#missing.get(place) ?? NOTHING_MISSING;
    this.#setMissing(place, { between: between + records, inAll, cleared });
  }

  /** So many were left out in all (`isb_ifdrop`); `isCleared` where that was before the capture was cleared. */
  setMissingInAll(place: number, records: number, isCleared: boolean): void {
    const { between, inAll, cleared } = this.#missing.get(place) ?? NOTHING_MISSING;
    const most = Math.max(inAll, records);
    this.#setMissing(place, { between, inAll: most, cleared: isCleared ? most : cleared });
  }

  /** Counts everything from 0 again. */
  clearCounts(): void {
    this.#received.fill(0);
    this.#sent.fill(0);
    this.#dropped.clear();
    for (const [place, { inAll }] of this.#missing) {
      this.#missing.set(place, { between: 0, inAll, cleared: inAll });
    }
    for (let place = 0; place < this.#end; place++) this.spans.clearSocket(place);
    this.receivers.changed();
    this.#notRecorded = 0;
    this.#touch();
  }

  /**
   * True when the socket at `one` was there before that at `other`, whichever was read first: its program began before,
   * or the same program made it before. In a file of many programs their numbers tell, and what no tap has numbered is in
   * the order of the file.
   */
  isEarlier(one: number, other: number): boolean {
    const owner = this.#owners[one];
    const otherOwner = this.#owners[other];
    if (owner !== otherOwner && owner?.startedAt !== undefined) {
      return isEarlierOwner(owner, otherOwner);
    }
    const by = (this.#numbers[one] ?? 0) - (this.#numbers[other] ?? 0);
    return by < 0 || (!(by > 0) && (this.#ids[one] ?? 0) < (this.#ids[other] ?? 0));
  }

  /**
   * For each socket a number by which one file for all of them tells which was there before: see {@link isEarlier}. Costs as
   * much as there are sockets.
   */
  orderNumbers(): (place: number) => number {
    const highest = new Map<KnownOwner, number>();
    for (let place = 0; place < this.#end; place++) {
      const owner = this.#owners[place];
      if (owner?.startedAt === undefined) continue;
      highest.set(owner, Math.max(highest.get(owner) ?? 0, this.#numbers[place] ?? 0));
    }
    let before = 0;
    const bases = new Map<KnownOwner, number>();
    for (const owner of [...highest.keys()].sort((a, b) => (isEarlierOwner(a, b) ? -1 : 1))) {
      bases.set(owner, before);
      before += highest.get(owner) ?? 0;
    }
    return (place) => {
      const owner = this.#owners[place];
      const isNew = owner?.startedAt !== undefined && !bases.has(owner);
      if (isNew) bases.set(owner, before);
      return ((owner && bases.get(owner)) ?? 0) + (this.#numbers[place] ?? 0);
    };
  }

  /** What may be told of a socket now; undefined where it is gone. */
  facts(place: number, id: number): SocketFacts | undefined {
    if (this.#ids[place] !== id) return undefined;
    return {
      state: STATES[this.#states[place] ?? CLOSED] ?? "closed",
      boundAt: numberOrUndefined(this.#boundAt[place]),
      closedAt: numberOrUndefined(this.#closedAt[place]),
      failure: this.#failures.get(place) ?? "",
      received: this.#received[place] ?? 0,
      sent: this.#sent[place] ?? 0,
      droppedByRules: this.#dropped.get(place) ?? 0,
      notRecorded: notRecorded(this.#missing.get(place) ?? NOTHING_MISSING),
    };
  }

  #add(owner: KnownOwner, number: number | undefined): number {
    const place = this.#free.pop() ?? this.#end++;
    if (place >= this.#ids.length) this.#grow(place * 2);
    owner.sockets++;
    if (number !== undefined) owner.places.set(number, place);
    this.#ids[place] = this.#added++;
    this.#owners[place] = owner;
    this.#names[place] = "";
    this.#numbers[place] = number ?? Number.NaN;
    this.#states[place] = STATES.indexOf("bound");
    this.#boundAt[place] = Number.NaN;
    this.#closedAt[place] = Number.NaN;
    this.#isBoundAtTold[place] = 0;
    this.#received[place] = 0;
    this.#sent[place] = 0;
    this.#mentions[place] = 0;
    this.#open.set(place, this.#newView(place));
    this.#touch();
    return place;
  }

  #view(place: number): SocketView {
    return this.#open.get(place) ?? this.#newView(place);
  }

  #newView(place: number): SocketView {
    const owner = this.#owners[place];
    if (!owner) throw new RangeError(`Cannot find socket ${place}`);
    const { program, thread, isForeign } = owner;
    const id = this.#ids[place] ?? NONE;
    const tapped =
      isForeign || thread === undefined ? undefined : { thread, socket: this.#numbers[place] ?? 0 };
    const socket = new SocketView(this, place, id, program, tapped);
    socket.setName(this.#names[place] ?? "", this.localEnd(place));
    return socket;
  }

  #finish(place: number, state: number): void {
    this.#states[place] = state;
    this.#open.delete(place);
    if (this.#isForgotten(place)) this.#remove(new Set([place]));
    this.#touch();
  }

  #changeBoundAt(place: number, time: number): void {
    const before = this.#boundAt[place] ?? Number.NaN;
    if (before === time) return;
    this.#boundAt[place] = time;
    if (this.#names[place] !== "") this.receivers.changed(Math.min(before, time));
  }

  #isForgotten(place: number): boolean {
    return this.#mentions[place] === 0 && this.#ids[place] !== NONE && !this.#open.has(place);
  }

  #remove(places: ReadonlySet<number>): void {
    if (places.size === 0) return;
    this.receivers.remove(places);
    for (const place of places) {
      const owner = this.#owners[place];
      owner?.places.delete(this.#numbers[place] ?? 0);
      if (owner && --owner.sockets === 0) this.#knownOwners.delete(owner.key);
      this.#ids[place] = NONE;
      this.#owners[place] = undefined;
      this.#names[place] = "";
      this.#missing.delete(place);
      this.#dropped.delete(place);
      this.#failures.delete(place);
      this.spans.forget(place);
      this.#free.push(place);
    }
    this.#touch();
  }

  #setMissing(place: number, missing: MissingRecords): void {
    this.#notRecorded += notRecorded(missing);
    this.#notRecorded -= notRecorded(this.#missing.get(place) ?? NOTHING_MISSING);
    this.#missing.set(place, missing);
    this.#touch();
  }

  #grow(room: number): void {
    this.#ids = resized(this.#ids, room);
    this.#numbers = resized(this.#numbers, room);
    this.#states = resized(this.#states, room);
    this.#boundAt = resized(this.#boundAt, room);
    this.#closedAt = resized(this.#closedAt, room);
    this.#isBoundAtTold = resized(this.#isBoundAtTold, room);
    this.#received = resized(this.#received, room);
    this.#sent = resized(this.#sent, room);
    this.#mentions = resized(this.#mentions, room);
  }
}

function numberOrUndefined(value = Number.NaN): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

import { type DatagramRecord, Direction } from "../files/capture_sink.ts";
import { resized, resizing } from "./columns.ts";
import { hashWords, wordAt } from "./hash.ts";
import { atOnce, type Steps } from "./steps.ts";

/** What all datagrams of one flow share: a socket, a direction and two ends. To be read at once, and not kept. */
export interface Flow {
  /** Its place in the {@link FlowTable}, which another flow may get when this one is gone. */
  readonly id: number;
  /** The {@link CapturedSocket.place} of the socket that recorded it. */
  readonly socket: number;
  readonly direction: Direction;
  /** 4 or 16 bytes. */
  readonly sourceAddress: Uint8Array;
  readonly sourcePort: number;
  readonly destinationAddress: Uint8Array;
  readonly destinationPort: number;
  /** The tunnels that its datagrams were in, as {@link DatagramRecord.tunnel} tells. */
  readonly tunnel: string;
}

/** What passed in a flow. */
export interface FlowCounts {
  /** Datagrams so far, also those whose files were given up. */
  readonly datagrams: number;
  /** Microseconds since 1970 of the earliest and the latest one; Infinity and -Infinity before the first. */
  readonly firstTime: number;
  readonly lastTime: number;
}

/** No flow. */
const NONE = -1;
/** Numbers for tunnels: as many as 16 bits hold. */
const MOST_TUNNELS = 0xffff;
/** What tells a flow: socket, direction with address length and tunnel, ports, and then both addresses word by word. */
const KEY_WORDS = 11;
const KIND_WORD = 1;
/** A port, and an address. */
const PEER_WORDS = 5;
const ADDRESS_WORD = 3;
const FIRST_ROOM = 32;
/** Flows whose slots are found at once: some milliseconds. */
const REHASHED = 1 << 14;
/** Flows that were asked for last, so that an object is not made for each row; a power of two. */
const RECENT = 4096;
/** As many flows as are found at once: a power of two. */
const GUESSES = 16384;
/** So far a word of 32 bits is shifted to count them. */
const GUESS_SHIFT = 18;

/**
 * Gives every combination of socket, direction, addresses and ports a number, so that a datagram needs one column
 * instead of six and a question about ports or peers is asked once a flow, not once a datagram.
 *
 * A hash table with open addressing over columns: some 90 bytes a flow. A guess is tried first. The hash has a
 * key, or somebody could send datagrams whose flows all fall into one slot.
 */
export class FlowTable {
  /** Flow + 1, or 0. */
  #slots = new Int32Array(FIRST_ROOM * 2);
  /** {@link KEY_WORDS} words a flow; the second one is 0 where no flow is. */
  #keys = new Int32Array(FIRST_ROOM * KEY_WORDS);
  #datagrams = new Float64Array(FIRST_ROOM);
  /** The earliest and the latest time of each flow. */
  #times = new Float64Array(FIRST_ROOM * 2);
  /** The flow of the same socket that came before it, or {@link NONE}; the next free place, where no flow is. */
  #next = new Int32Array(FIRST_ROOM);
  /** Socket → its newest flow + 1, or 0. */
  #newest = new Int32Array(FIRST_ROOM);
  #free = NONE;
  /** Places that are or were taken, and how many of them are. */
  #end = 0;
  #size = 0;
  /** How many have a direction. */
  #directed = 0;
  /** The key of the datagram at hand. */
  readonly #key = new Int32Array(KEY_WORDS);
  /** The ends that are compared. */
  readonly #peer = new Int32Array(PEER_WORDS);
  readonly #otherPeer = new Int32Array(PEER_WORDS);
  /** Where the key of a datagram falls by a quick sum → the flow + 1 that was found there last, or 0. */
  readonly #guesses = new Int32Array(GUESSES);
  readonly #recent: (FlowOfTable | undefined)[] = new Array(RECENT);
  /** What tunnels are called, by their numbers, and the numbers; no tunnel is 0. */
  readonly #tunnels: string[] = [""];
  readonly #tunnelNumbers = new Map<string, number>();

  /** How many flows there are. */
  get size(): number {
    return this.#size;
  }

  /** False where no flow tells whether it went in or out of where it was recorded. */
  get hasDirections(): boolean {
    return this.#directed > 0;
  }

  /** How many more flows there is room for. */
  get room(): number {
    return Math.min(this.#datagrams.length, this.#slots.length / 2) - this.#size;
  }

  /** Makes room for `flows` in all, in steps of some milliseconds; none may be added before the last one. */
  *growing(flows: number): Steps {
    if (flows > this.#datagrams.length) yield* this.#resizing(flows);
    const slots = slotsFor(flows);
    if (slots > this.#slots.length) yield* this.#rehashing(slots);
  }

  get(id: number): Flow {
    const recent = this.#recent[id & (RECENT - 1)];
    if (recent?.id === id) return recent;
    const kind = id < this.#end ? (this.#keys[id * KEY_WORDS + KIND_WORD] ?? 0) : 0;
    if (kind === 0) throw new RangeError(`Cannot read flow ${id}: it is not in the table`);
    const flow = new FlowOfTable(id, this.#keys, this.#tunnels[kind >>> 16] ?? "");
    this.#recent[id & (RECENT - 1)] = flow;
    return flow;
  }

  /** All flows; costs as much as there are. */
  *values(): IterableIterator<Flow> {
    for (let id = 0; id < this.#end; id++) {
      if (this.#keys[id * KEY_WORDS + KIND_WORD] !== 0) yield this.get(id);
    }
  }

  /** The flows of a socket, the newest first, up to but without the flow `known`. */
  *ofSocket(socket: number, known = NONE): IterableIterator<number> {
    let id = (this.#newest[socket] ?? 0) - 1;
    for (; id !== NONE && id !== known; id = this.#next[id] ?? NONE) yield id;
  }

  /** The flow between the same two ends the other way round, of the same socket; undefined where there is none. */
  opposite(id: number): Flow | undefined {
    const key = this.#key;
    const start = id * KEY_WORDS;
    const kind = this.#keys[start + KIND_WORD] ?? 0;
    const direction = kind & 0xff;
    const turned = direction === Direction.in ? Direction.out : Direction.in;
    const ports = this.#keys[start + 2] ?? 0;
    key[0] = this.#keys[start] ?? 0;
    key[KIND_WORD] = (kind & ~0xff) | (direction === Direction.unknown ? direction : turned);
    key[2] = (ports >>> 16) | (ports << 16);
    for (let word = ADDRESS_WORD; word < KEY_WORDS; word += 2) {
      key[word] = this.#keys[start + word + 1] ?? 0;
      key[word + 1] = this.#keys[start + word] ?? 0;
    }
    const found = (this.#slots[this.#slotOf()] ?? 0) - 1;
    return found === NONE ? undefined : this.get(found);
  }

  /** True where what it counts was received. Costs less than {@link get}, as does what follows. */
  isIn(id: number): boolean {
    return ((this.#keys[id * KEY_WORDS + KIND_WORD] ?? 0) & 0xff) === Direction.in;
  }

  /** The same number for flows with the same other end, and hardly ever for others: nobody outside can make them alike. */
  peerHash(id: number): number {
    const words = this.#readPeer(this.#peer, id);
    return hashWords(this.#peer, 0, words);
  }

  /** True where two flows have the same other end. */
  hasSamePeer(one: number, other: number): boolean {
    const words = this.#readPeer(this.#peer, one);
    if (words !== this.#readPeer(this.#otherPeer, other)) return false;
    for (let word = 0; word < words; word++) {
      if (this.#peer[word] !== this.#otherPeer[word]) return false;
    }
    return true;
  }

  /** Port and address of the other end; returns how many words these are. */
  #readPeer(into: Int32Array, id: number): number {
    const start = id * KEY_WORDS;
    const ports = this.#keys[start + 2] ?? 0;
    const isIn = this.isIn(id);
    into[0] = isIn ? ports & 0xffff : ports >>> 16;
    const first = start + ADDRESS_WORD + (isIn ? 0 : 1);
    const end = start + usedWords(this.#keys, start);
    let words = 1;
    for (let word = first; word < end; word += 2) into[words++] = this.#keys[word] ?? 0;
    return words;
  }

  counts(id: number): FlowCounts {
    return {
      datagrams: this.#datagrams[id] ?? 0,
      firstTime: this.#times[id * 2] ?? 0,
      lastTime: this.#times[id * 2 + 1] ?? 0,
    };
  }

  /** The id of the flow of a datagram that `socket` recorded; a new one when it is the first of its kind. */
  idOf(socket: number, datagram: DatagramRecord): number {
    this.#readKey(socket, datagram);
    const place = guessOf(this.#key);
    const guess = (this.#guesses[place] ?? 0) - 1;
    if (guess !== NONE && this.#isKeyOf(guess)) return guess;
    const slot = this.#slotOf();
    const known = this.#slots[slot] ?? 0;
    const id = known === 0 ? this.#add(slot) : known - 1;
    this.#guesses[place] = id + 1;
    return id;
  }

  /** One more datagram passed in a flow, at `time` in microseconds since 1970. */
  count(id: number, time: number): void {
    this.#datagrams[id] = (this.#datagrams[id] ?? 0) + 1;
    const at = id * 2;
    if (time < (this.#times[at] ?? 0)) this.#times[at] = time;
    if (time > (this.#times[at + 1] ?? 0)) this.#times[at + 1] = time;
  }

  /**
   * Takes all flows out but those that are `used`, by their ids. Costs as much as there are flows, in steps of some
   * milliseconds; none may be added before the last one.
   *
   * @returns those that are gone
   */
  *keeping(used: Uint8Array): Steps<number[]> {
    const gone: number[] = [];
    for (let id = 0; id < this.#end; id++) {
      if (id % REHASHED === REHASHED - 1) yield;
      if (used[id] !== 1 && this.#keys[id * KEY_WORDS + KIND_WORD] !== 0) gone.push(id);
    }
    if (gone.length === 0) return gone;
    // First of all nothing leads to them any more.
    yield* this.#linking(used);
    for (const [seen, id] of gone.entries()) {
      if (seen % REHASHED === REHASHED - 1) yield;
      const start = id * KEY_WORDS;
      if (hasDirection(this.#keys[start + KIND_WORD])) this.#directed--;
      this.#keys.fill(0, start, start + KEY_WORDS);
    }
    this.#guesses.fill(0);
    this.#recent.fill(undefined);
    this.#size -= gone.length;
    let room = this.#datagrams.length;
    while (room > FIRST_ROOM && room >= this.#end * 4) room /= 2;
    if (room < this.#datagrams.length) yield* this.#resizing(room);
    yield* this.#rehashing(slotsFor(this.#size));
    return gone;
  }

  /** The ids of all flows are below. */
  get end(): number {
    return this.#end;
  }

  #readKey(socket: number, d: DatagramRecord): void {
    const key = this.#key;
    key[0] = socket;
    const tunnel = d.tunnel === "" ? 0 : this.#tunnelNumber(d.tunnel);
    key[KIND_WORD] = d.direction | (d.addressLength << 8) | (tunnel << 16);
    key[2] = d.sourcePort | (d.destinationPort << 16);
    for (let at = 0, word = ADDRESS_WORD; at < d.addressLength; at += 4) {
      key[word++] = wordAt(d.bytes, d.sourceAddress + at);
      key[word++] = wordAt(d.bytes, d.destinationAddress + at);
    }
  }

  /** Counts from 1; all behind the first {@link MOST_TUNNELS} are one. */
  #tunnelNumber(tunnel: string): number {
    const known = this.#tunnelNumbers.get(tunnel);
    if (known !== undefined) return known;
    const number = Math.min(this.#tunnels.length, MOST_TUNNELS);
    if (number === MOST_TUNNELS) return number;
    this.#tunnels.push(tunnel);
    this.#tunnelNumbers.set(tunnel, number);
    return number;
  }

  #isKeyOf(id: number): boolean {
    const start = id * KEY_WORDS;
    const words = usedWords(this.#key, 0);
    for (let word = 0; word < words; word++) {
      if (this.#keys[start + word] !== this.#key[word]) return false;
    }
    return true;
  }

  /** Where the key's flow is, or where it would be. */
  #slotOf(): number {
    let slot = this.#hash(this.#key, 0) & (this.#slots.length - 1);
    for (;;) {
      const id = (this.#slots[slot] ?? 0) - 1;
      if (id === NONE || this.#isKeyOf(id)) return slot;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
  }

  #add(slot: number): number {
    const id = this.#free === NONE ? this.#end++ : this.#free;
    if (id === this.#free) this.#free = this.#next[id] ?? NONE;
    if (id >= this.#datagrams.length) this.#grow(id * 2);
    this.#keys.set(this.#key, id * KEY_WORDS);
    this.#datagrams[id] = 0;
    this.#times[id * 2] = Number.POSITIVE_INFINITY;
    this.#times[id * 2 + 1] = Number.NEGATIVE_INFINITY;
    this.#slots[slot] = id + 1;
    this.#size++;
    if (hasDirection(this.#key[KIND_WORD])) this.#directed++;
    this.#chain(id);
    if (this.#size * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    return id;
  }

  /** Makes a flow the newest one of its socket. */
  #chain(id: number): void {
    const socket = this.#keys[id * KEY_WORDS] ?? 0;
    if (socket >= this.#newest.length) this.#newest = resized(this.#newest, socket * 2);
    this.#next[id] = (this.#newest[socket] ?? 0) - 1;
    this.#newest[socket] = id + 1;
  }

  /** Finds anew what leads from one flow to another of those that are left, and where there is room. */
  *#linking(used: Uint8Array): Steps {
    const isLeft = (id: number) => used[id] === 1 && this.#keys[id * KEY_WORDS + KIND_WORD] !== 0;
    let end = this.#end;
    while (end > 0 && !isLeft(end - 1)) end--;
    const next = new Int32Array(this.#next.length);
    const newest = new Int32Array(this.#newest.length);
    let free = NONE;
    for (let id = end - 1; id >= 0; id--) {
      if (id % REHASHED === REHASHED - 1) yield;
      if (isLeft(id)) {
        const socket = this.#keys[id * KEY_WORDS] ?? 0;
        next[id] = (newest[socket] ?? 0) - 1;
        newest[socket] = id + 1;
      } else {
        next[id] = free;
        free = id;
      }
    }
    this.#next = next;
    this.#newest = newest;
    this.#free = free;
    this.#end = end;
  }

  #rehash(length: number): void {
    atOnce(this.#rehashing(length));
  }

  *#rehashing(length: number): Steps {
    const slots = new Int32Array(length);
    for (let id = 0; id < this.#end; id++) {
      if (id % REHASHED === REHASHED - 1) yield;
      const start = id * KEY_WORDS;
      if (this.#keys[start + KIND_WORD] === 0) continue;
      let slot = this.#hash(this.#keys, start) & (length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (length - 1);
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }

  #grow(room: number): void {
    atOnce(this.#resizing(room));
  }

  *#resizing(room: number): Steps {
    const end = this.#end;
    this.#keys = yield* resizing(this.#keys, room * KEY_WORDS, end * KEY_WORDS);
    // They hold on to the keys as they were.
    this.#recent.fill(undefined);
    this.#times = yield* resizing(this.#times, room * 2, end * 2);
    this.#next = yield* resizing(this.#next, room, end);
    // The last one, as it says how much room there is.
    this.#datagrams = yield* resizing(this.#datagrams, room, end);
  }

  #hash(keys: Int32Array, start: number): number {
    return hashWords(keys, start, start + usedWords(keys, start));
  }
}

/**
 * A sum that tells most flows of a capture apart, and costs a fraction of a hash that nobody can foresee. Whoever makes
 * keys of the same sum has every datagram looked for by that hash, as if there were no guess.
 */
function guessOf(key: Int32Array): number {
  const ports = key[2] ?? 0;
  const kind = (key[0] ?? 0) ^ ((key[KIND_WORD] ?? 0) << 8);
  const ends = ((key[ADDRESS_WORD] ?? 0) >>> 3) ^ (key[ADDRESS_WORD + 1] ?? 0);
  return Math.imul(ports ^ Math.imul(kind ^ ends, 0x9e3779b1), 0x85ebca6b) >>> GUESS_SHIFT;
}

/** A power of two: never more than half of them are taken, or a search would take long. */
function slotsFor(flows: number): number {
  let slots = FIRST_ROOM * 2;
  while (slots < flows * 2) slots *= 2;
  return slots;
}

function hasDirection(kind = 0): boolean {
  return (kind & 0xff) !== Direction.unknown;
}

/** An address of IPv4 is one word, one of IPv6 is four. */
function usedWords(keys: Int32Array, start: number): number {
  return ADDRESS_WORD + (((keys[start + KIND_WORD] ?? 0) >> 8) & 0xff) / 2;
}

/** A flow as others see it. The addresses, which are seldom asked for, are read only then. */
class FlowOfTable implements Flow {
  readonly id: number;
  readonly socket: number;
  readonly direction: Direction;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly tunnel: string;
  readonly #keys: Int32Array;
  #sourceAddress: Uint8Array | undefined;
  #destinationAddress: Uint8Array | undefined;

  constructor(id: number, keys: Int32Array, tunnel: string) {
    const start = id * KEY_WORDS;
    const ports = keys[start + 2] ?? 0;
    this.id = id;
    this.socket = keys[start] ?? 0;
    this.direction = ((keys[start + KIND_WORD] ?? 0) & 0xff) as Direction;
    this.sourcePort = ports & 0xffff;
    this.destinationPort = ports >>> 16;
    this.tunnel = tunnel;
    this.#keys = keys;
  }

  get sourceAddress(): Uint8Array {
    this.#sourceAddress ??= this.#address(ADDRESS_WORD);
    return this.#sourceAddress;
  }

  get destinationAddress(): Uint8Array {
    this.#destinationAddress ??= this.#address(ADDRESS_WORD + 1);
    return this.#destinationAddress;
  }

  /** The address whose words are every second one from `first` on. */
  #address(first: number): Uint8Array {
    const keys = this.#keys;
    const start = this.id * KEY_WORDS;
    const bytes = new Uint8Array(((keys[start + KIND_WORD] ?? 0) >> 8) & 0xff);
    for (let at = 0, word = start + first; at < bytes.length; at += 4, word += 2) {
      const value = keys[word] ?? 0;
      bytes[at] = value;
      bytes[at + 1] = value >> 8;
      bytes[at + 2] = value >> 16;
      bytes[at + 3] = value >> 24;
    }
    return bytes;
  }
}

import type { DatagramRecord, Direction } from "../files/capture_sink.ts";
import { finish, mix, wordAt } from "./hash.ts";

/** What all datagrams of one flow share: a socket, a direction and two ends. */
export interface Flow {
  /** Counts from 0 in the order of appearance. */
  readonly id: number;
  /** The {@link CapturedSocket.place} of the socket that recorded it. */
  readonly socket: number;
  readonly direction: Direction;
  /** 4 or 16 bytes. */
  readonly sourceAddress: Uint8Array;
  readonly sourcePort: number;
  readonly destinationAddress: Uint8Array;
  readonly destinationPort: number;
}

/** What passed in a flow. */
export interface FlowCounts {
  /** Datagrams so far, also those that were cleared from the table. */
  readonly datagrams: number;
  /** Microseconds since 1970 of the latest one; 0 before the first. */
  readonly lastTime: number;
}

const EMPTY = -1;
/** What tells a flow: socket, direction and address length, ports, and then both addresses word by word. */
const KEY_WORDS = 11;
const FIRST_SLOTS = 64;

/**
 * Gives every combination of socket, direction, addresses and ports a number, so that a datagram needs one column
 * instead of six and a question about ports or peers is asked once a flow, not once a datagram.
 * A hash table with open addressing, and the last flow is tried first. What is needed for every datagram lies in
 * typed arrays: with thousands of flows, objects would be fetched from slow memory each time.
 */
export class FlowTable {
  readonly #flows: Flow[] = [];
  #slots = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  /** {@link KEY_WORDS} words a flow; there is room for as many flows as half of the slots. */
  #keys = new Int32Array((FIRST_SLOTS / 2) * KEY_WORDS);
  #datagrams = new Uint32Array(FIRST_SLOTS / 2);
  #lastTimes = new Float64Array(FIRST_SLOTS / 2);
  /** The key of the datagram at hand. */
  readonly #key = new Int32Array(KEY_WORDS);
  #latest = EMPTY;

  get size(): number {
    return this.#flows.length;
  }

  get(id: number): Flow {
    const flow = this.#flows[id];
    if (!flow) throw new RangeError(`Cannot read flow ${id}: there are ${this.#flows.length}`);
    return flow;
  }

  values(): IterableIterator<Flow> {
    return this.#flows.values();
  }

  counts(id: number): FlowCounts {
    return { datagrams: this.#datagrams[id] ?? 0, lastTime: this.#lastTimes[id] ?? 0 };
  }

  /** The id of the flow of a datagram that `socket` recorded; a new one when it is the first of its kind. */
  idOf(socket: number, datagram: DatagramRecord): number {
    this.#readKey(socket, datagram);
    if (this.#latest !== EMPTY && this.#isKeyOf(this.#latest)) return this.#latest;
    const slot = this.#slotOf();
    const known = this.#slots[slot] ?? EMPTY;
    this.#latest = known === EMPTY ? this.#add(slot, socket, datagram) : known;
    return this.#latest;
  }

  /** One more datagram passed in a flow, at `time` in microseconds since 1970. */
  count(id: number, time: number): void {
    this.#datagrams[id] = (this.#datagrams[id] ?? 0) + 1;
    if (time > (this.#lastTimes[id] ?? 0)) this.#lastTimes[id] = time;
  }

  /** Counts all from 0 again. */
  clearCounts(): void {
    this.#datagrams.fill(0);
    this.#lastTimes.fill(0);
  }

  #readKey(socket: number, d: DatagramRecord): void {
    const key = this.#key;
    key[0] = socket;
    key[1] = d.direction | (d.addressLength << 8);
    key[2] = d.sourcePort | (d.destinationPort << 16);
    for (let at = 0, word = 3; at < d.addressLength; at += 4) {
      key[word++] = wordAt(d.bytes, d.sourceAddress + at);
      key[word++] = wordAt(d.bytes, d.destinationAddress + at);
    }
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
    let slot = hash(this.#key, 0) & (this.#slots.length - 1);
    for (;;) {
      const id = this.#slots[slot] ?? EMPTY;
      if (id === EMPTY || this.#isKeyOf(id)) return slot;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
  }

  #add(slot: number, socket: number, datagram: DatagramRecord): number {
    const id = this.#flows.length;
    this.#flows.push(newFlow(id, socket, datagram));
    this.#slots[slot] = id;
    this.#keys.set(this.#key, id * KEY_WORDS);
    if (this.#flows.length * 2 === this.#slots.length) this.#grow();
    return id;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(EMPTY);
    const room = slots.length / 2;
    const keys = new Int32Array(room * KEY_WORDS);
    keys.set(this.#keys);
    for (let id = 0; id < this.#flows.length; id++) {
      let slot = hash(keys, id * KEY_WORDS) & (slots.length - 1);
      while (slots[slot] !== EMPTY) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = id;
    }
    const datagrams = new Uint32Array(room);
    datagrams.set(this.#datagrams);
    const lastTimes = new Float64Array(room);
    lastTimes.set(this.#lastTimes);
    this.#slots = slots;
    this.#keys = keys;
    this.#datagrams = datagrams;
    this.#lastTimes = lastTimes;
  }
}

function newFlow(id: number, socket: number, d: DatagramRecord): Flow {
  return {
    id,
    socket,
    direction: d.direction,
    sourceAddress: d.bytes.slice(d.sourceAddress, d.sourceAddress + d.addressLength),
    sourcePort: d.sourcePort,
    destinationAddress: d.bytes.slice(d.destinationAddress, d.destinationAddress + d.addressLength),
    destinationPort: d.destinationPort,
  };
}

function hash(keys: Int32Array, start: number): number {
  let value = 0;
  const end = start + usedWords(keys, start);
  for (let word = start; word < end; word++) value = mix(value, keys[word] ?? 0);
  return finish(value);
}

/** An address of IPv4 is one word, one of IPv6 is four. */
function usedWords(keys: Int32Array, start: number): number {
  return 3 + ((keys[start + 1] ?? 0) >> 8) / 2;
}

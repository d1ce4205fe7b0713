import { Direction } from "../files/capture_sink.ts";
import { isLoopbackAddress } from "../wire/address.ts";
import { resized, resizing } from "./columns.ts";
import type { Flow } from "./flow_table.ts";
import { ANY, type Ends } from "./pairing.ts";
import type { Steps } from "./steps.ts";

/** In place of a channel's number: nothing of this flow can have another end. */
export const NO_CHANNEL = -1;

/**
 * Channels that are told apart: more than the ports of a program, and than a window shows flows of. Of what is in more,
 * nobody says what became of it.
 */
const MOST_CHANNELS = 2 ** 20;

/** All flows by which the same datagrams can pass, whoever recorded them. */
export interface Channel {
  readonly key: number | string;
  /** How many there are. */
  flows: number;
  /** Id of its first record. */
  first: number;
  sends: boolean;
  receives: boolean;
  /** Both ends have been seen: its records are paired. */
  isConnected: boolean;
}

/**
 * The numbers of 0.0.0.0 as a source; those of `::` are behind. The system chooses a loopback address for what goes to
 * one, and for nothing else that goes to one only.
 */
const FROM_ANY_TO = { loopback: 1, elsewhere: 2, many: 3 };
const FROM_ANY_IPV6 = 3;
const FIRST_ADDRESS = 7;

/**
 * Which flows can be two ends of the same. A socket that is bound to a wildcard does not tell its real local address, so
 * a wildcard fits every address, with one exception: where both ends have the same port, as in mDNS, NTP and SIP, an
 * equal datagram that came in from another machine would be taken for what a wildcard has sent. There a wildcard fits
 * the loopback address only.
 */
export class Channels {
  readonly #most: number;
  /** Number, which is never given twice → channel. */
  readonly #channels = new Map<number, Channel>();
  /** {@link channelKey} → number. */
  readonly #numbers = new Map<number | string, number>();
  #added = 0;
  /** Channels whose both ends are there. */
  #complete = 0;
  /** Flow → its channel's number + 2, twice, and 1 more where it sends; 0 where it was not added. */
  #codes = new Int32Array(64);
  /** Flow → its ends, as far as they were asked for. */
  readonly #ends = new Map<number, Ends>();
  /** Address → its number in {@link #ends}. */
  readonly #addresses = new Map<string, number>();

  constructor(most = MOST_CHANNELS) {
    this.#most = most;
  }

  /** Makes room for `flows` in all, in steps of some milliseconds; none may be added before the last one. */
  *growing(flows: number): Steps {
    if (flows > this.#codes.length) this.#codes = yield* resizing(this.#codes, flows);
  }

  /** The channel of a flow, {@link NO_CHANNEL}, or undefined where it was not added. */
  numberOf(flow: number): number | undefined {
    const code = this.#codes[flow];
    return code ? (code >> 1) - 2 : undefined;
  }

  /** True for a flow that was added and sends. */
  isSending(flow: number): boolean {
    return ((this.#codes[flow] ?? 0) & 1) === 1;
  }

  /** True where both ends of some channel are there. */
  get hasComplete(): boolean {
    return this.#complete > 0;
  }

  get(channel: number): Channel | undefined {
    return this.#channels.get(channel);
  }

  /** Takes in a flow that a tap recorded, whose first record is `id`; returns the number of its channel, or {@link NO_CHANNEL}. */
  add(flow: Flow, id: number): number {
    const key = channelKey(flow);
    if (this.#channels.size >= this.#most && !this.#numbers.has(key)) {
      this.addAlone(flow);
      return NO_CHANNEL;
    }
    const number = this.#numbers.get(key) ?? this.#added++;
    const known = this.#channels.get(number);
    const channel = known ?? {
      key,
      flows: 0,
      first: id,
      sends: false,
      receives: false,
      isConnected: false,
    };
    if (!known) {
      this.#numbers.set(key, number);
      this.#channels.set(number, channel);
    }
    channel.flows++;
    const wasComplete = isComplete(channel);
    if (flow.direction === Direction.out) channel.sends = true;
    else channel.receives = true;
    if (!wasComplete && isComplete(channel)) this.#complete++;
    this.#set(flow, number);
    return number;
  }

  /** Takes in a flow that has no other end. */
  addAlone(flow: Flow): void {
    this.#set(flow, NO_CHANNEL);
  }

  /** Between which ends what a flow has passed; flows of one channel can be compared. */
  endsOf(flow: Flow): Ends {
    let ends = this.#ends.get(flow.id);
    if (!ends) {
      const { sourceAddress, destinationAddress } = flow;
      const family = sourceAddress.length === 4 ? 0 : FROM_ANY_IPV6;
      const toOne = (address: Uint8Array) =>
        family + (isLoopbackAddress(address) ? FROM_ANY_TO.loopback : FROM_ANY_TO.elsewhere);
      const toMany = family + FROM_ANY_TO.many;
      const forMany = isForMany(destinationAddress);
      const fromAny = forMany ? toMany : toOne(destinationAddress);
      const source = isAny(sourceAddress) ? fromAny : this.#number(sourceAddress);
      ends = {
        source,
        destination: isAny(destinationAddress) ? ANY : this.#number(destinationAddress),
        senders: [source, toOne(sourceAddress), toMany],
        isForMany: forMany,
      };
      this.#ends.set(flow.id, ends);
    }
    return ends;
  }

  /**
   * True for a sending flow whose receipts would be known as such: not where it goes to many, of whom nobody knows who
   * they are, nor from a wildcard to the same port of another address than the loopback.
   */
  isLossKnown(flow: Flow): boolean {
    if (isForMany(flow.destinationAddress)) return false;
    const isAmbiguous = flow.sourcePort === flow.destinationPort && isAny(flow.sourceAddress);
    return !isAmbiguous || isLoopbackAddress(flow.destinationAddress);
  }

  /** Forgets flows that are gone; others may get their ids. */
  forget(flows: readonly number[]): void {
    for (const flow of flows) {
      const number = this.numberOf(flow) ?? NO_CHANNEL;
      const channel = this.#channels.get(number);
      this.#codes[flow] = 0;
      if (!channel || --channel.flows > 0) continue;
      if (isComplete(channel)) this.#complete--;
      this.#channels.delete(number);
      this.#numbers.delete(channel.key);
    }
    this.#ends.clear();
    this.#addresses.clear();
  }

  #set({ id, direction }: Flow, channel: number): void {
    if (id >= this.#codes.length) this.#codes = resized(this.#codes, id * 2);
    this.#codes[id] = ((channel + 2) << 1) | (direction === Direction.out ? 1 : 0);
  }

  #number(address: Uint8Array): number {
    const key = addressKey(address);
    let number = this.#addresses.get(key);
    if (number === undefined) {
      number = FIRST_ADDRESS + this.#addresses.size;
      this.#addresses.set(key, number);
    }
    return number;
  }
}

/** True where something was sent by it, and something received. */
export function isComplete({ sends, receives }: Channel): boolean {
  return sends && receives;
}

function isAny(address: Uint8Array): boolean {
  return address.every((byte) => byte === 0);
}

function addressKey(address: Uint8Array): string {
  return String.fromCharCode(...address);
}

/** The same for all flows that can fit each other, and as few others as can be. */
function channelKey({ sourcePort, destinationPort, sourceAddress }: Flow): number | string {
  if (sourcePort !== destinationPort) return sourcePort * 0x10000 + destinationPort;
  // Without the address, what goes to and fro between two such ends would be in one channel.
  const sender = isAny(sourceAddress) ? loopback(sourceAddress.length) : sourceAddress;
  return `${sourcePort} ${addressKey(sender)}`;
}

function loopback(length: number): Uint8Array {
  return length === 4 ? Uint8Array.of(127, 0, 0, 1) : new Uint8Array(16).with(15, 1);
}

/**
 * True for groups (RFC 5771, RFC 4291 section 2.7) and for broadcasts: 255.255.255.255, and what ends with 255, which is
 * that of most networks.
 */
function isForMany(address: Uint8Array): boolean {
  const [first = 0] = address;
  if (address.length === 16) return first === 0xff;
  return (first >= 224 && first < 240) || address[3] === 0xff;
}

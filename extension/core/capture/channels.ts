import { Direction } from "../files/capture_sink.ts";
import { isLoopbackAddress } from "../wire/address.ts";
import { resized } from "./columns.ts";
import type { Flow } from "./flow_table.ts";

/** In place of a channel's number: nothing of this flow can have another end. */
export const NO_CHANNEL = -1;

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

/** The ends of a flow; asked for pairs of records, so as numbers. */
interface Ends {
  readonly source: number;
  readonly destination: number;
  /** Several sockets can receive it. */
  readonly isForMany: boolean;
}

/** The numbers of 0.0.0.0 and `::`. Those of IPv4 are even, those of IPv6 odd. */
const ANY_IPV4 = 0;
const ANY_IPV6 = 1;

/**
 * Which flows can be two ends of the same. A socket that is bound to a wildcard does not tell its real local address, so
 * a wildcard fits every address, with one exception: where both ends have the same port, as in mDNS, NTP and SIP, an
 * equal datagram that came in from another machine would be taken for what a wildcard has sent. There a wildcard fits
 * the loopback address only.
 */
export class Channels {
  /** Number, which is never given twice → channel. */
  readonly #channels = new Map<number, Channel>();
  /** {@link channelKey} → number. */
  readonly #numbers = new Map<number | string, number>();
  #added = 0;
  /** Flow → its channel's number + 2, twice, and 1 more where it sends; 0 where it was not added. */
  #codes = new Int32Array(64);
  /** Flow → its ends, as far as they were asked for. */
  readonly #ends = new Map<number, Ends>();
  /** Address → its number in {@link #ends}. */
  readonly #addresses = new Map<string, number>();

  /** The channel of a flow, {@link NO_CHANNEL}, or undefined where it was not added. */
  numberOf(flow: number): number | undefined {
    const code = this.#codes[flow];
    return code ? (code >> 1) - 2 : undefined;
  }

  /** True for a flow that was added and sends. */
  isSending(flow: number): boolean {
    return ((this.#codes[flow] ?? 0) & 1) === 1;
  }

  get(channel: number): Channel | undefined {
    return this.#channels.get(channel);
  }

  /** Takes in a flow that a tap recorded, whose first record is `id`; returns the number of its channel. */
  add(flow: Flow, id: number): number {
    const key = channelKey(flow);
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
    if (flow.direction === Direction.out) channel.sends = true;
    else channel.receives = true;
    this.#set(flow, number);
    return number;
  }

  /** Takes in a flow that has no other end. */
  addAlone(flow: Flow): void {
    this.#set(flow, NO_CHANNEL);
  }

  /** True when what leaves by the flow `sent` can arrive by `received`, of the same channel. */
  fits(sent: Flow, received: Flow): boolean {
    const from = this.#endsOf(sent);
    const to = this.#endsOf(received);
    return isSameOrAny(from.source, to.source) && isSameOrAny(to.destination, from.destination);
  }

  isForMany(flow: Flow): boolean {
    return this.#endsOf(flow).isForMany;
  }

  /**
   * True for a sending flow whose receipts would be known as such: not where it goes to many, of whom nobody knows who
   * they are, nor from a wildcard to the same port of another address than the loopback.
   */
  isLossKnown(flow: Flow): boolean {
    const { source, isForMany } = this.#endsOf(flow);
    const isAny = source === ANY_IPV4 || source === ANY_IPV6;
    if (isForMany) return false;
    const isAmbiguous = isAny && flow.sourcePort === flow.destinationPort;
    return !isAmbiguous || isLoopbackAddress(flow.destinationAddress);
  }

  /** Forgets flows that are gone; others may get their ids. */
  forget(flows: readonly number[]): void {
    for (const flow of flows) {
      const number = this.numberOf(flow) ?? NO_CHANNEL;
      const channel = this.#channels.get(number);
      this.#codes[flow] = 0;
      if (!channel || --channel.flows > 0) continue;
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

  #endsOf(flow: Flow): Ends {
    let ends = this.#ends.get(flow.id);
    if (!ends) {
      ends = {
        source: this.#number(flow.sourceAddress),
        destination: this.#number(flow.destinationAddress),
        isForMany: isForMany(flow.destinationAddress),
      };
      this.#ends.set(flow.id, ends);
    }
    return ends;
  }

  #number(address: Uint8Array): number {
    const isIpv6 = address.length === 16;
    if (address.every((byte) => byte === 0)) return isIpv6 ? ANY_IPV6 : ANY_IPV4;
    const key = addressKey(address);
    let number = this.#addresses.get(key);
    if (number === undefined) {
      number = (this.#addresses.size + 1) * 2 + (isIpv6 ? 1 : 0);
      this.#addresses.set(key, number);
    }
    return number;
  }
}

/** `::` takes IPv4 as well (RFC 3493 section 5.3); `0.0.0.0` takes IPv4 only. */
function isSameOrAny(own: number, other: number): boolean {
  return own === other || own === ANY_IPV6 || (own === ANY_IPV4 && other % 2 === 0);
}

function addressKey(address: Uint8Array): string {
  return String.fromCharCode(...address);
}

/** The same for all flows that can fit each other, and as few others as can be. */
function channelKey({ sourcePort, destinationPort, sourceAddress }: Flow): number | string {
  if (sourcePort !== destinationPort) return sourcePort * 0x10000 + destinationPort;
  // Without the address, what goes to and fro between two such ends would be in one channel.
  const isAny = sourceAddress.every((byte) => byte === 0);
  const sender = isAny ? loopback(sourceAddress.length) : sourceAddress;
  return `${sourcePort} ${addressKey(sender)}`;
}

function loopback(length: number): Uint8Array {
  return length === 4 ? Uint8Array.of(127, 0, 0, 1) : new Uint8Array(16).with(15, 1);
}

/**
 * True for groups (RFC 5771, RFC 4291 section 2.7) and for broadcasts: 255.255.255.255, and what ends with 255, which is
 * that of most networks.
 */
export function isForMany(address: Uint8Array): boolean {
  const [first = 0] = address;
  if (address.length === 16) return first === 0xff;
  return (first >= 224 && first < 240) || address[3] === 0xff;
}

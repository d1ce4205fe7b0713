import { isLoopbackAddress, parseAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { LOST_AFTER_US } from "./delivery.ts";
import type { Flow } from "./flow_table.ts";
import { SKEW_US } from "./pairing.ts";

/** From when to when something was sent to a socket, both included, microseconds since 1970; never where `to` is before `from`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** True where what was received would have a record, false where that may be missing. */
  readonly isKnown: boolean;
  /** It begins when the socket was bound: before that nothing passed. */
  readonly isSinceBound: boolean;
}

/** The stretches of a socket in their order; the last one is not known where nobody knows what passed in the end, and until when. */
type WhenWatched = (socket: number) => readonly Stretch[];

/** Stretches of time in their order, apart from each other, microseconds since 1970. */
class Times {
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  constructor(stretches: readonly Pick<Stretch, "from" | "to">[]) {
    for (const { from, to } of [...stretches].sort((a, b) => a.from - b.from)) {
      const last = this.#to.length - 1;
      if (last >= 0 && from <= (this.#to[last] ?? 0)) {
        this.#to[last] = Math.max(this.#to[last] ?? 0, to);
      } else if (from <= to) {
        this.#from.push(from);
        this.#to.push(to);
      }
    }
  }

  /** True where one of them has a moment from `time` to `end`, both included. */
  has(time: number, end = time): boolean {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#from[middle] ?? 0) <= end) low = middle + 1;
      else high = middle;
    }
    return low > 0 && time <= (this.#to[low - 1] ?? 0);
  }
}

const NEVER = new Times([]);

/** All sockets of one local end. */
class LocalEnd {
  readonly sockets = new Set<number>();
  #revision = -1;
  #watched = NEVER;
  #unknown = NEVER;
  #allSent = NEVER;
  #allSentSinceBound = NEVER;
  #isEndKnown = true;

  /** True when one of them was there at `time`; `revision`: another number whenever a socket may have changed. */
  isWatched(time: number, revision: number, whenWatched: WhenWatched): boolean {
    this.#read(revision, whenWatched);
    return this.#watched.has(time);
  }

  /** True when one of them was there from `since` to `time`, be it for a moment, and its record may be missing. */
  isUnknown(since: number, time: number, revision: number, whenWatched: WhenWatched): boolean {
    this.#read(revision, whenWatched);
    return this.#unknown.has(since, time);
  }

  /**
   * True when all is known that was sent from here in the {@link LOST_AFTER_US} from `time` on; where `isSinceBound`, also
   * when the socket was bound in that time.
   */
  hasAllSent(
    time: number,
    isSinceBound: boolean,
    revision: number,
    whenWatched: WhenWatched,
  ): boolean {
    this.#read(revision, whenWatched);
    return (isSinceBound ? this.#allSentSinceBound : this.#allSent).has(time);
  }

  /** True when something may be missing of what was sent from here in the {@link LOST_AFTER_US} from `time` on. */
  mayMiss(time: number, revision: number, whenWatched: WhenWatched): boolean {
    this.#read(revision, whenWatched);
    return !this.#isEndKnown || this.#unknown.has(time, time + LOST_AFTER_US);
  }

  #read(revision: number, whenWatched: WhenWatched): void {
    if (this.#revision === revision) return;
    this.#revision = revision;
    const bySocket = Array.from(this.sockets, whenWatched);
    const all = bySocket.flat();
    const stretches = all.filter(({ isKnown }) => isKnown);
    this.#watched = new Times(stretches);
    // One of whom nobody knows when it ended may have been there until another one was bound, by either clock.
    const unended = bySocket
      .filter((own) => own.at(-1)?.isKnown === false)
      .sort(([one], [other]) => (one?.from ?? 0) - (other?.from ?? 0));
    const takeovers = bySocket.flatMap((own) => {
      const [before] = unended[0] === own ? (unended[1] ?? []) : (unended[0] ?? []);
      return own.filter(
        ({ isSinceBound, from }) => isSinceBound && before && from + 2 * SKEW_US >= before.from,
      );
    });
    this.#unknown = new Times([
      ...all.filter(({ isKnown }) => !isKnown),
      ...takeovers.map(({ from }) => ({ from, to: from + 2 * SKEW_US })),
    ]);
    this.#isEndKnown = unended.length === 0;
    this.#allSent = new Times(stretches);
    this.#allSentSinceBound = new Times(
      stretches.map(({ from, to, isSinceBound }) => ({
        from: isSinceBound ? from - LOST_AFTER_US : from,
        to,
      })),
    );
  }
}

/** What of all local ends a flow can go to. */
interface Destination {
  readonly exact: LocalEnd | undefined;
  readonly wildcards: readonly LocalEnd[];
  /** The address is known to be one of this machine. */
  readonly isOurs: boolean;
}

/** Where no socket was ever bound: whose address it is does not matter. */
const NOBODY: Destination = { exact: undefined, wildcards: [], isOurs: false };

/** Flows whose destinations are remembered at most. */
const MOST_REMEMBERED = 4096;

/** The watched sockets by where they are bound, to tell whether a datagram went to one of them. */
export class Receivers {
  readonly #whenWatched: WhenWatched;
  readonly #ends = new Map<string, LocalEnd>();
  /** Addresses of this machine → how many of {@link #ends} are there. */
  readonly #addresses = new Map<string, number>();
  /** Port → how many of {@link #ends} have it. */
  readonly #ports = new Map<number, number>();
  /** Flow → its destination; all is forgotten when a local end is new or gone, as are flows. */
  readonly #destinations = new Map<number, Destination>();
  #revision = 0;
  #changedFrom = Number.POSITIVE_INFINITY;

  /** @param whenWatched what is known of a socket now; {@link changed} has to be called when it is another */
  constructor(whenWatched: WhenWatched) {
    this.#whenWatched = whenWatched;
  }

  /** Takes in where a socket is bound; a program can connect it, and it is bound somewhere else, too. */
  add(socket: number, { address: text, port }: Endpoint): void {
    const address = parseAddress(text);
    if (!address) return;
    const key = endKey(address, port);
    let end = this.#ends.get(key);
    if (!end) {
      end = new LocalEnd();
      this.#ends.set(key, end);
      this.#destinations.clear();
      count(this.#addresses, String(address), 1);
      count(this.#ports, port, 1);
    }
    if (end.sockets.has(socket)) return;
    end.sockets.add(socket);
    this.changed(this.#whenWatched(socket)[0]?.from);
  }

  /** Forgets sockets that are no more. */
  remove(sockets: ReadonlySet<number>): void {
    for (const [key, end] of this.#ends) {
      for (const socket of end.sockets) if (sockets.has(socket)) end.sockets.delete(socket);
      if (end.sockets.size > 0) continue;
      this.#ends.delete(key);
      const [address = "", port] = key.split(" ");
      count(this.#addresses, address, -1);
      count(this.#ports, Number(port), -1);
    }
    this.#destinations.clear();
    this.changed();
  }

  /** Forgets flows that are gone; others may get their ids. */
  forgetFlows(): void {
    this.#destinations.clear();
  }

  /** When a socket was bound or closed is told otherwise now, for what was sent from `time` on. */
  changed(time = Number.NaN): void {
    this.#revision++;
    const from = Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
    this.#changedFrom = Math.min(this.#changedFrom, from);
  }

  /** From when on {@link isWatched} may tell otherwise than before the last call; Infinity where it does not. */
  takeChangedFrom(): number {
    const time = this.#changedFrom;
    this.#changedFrom = Number.POSITIVE_INFINITY;
    return time;
  }

  /**
   * True when a socket was bound where this flow goes to, at that time in microseconds since 1970. A socket on a
   * wildcard has all addresses of its machine, and no others: what goes to another machine goes past it. `isOurs`: the
   * destination is known to be this machine. `since`: nothing may be missing, either, of what has got there since then.
   */
  isWatched(flow: Flow, time: number, isOurs: boolean, since = time): boolean {
    const { exact, wildcards, isOurs: isKnown } = this.#destinationOf(flow);
    // As with nearly all that goes to where nobody is watched, of which each row asks.
    if (!exact && wildcards.length === 0) return false;
    const isWatched = (end: LocalEnd) => end.isWatched(time, this.#revision, this.#whenWatched);
    const isUnknown = (end: LocalEnd) =>
      end.isUnknown(since, time, this.#revision, this.#whenWatched);
    // It may have got there, be it behind another one that was closed.
    if ((exact && isUnknown(exact)) || wildcards.some(isUnknown)) return false;
    if (exact && isWatched(exact)) return true;
    return (isOurs || isKnown) && wildcards.some(isWatched);
  }

  /**
   * True when all is known of what was sent from where a flow comes from, in the time in which that can have arrived at
   * `time`: the last {@link LOST_AFTER_US}, or since a socket was bound there.
   */
  isSenderKnown({ sourceAddress, sourcePort }: Flow, time: number): boolean {
    const addresses = [sourceAddress, ...wildcardsFor(sourceAddress)];
    const ends = addresses.flatMap((address) => this.#ends.get(endKey(address, sourcePort)) ?? []);
    const from = time - LOST_AFTER_US;
    const hasAll = (isSinceBound: boolean) =>
      ends.some((end) => end.hasAllSent(from, isSinceBound, this.#revision, this.#whenWatched));
    // Another one may have had the port before.
    const mayMiss = () => ends.some((end) => end.mayMiss(from, this.#revision, this.#whenWatched));
    return hasAll(false) || (hasAll(true) && !mayMiss());
  }

  /** True when a socket is or was bound where this flow may go to, whenever that was. */
  hasReceiver(flow: Flow): boolean {
    const { exact, wildcards } = this.#destinationOf(flow);
    return exact !== undefined || wildcards.length > 0;
  }

  #destinationOf(flow: Flow): Destination {
    // Nearly all: a client has a port of its own, and no text is made of its address.
    if (!this.#ports.has(flow.destinationPort)) return NOBODY;
    const known = this.#destinations.get(flow.id);
    if (known) return known;
    const { destinationAddress: address, destinationPort: port } = flow;
    const destination = {
      exact: this.#ends.get(endKey(address, port)),
      wildcards: wildcardsFor(address).flatMap(
        (wildcard) => this.#ends.get(endKey(wildcard, port)) ?? [],
      ),
      isOurs: isLoopbackAddress(address) || this.#addresses.has(String(address)),
    };
    if (this.#destinations.size >= MOST_REMEMBERED) this.#destinations.clear();
    this.#destinations.set(flow.id, destination);
    return destination;
  }
}

/** As many more, or fewer, of a kind; one of which there are none is not kept. */
function count<K>(counts: Map<K, number>, key: K, more: number): void {
  const all = (counts.get(key) ?? 0) + more;
  if (all > 0) counts.set(key, all);
  else counts.delete(key);
}

const ANY_IPV4 = new Uint8Array(4);
const ANY_IPV6 = new Uint8Array(16);

/** `::` takes IPv4 as well (RFC 3493 section 5.3); `0.0.0.0` takes IPv4 only. */
function wildcardsFor(address: Uint8Array): readonly Uint8Array[] {
  return address.length === 4 ? [ANY_IPV4, ANY_IPV6] : [ANY_IPV6];
}

function endKey(address: Uint8Array, port: number): string {
  return `${address} ${port}`;
}

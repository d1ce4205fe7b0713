import { Direction } from "../files/capture_sink.ts";
import { formatAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import type { Capture } from "./capture.ts";
import type { Flow, FlowTable } from "./flow_table.ts";

/** Peers of a socket that are told apart; what others send and are sent is counted together. */
export const MOST_PEERS = 100_000;

/** What passed between a socket and one or more other ends. */
export interface PassedCounts {
  readonly received: number;
  readonly sent: number;
}

/** What passed between one socket and one other end. */
export interface PeerCounts extends Endpoint, PassedCounts {
  /** Of those that were sent, how many are known to have been refused. */
  readonly refused: number;
  /** Microseconds since 1970 of the first datagram that is still there, and of the latest one. */
  readonly firstTime: number;
  readonly lastTime: number;
}

/** Who a socket talks with. */
export interface PeersOfSocket {
  /** Those that were heard last, the latest first. */
  readonly latest: readonly PeerCounts[];
  /** How many are told apart, of which these are the latest. */
  readonly count: number;
  /** What passed between the socket and all that are told apart; the rest of what it counts is of others. */
  readonly counted: PassedCounts;
}

/** What passed a socket and no peer that is told apart: their datagrams are gone, or there are too many peers. */
export function countsOfOthers(socket: PassedCounts, { counted }: PeersOfSocket): PassedCounts {
  return {
    received: Math.max(0, socket.received - counted.received),
    sent: Math.max(0, socket.sent - counted.sent),
  };
}

/** The peers of the sockets that somebody asks about. A flow is looked at once, when it is new. */
export class PeerTable {
  readonly #flows: FlowTable;
  readonly #most: number;
  readonly #refused: (flow: number) => number;
  readonly #bySocket = new Map<number, SocketPeers>();

  /** @param refused how many datagrams of a flow were refused */
  constructor(flows: FlowTable, most = MOST_PEERS, refused: (flow: number) => number = () => 0) {
    this.#flows = flows;
    this.#most = most;
    this.#refused = refused;
  }

  /** The peers of the socket at a place, the `most` latest of them one by one. Costs as much as there are peers. */
  of(socket: number, most = Number.POSITIVE_INFINITY): PeersOfSocket {
    let peers = this.#bySocket.get(socket);
    if (!peers) {
      peers = new SocketPeers(this.#flows, socket, this.#most, this.#refused);
      this.#bySocket.set(socket, peers);
    }
    return peers.read(most);
  }

  /** Flows or sockets are gone: what is asked about again is found out again. */
  clear(): void {
    this.#bySocket.clear();
  }
}

/** Flows that are looked at with one call: some ten milliseconds. What is left is with the next ones, and counts as others'. */
const LOOKED_AT_ONCE = 1 << 16;
const NONE = -1;

/**
 * The peers of one socket, by numbers. Each has one flow a direction, or more where the socket had other ends. A server
 * that was asked from millions of ports has as many: they are found by columns, and no text is made of their addresses.
 */
class SocketPeers {
  readonly #flows: FlowTable;
  readonly #socket: number;
  readonly #most: number;
  readonly #refused: (flow: number) => number;
  /** A flow of each peer. */
  readonly #samples: number[] = [];
  /** Where {@link FlowTable.peerHash} says → peer + 1, or 0; never more than half of them are taken. */
  #slots = new Int32Array(64);
  /** The flows of the peers, and with each one the number of its peer. */
  readonly #ids: number[] = [];
  readonly #peers: number[] = [];
  /** The newest flow that was looked at, or is to be. */
  #newest: number | undefined;
  /** What is still to be looked at, the newest last. */
  readonly #left: Iterator<number>[] = [];

  constructor(flows: FlowTable, socket: number, most: number, refused: (flow: number) => number) {
    this.#flows = flows;
    this.#socket = socket;
    this.#most = most;
    this.#refused = refused;
  }

  read(most: number): PeersOfSocket {
    this.#takeNew();
    const flows = this.#flows;
    const count = this.#samples.length;
    const received = new Float64Array(count);
    const sent = new Float64Array(count);
    const refused = new Float64Array(count);
    const firstTime = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    const lastTime = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    const counted = { received: 0, sent: 0 };
    for (const [index, id] of this.#ids.entries()) {
      const peer = this.#peers[index] ?? 0;
      const { datagrams, firstTime: first, lastTime: last } = flows.counts(id);
      const isIn = flows.isIn(id);
      const column = isIn ? received : sent;
      column[peer] = (column[peer] ?? 0) + datagrams;
      refused[peer] = (refused[peer] ?? 0) + this.#refused(id);
      counted[isIn ? "received" : "sent"] += datagrams;
      firstTime[peer] = Math.min(firstTime[peer] ?? 0, first);
      lastTime[peer] = Math.max(lastTime[peer] ?? 0, last);
    }
    // Of some it is only known that they have refused something, which is not there any more, or not yet.
    const passed = lastTime.filter((time) => time !== Number.NEGATIVE_INFINITY).length;
    const latest = indicesOfLatest(lastTime, Math.min(most, passed)).map((peer) => ({
      ...peerEnd(flows.get(this.#samples[peer] ?? 0)),
      received: received[peer] ?? 0,
      sent: sent[peer] ?? 0,
      refused: refused[peer] ?? 0,
      firstTime: firstTime[peer] ?? 0,
      lastTime: lastTime[peer] ?? 0,
    }));
    return { latest: latest.sort(byLastTime).slice(0, most), count: passed, counted };
  }

  #takeNew(): void {
    const known = this.#newest;
    const flows = this.#flows.ofSocket(this.#socket, known);
    const first = flows.next();
    if (!first.done) {
      this.#newest = first.value;
      this.#left.push(this.#flows.ofSocket(this.#socket, known));
    }
    const ids: number[] = [];
    for (let left = this.#left.at(-1); left && ids.length < LOOKED_AT_ONCE; ) {
      const next = left.next();
      if (!next.done) ids.push(next.value);
      else {
        this.#left.pop();
        left = this.#left.at(-1);
      }
    }
    for (const id of ids.reverse()) {
      const peer = this.#peerOf(id);
      if (peer === NONE) continue;
      this.#ids.push(id);
      this.#peers.push(peer);
    }
  }

  /** A new one where the flow is its first; {@link NONE} where there are too many. */
  #peerOf(flow: number): number {
    const slot = this.#slotOf(flow);
    const known = this.#slots[slot] ?? 0;
    if (known > 0) return known - 1;
    const { length } = this.#samples;
    if (length >= this.#most) return NONE;
    this.#samples.push(flow);
    this.#slots[slot] = length + 1;
    if (this.#samples.length * 2 > this.#slots.length) this.#rehash();
    return length;
  }

  #slotOf(flow: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#flows.peerHash(flow) & mask;
    for (;;) {
      const known = this.#slots[slot] ?? 0;
      if (known === 0 || this.#flows.hasSamePeer(this.#samples[known - 1] ?? 0, flow)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (const [peer, flow] of this.#samples.entries()) this.#slots[this.#slotOf(flow)] = peer + 1;
  }
}

/** The indices of the `most` latest times, and of those that are as late as the last of them. */
function indicesOfLatest(times: Float64Array, most: number): number[] {
  const first = times.length - most;
  const earliest = first > 0 ? (times.toSorted()[first] ?? Number.POSITIVE_INFINITY) : undefined;
  const found: number[] = [];
  for (const [index, time] of times.entries()) {
    if (earliest === undefined || time >= earliest) found.push(index);
  }
  return found;
}

/** Of several at once the newest peer, and then any order, but always the same. */
function byLastTime(one: PeerCounts, other: PeerCounts): number {
  return (
    other.lastTime - one.lastTime ||
    other.firstTime - one.firstTime ||
    other.port - one.port ||
    (one.address < other.address ? -1 : 1)
  );
}

/** The socket's own end of a flow. Where a file does not tell the direction, its sender is taken for it. */
export function localEnd(flow: Flow): Endpoint {
  return flow.direction === Direction.in ? destination(flow) : source(flow);
}

/** The other end of a flow. */
export function peerEnd(flow: Flow): Endpoint {
  return flow.direction === Direction.in ? source(flow) : destination(flow);
}

/**
 * The flow that a datagram is shown by. A delivered one has two, one of each end: it is shown from the socket that was
 * there first, so that a server's requests come in and its answers go out.
 */
export function displayFlow(capture: Capture, id: number): Flow {
  const own = capture.flow(id);
  if (!capture.isReceived(id)) return own;
  const other = capture.flow(capture.partner(id));
  return capture.sockets.isEarlier(other.socket, own.socket) ? other : own;
}

function source(flow: Flow): Endpoint {
  return { address: addressText(flow.sourceAddress), port: flow.sourcePort };
}

function destination(flow: Flow): Endpoint {
  return { address: addressText(flow.destinationAddress), port: flow.destinationPort };
}

function addressText(bytes: Uint8Array): string {
  return formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16);
}

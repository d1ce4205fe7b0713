import { Direction } from "../files/capture_sink.ts";
import { formatAddress } from "../wire/address.ts";
import { type Endpoint, formatEndpoint } from "../wire/endpoint.ts";
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

/** The peers of one socket, by numbers. Each has one flow a direction, or more where the socket had other ends. */
class SocketPeers {
  readonly #flows: FlowTable;
  readonly #socket: number;
  readonly #most: number;
  readonly #refused: (flow: number) => number;
  readonly #ends: Endpoint[] = [];
  /** An end as text → its number. */
  readonly #numbers = new Map<string, number>();
  /** The flows of the peers, and with each one the number of its peer. */
  readonly #ids: number[] = [];
  readonly #peers: number[] = [];
  /** The newest flow that was looked at. */
  #newest: number | undefined;

  constructor(flows: FlowTable, socket: number, most: number, refused: (flow: number) => number) {
    this.#flows = flows;
    this.#socket = socket;
    this.#most = most;
    this.#refused = refused;
  }

  read(most: number): PeersOfSocket {
    this.#takeNew();
    const count = this.#ends.length;
    const received = new Float64Array(count);
    const sent = new Float64Array(count);
    const refused = new Float64Array(count);
    const firstTime = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    const lastTime = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    const counted = { received: 0, sent: 0 };
    for (const [index, id] of this.#ids.entries()) {
      const peer = this.#peers[index] ?? 0;
      const { datagrams, ...times } = this.#flows.counts(id);
      const isIn = this.#flows.get(id).direction === Direction.in;
      const column = isIn ? received : sent;
      column[peer] = (column[peer] ?? 0) + datagrams;
      refused[peer] = (refused[peer] ?? 0) + this.#refused(id);
      counted[isIn ? "received" : "sent"] += datagrams;
      firstTime[peer] = Math.min(firstTime[peer] ?? 0, times.firstTime);
      lastTime[peer] = Math.max(lastTime[peer] ?? 0, times.lastTime);
    }
    // Of some it is only known that they have refused something, which is not there any more, or not yet.
    const passed = lastTime.filter((time) => time !== Number.NEGATIVE_INFINITY).length;
    const latest = indicesOfLatest(lastTime, Math.min(most, passed)).map((peer) => ({
      address: this.#ends[peer]?.address ?? "",
      port: this.#ends[peer]?.port ?? 0,
      received: received[peer] ?? 0,
      sent: sent[peer] ?? 0,
      refused: refused[peer] ?? 0,
      firstTime: firstTime[peer] ?? 0,
      lastTime: lastTime[peer] ?? 0,
    }));
    return { latest: latest.sort(byLastTime).slice(0, most), count: passed, counted };
  }

  #takeNew(): void {
    const ids = [...this.#flows.ofSocket(this.#socket, this.#newest)];
    this.#newest = ids[0] ?? this.#newest;
    for (const id of ids.reverse()) {
      const end = peerEnd(this.#flows.get(id));
      const key = formatEndpoint(end);
      let number = this.#numbers.get(key);
      if (number === undefined) {
        if (this.#ends.length >= this.#most) continue;
        number = this.#ends.push(end) - 1;
        this.#numbers.set(key, number);
      }
      this.#ids.push(id);
      this.#peers.push(number);
    }
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

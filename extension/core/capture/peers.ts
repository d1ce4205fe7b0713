import { Direction } from "../files/capture_sink.ts";
import { formatAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import type { Capture } from "./capture.ts";
import { Delivery } from "./delivery.ts";
import type { Flow, FlowTable } from "./flow_table.ts";

/** What passed between one socket and one other end. */
export interface PeerCounts extends Endpoint {
  readonly received: number;
  readonly sent: number;
  /** Microseconds since 1970 of the latest datagram. */
  readonly lastTime: number;
}

/** Somebody that a socket talks with: at most one flow a direction, which go on counting. */
export class Peer implements PeerCounts {
  readonly address: string;
  readonly port: number;
  /** Counts a socket's peers from 0 in the order of their first datagrams. */
  readonly number: number;
  readonly #table: FlowTable;
  readonly #flows: Flow[] = [];

  constructor({ address, port }: Endpoint, number: number, table: FlowTable) {
    this.#table = table;
    this.address = address;
    this.port = port;
    this.number = number;
  }

  add(flow: Flow): void {
    this.#flows.push(flow);
  }

  get received(): number {
    return this.#count((flow) => flow.direction === Direction.in);
  }

  get sent(): number {
    return this.#count((flow) => flow.direction !== Direction.in);
  }

  get lastTime(): number {
    let latest = 0;
    for (const { id } of this.#flows) latest = Math.max(latest, this.#table.counts(id).lastTime);
    return latest;
  }

  #count(counts: (flow: Flow) => boolean): number {
    let datagrams = 0;
    for (const flow of this.#flows) {
      if (counts(flow)) datagrams += this.#table.counts(flow.id).datagrams;
    }
    return datagrams;
  }
}

/** The peers of every socket. A flow is looked at once, when it is new. */
export class PeerTable {
  readonly #flows: FlowTable;
  readonly #bySocket = new Map<number, Map<string, Peer>>();
  #known = 0;

  constructor(flows: FlowTable) {
    this.#flows = flows;
  }

  /** The peers of a socket in the order of their first datagrams. */
  of(socket: number): Peer[] {
    return [...(this.#read(socket)?.values() ?? [])];
  }

  /** How many peers a socket has. */
  count(socket: number): number {
    return this.#read(socket)?.size ?? 0;
  }

  /** The `most` peers of a socket that were heard last, the latest first. Costs as much as there are peers. */
  latest(socket: number, most = Number.POSITIVE_INFINITY): Peer[] {
    const found: { peer: Peer; lastTime: number }[] = [];
    // From the newest on: then hardly any of the others gets in.
    for (const peer of this.of(socket).reverse()) {
      const { lastTime } = peer;
      if (found.length >= most && lastTime <= (found.at(-1)?.lastTime ?? 0)) continue;
      if (found.length >= most) found.pop();
      const place = found.findIndex((other) => other.lastTime < lastTime);
      found.splice(place < 0 ? found.length : place, 0, { peer, lastTime });
    }
    return found.map(({ peer }) => peer);
  }

  #read(socket: number): Map<string, Peer> | undefined {
    for (; this.#known < this.#flows.size; this.#known++) this.#add(this.#flows.get(this.#known));
    return this.#bySocket.get(socket);
  }

  #add(flow: Flow): void {
    const peers = this.#bySocket.get(flow.socket) ?? new Map<string, Peer>();
    this.#bySocket.set(flow.socket, peers);
    const end = peerEnd(flow);
    const key = `${end.address} ${end.port}`;
    const peer = peers.get(key) ?? new Peer(end, peers.size, this.#flows);
    peers.set(key, peer);
    peer.add(flow);
  }
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
 * The flow that a datagram is told by. A delivered one has two, one of each end: it is told by the socket that was there
 * first, so that a server's requests come in and its answers go out.
 */
export function displayFlow(capture: Capture, id: number): Flow {
  const own = capture.flow(id);
  if (capture.delivery(id) !== Delivery.delivered) return own;
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

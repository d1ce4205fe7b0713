import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import type { PassedCounts, PeerCounts } from "../../core/capture/peers.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { TreeLine } from "../base/place.ts";
import type { OtherSocket } from "./system_sockets.ts";

/**
 * A line of the tree. A line that stands for the same thing stays the same object, with new figures in it: VS Code
 * knows lines by their objects, and menus hand them to commands.
 */
export type PortNode =
  | SocketNode
  | PeerNode
  | MorePeersNode
  | OtherPeersNode
  | OthersNode
  | OtherNode;

/** A port that a tapped program has bound. */
export class SocketNode extends TreeLine {
  readonly kind = "socket";
  readonly id: string;
  readonly socket: CapturedSocket;

  constructor(socket: CapturedSocket) {
    super();
    this.id = socketLine(socket);
    this.socket = socket;
  }
}

/** Who a bound port talks with. */
export class PeerNode extends TreeLine {
  readonly kind = "peer";
  readonly id: string;
  readonly parent: SocketNode;
  peer: PeerCounts;

  constructor(parent: SocketNode, peer: PeerCounts) {
    super();
    this.id = `${parent.id} peer ${formatEndpoint(peer)}`;
    this.parent = parent;
    this.peer = peer;
  }
}

/** Stands for the peers that are too many to be shown. */
export class MorePeersNode extends TreeLine {
  readonly kind = "morePeers";
  readonly id: string;
  readonly parent: SocketNode;
  count = 0;

  constructor(parent: SocketNode) {
    super();
    this.id = `${parent.id} more`;
    this.parent = parent;
  }
}

/** Stands for what passed between a port and peers that are not told apart. */
export class OtherPeersNode extends TreeLine {
  readonly kind = "otherPeers";
  readonly id: string;
  readonly parent: SocketNode;
  counts: PassedCounts;

  constructor(parent: SocketNode, counts: PassedCounts) {
    super();
    this.id = `${parent.id} others`;
    this.parent = parent;
    this.counts = counts;
  }
}

/** "Other processes", which holds what no tap sees. */
export class OthersNode extends TreeLine {
  readonly kind = "others";
  readonly id = "others";
  sockets: readonly OtherSocket[] = [];
  /** Why the system could not tell them. */
  problem: string | undefined;
  /** Somebody asked for them: they are seen without a click. */
  isAskedFor = false;
}

/** A socket of another process. */
export class OtherNode extends TreeLine {
  readonly kind = "other";
  readonly id: string;
  readonly parent: OthersNode;
  other: OtherSocket;

  constructor(parent: OthersNode, other: OtherSocket) {
    super();
    this.id = otherLine(other);
    this.parent = parent;
    this.other = other;
  }

  /** The process that has it, for commands about processes. */
  get pid(): number | undefined {
    return this.other.socket.pid;
  }
}

export function socketLine({ id }: CapturedSocket): string {
  return `socket ${id}`;
}

export function otherLine({ socket }: OtherSocket): string {
  return `other ${socket.key}`;
}

export function parentOf(node: PortNode): PortNode | undefined {
  return "parent" in node ? node.parent : undefined;
}

/** The watched socket that a line stands for, or stands below; undefined where it is none of those. */
export function socketOf(line: TreeLine): CapturedSocket | undefined {
  const node = "parent" in line ? line.parent : line;
  return node instanceof SocketNode ? node.socket : undefined;
}

/** The filter that narrows the grid to what a line of the tree stands for; undefined where the grid has nothing of it. */
export function filterOf(node: PortNode): string | undefined {
  if (node.kind === "others" || node.kind === "other") return undefined;
  const socket = node.kind === "socket" ? node.socket : node.parent.socket;
  const own = `socket:${quoted(socket.name)}`;
  return node.kind === "peer" ? `${own} addr:${quoted(formatEndpoint(node.peer))}` : own;
}

function quoted(value: string): string {
  return /[\s"()\\]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}

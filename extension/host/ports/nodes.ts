import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import type { PassedCounts, PeerCounts } from "../../core/capture/peers.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
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
export interface SocketNode {
  readonly kind: "socket";
  readonly id: string;
  readonly socket: CapturedSocket;
}

/** Who a bound port talks with. */
export interface PeerNode {
  readonly kind: "peer";
  readonly id: string;
  readonly parent: SocketNode;
  peer: PeerCounts;
}

/** Stands for the peers that are too many to be shown. */
export interface MorePeersNode {
  readonly kind: "morePeers";
  readonly id: string;
  readonly parent: SocketNode;
  count: number;
}

/** Stands for what passed between a port and peers that are not told apart. */
export interface OtherPeersNode {
  readonly kind: "otherPeers";
  readonly id: string;
  readonly parent: SocketNode;
  counts: PassedCounts;
}

/** "Other processes", which holds what no tap sees. */
export interface OthersNode {
  readonly kind: "others";
  readonly id: string;
  sockets: readonly OtherSocket[];
  /** Why the system could not tell them. */
  problem: string | undefined;
  /** Somebody asked for them: they are seen without a click. */
  isAskedFor: boolean;
}

/** A socket of another process. */
export interface OtherNode {
  readonly kind: "other";
  readonly id: string;
  readonly parent: OthersNode;
  /** The process that has it, for commands about processes. */
  pid: number | undefined;
  other: OtherSocket;
}

export function parentOf(node: PortNode): PortNode | undefined {
  return "parent" in node ? node.parent : undefined;
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

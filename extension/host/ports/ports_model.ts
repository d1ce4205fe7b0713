import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { countsOfOthers } from "../../core/capture/peers.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import {
  MorePeersNode,
  OtherNode,
  OtherPeersNode,
  OthersNode,
  otherLine,
  PeerNode,
  type PortNode,
  SocketNode,
  socketLine,
} from "./nodes.ts";
import type { OtherSocket, SystemSockets } from "./system_sockets.ts";

/** Peers shown under a port; a flood from many source ports must not drown the tree. */
const MOST_PEERS = 100;

/** The lines of the tree: which there are, in which order, and which is the same as before. */
export class PortsModel {
  readonly #live: LiveCapture;
  readonly #sockets: SystemSockets;
  readonly #nodes = new Map<string, PortNode>();
  #isAskedForOthers = false;

  constructor(live: LiveCapture, sockets: SystemSockets) {
    this.#live = live;
    this.#sockets = sockets;
  }

  /** From now on "Other processes" is there whatever else is. */
  showOthers(): void {
    this.#isAskedForOthers = true;
  }

  /** The line that holds the sockets of other processes; undefined where there are none to show. */
  get others(): OthersNode | undefined {
    const sockets = this.#sockets.others();
    // Where nothing of this window is bound, the view has its buttons, and a link to what others have bound.
    const isShown =
      this.#isAskedForOthers ||
      boundSockets(this.#live.capture).length > 0 ||
      sockets.some(({ isOfThisWindow }) => isOfThisWindow);
    const { problem } = this.#sockets;
    if (!isShown || (sockets.length === 0 && problem === undefined)) return undefined;
    const facts = { sockets, problem, isAskedFor: this.#isAskedForOthers };
    return Object.assign(this.#keep(new OthersNode()), facts);
  }

  /** The lines below a line, or the roots. */
  children(parent?: PortNode): PortNode[] {
    switch (parent?.kind) {
      case undefined:
        return this.#roots();
      case "socket":
        return this.#peersOf(parent);
      case "others":
        return parent.sockets.map((other) =>
          Object.assign(this.#keep(new OtherNode(parent, other)), { other }),
        );
      default:
        return [];
    }
  }

  /** The line of a socket; undefined where it is not in the tree. */
  lineOf(socket: CapturedSocket | OtherSocket): PortNode | undefined {
    if (!("isSearched" in socket)) {
      return this.#roots().find(({ id }) => id === socketLine(socket));
    }
    const { others } = this;
    if (!others) return undefined;
    return this.children(others).find(({ id }) => id === otherLine(socket));
  }

  #roots(): PortNode[] {
    const sockets = boundSockets(this.#live.capture).map((socket) =>
      this.#keep(new SocketNode(socket)),
    );
    const { others } = this;
    return others ? [...sockets, others] : sockets;
  }

  /** The latest {@link MOST_PEERS}, the newest first: one that speaks again does not jump to another place. */
  #peersOf(parent: SocketNode): PortNode[] {
    const { socket } = parent;
    const peers = this.#live.capture.peers.of(socket.place, MOST_PEERS);
    const nodes: PortNode[] = peers.latest
      .toSorted((a, b) => b.firstTime - a.firstTime)
      .map((peer) => Object.assign(this.#keep(new PeerNode(parent, peer)), { peer }));
    const count = peers.count - nodes.length;
    if (count > 0) nodes.push(Object.assign(this.#keep(new MorePeersNode(parent)), { count }));
    const counts = countsOfOthers(socket, peers);
    if (counts.received + counts.sent > 0) {
      nodes.push(Object.assign(this.#keep(new OtherPeersNode(parent, counts)), { counts }));
    }
    return nodes;
  }

  /** The line is not in the tree any more; another one for the same thing is another object. */
  forget(node: PortNode): void {
    if (this.#nodes.get(node.id) === node) this.#nodes.delete(node.id);
  }

  /** The line of that id as it was made first; VS Code knows it as that. */
  #keep<T extends PortNode>(node: T): T {
    const known = this.#nodes.get(node.id);
    if (known) return known as T;
    this.#nodes.set(node.id, node);
    return node;
  }
}

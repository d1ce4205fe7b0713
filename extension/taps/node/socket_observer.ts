import type { Socket } from "node:dgram";
import type { BlockList } from "node:net";
import { Direction, type Refusal } from "../../core/files/capture_sink.ts";
import { maxPayload } from "../../core/files/packet/packet.ts";
import { isLoopbackAddress } from "../../core/wire/address.ts";
import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";
import {
  BIND_FAILED,
  REFUSED,
  SEND_FAILED,
  SEND_UNFINISHED,
} from "../../core/wire/tap_identity.ts";
import type { AddressCache, PacketAddress } from "./address_cache.ts";
import {
  type BindFailure,
  bindFailure,
  bindTarget,
  DROPPED,
  earlierRefusalOf,
  isReceiveError,
  refusalOf,
  sendError,
  UNFINISHED,
} from "./dgram_errors.ts";
import {
  findState,
  type HandleAddress,
  localEnd,
  remoteEnd,
  type SendHandle,
} from "./internals.ts";
import { neverThrows } from "./never_throws.ts";
import { bytesOf, joined } from "./payload.ts";
import type { Recorder } from "./recorder.ts";
import type { Rules } from "./rules.ts";
import { TappedSocket } from "./tapped_socket.ts";

const BLOCKED = "not given to the program: its receiveBlockList has the address";
const SENDS_UNSEEN = "This runtime is unknown to the tap: sends are not recorded.";

/** Turns what happens at one socket into records. A failure in here is a dropped record, never the program's. */
export class SocketObserver {
  /** The handle below the socket; undefined where it is not known. */
  readonly handle: SendHandle | undefined;
  /** What this observer has put in place of a handle's `onmessage`. */
  readonly heard = new WeakSet<object>();
  /** A bad network that was asked for; nearly always there is none. */
  rules: Rules | undefined;
  /** Where datagrams may wait because of one that is, or was, on. */
  held: Rules | undefined;
  /** Called whenever the socket has a local end, and when it is gone. */
  onBound: () => void = () => {};
  onClosed: () => void = () => {};
  readonly #socket: Socket;
  readonly #recorder: Recorder;
  readonly #addresses: AddressCache;
  readonly #tapped: TappedSocket;
  /** What drops datagrams before the program sees them, if anything does. */
  readonly #blocked: BlockList | undefined;
  /** What the socket was last to be bound to. */
  #target: Endpoint | undefined;
  #isBinding = false;
  /** Sends whose outcome is still to come; the end of the socket is told behind them. */
  #pending = 0;
  #isClosed = false;
  /** Where a connected socket sends to; undefined while it is not connected. */
  #peer: PacketAddress | undefined;
  #peerPort = 0;
  /** What was sent to one and the same end, and may be refused yet. */
  #refusable: Refusable | undefined;
  /** Nobody knows any more which of them has refused something. */
  #hasSeveralPeers = false;

  constructor(socket: Socket, number: number, recorder: Recorder, addresses: AddressCache) {
    const state = findState(socket);
    this.handle = state?.handle;
    this.#blocked = state?.receiveBlockList ?? undefined;
    this.#socket = socket;
    this.#recorder = recorder;
    this.#addresses = addresses;
    this.#tapped = new TappedSocket(number, this.handle ? [] : [SENDS_UNSEEN]);
  }

  now(): number {
    return this.#recorder.clock.now();
  }

  /** What is called when the program ends. */
  get unfinished(): Set<(outcome: unknown) => void> {
    return this.#recorder.unfinished;
  }

  get isIpv6(): boolean {
    return Reflect.get(this.#socket, "type") === "udp6";
  }

  /** Another text for another peer; "" while it is not connected. */
  get peer(): string {
    return this.#peer ? `${this.#peer.ipv4} ${this.#peer.ipv6} ${this.#peerPort}` : "";
  }

  get connectedTo(): HandleAddress | undefined {
    return remoteEnd(this.#socket);
  }

  /** Whether dgram keeps from the program what comes from there. */
  isBlocked(address: unknown): boolean {
    return typeof address === "string" && this.#blocked?.check(address, familyOf(address)) === true;
  }

  /** The program, or dgram itself before a first send, asks for the socket to be bound. */
  sawBind(parameters: readonly unknown[]): void {
    this.#isBinding = true;
    try {
      this.#target = bindTarget(this.#socket, parameters);
    } catch {
      // An object with a getter that throws: bind will meet it too.
    }
  }

  /** `bind` has returned; what it asked for may still be to come. */
  sawBound(): void {
    this.#isBinding = false;
  }

  /** Whether an address is looked up for `bind`, and is no address but a name. */
  isBindingToName(address: unknown): boolean {
    return this.#isBinding && typeof address === "string" && !this.#addresses.get(address);
  }

  /** The socket has its local end, and hears from now on. */
  sawListening(): void {
    this.#watch(() => this.#bound());
  }

  /** @param error a system's number, or what the name of a host has led to */
  sawBindFail(error: unknown, address?: unknown, port?: unknown): void {
    this.#watch(() => {
      const target = this.#target;
      if (!target || this.#tapped.local) return;
      const tried = {
        address: typeof address === "string" ? address : target.address,
        port: typeof port === "number" ? port : target.port,
      };
      this.#failed({ name: formatEndpoint(tried), code: sendError(error) });
    });
  }

  sawConnect(address: unknown, port: unknown): void {
    this.#watch(() => {
      if (typeof address !== "string" || typeof port !== "number") return;
      this.#connected({ address, port });
    });
  }

  sawClose(): void {
    this.#watch(() => this.#closed());
  }

  /** What the system has for the socket: a datagram, or a number below 0 for an error. */
  sawMessage(status: unknown, payload: unknown, from: unknown, remark = ""): void {
    // Once for each datagram: no function is made for it.
    try {
      if (!isError(status)) this.#received(payload, from, remark);
      else neverThrows(() => this.#sawRefusal(this.now(), sendError(status), refusalOf));
    } catch {
      this.#tapped.drop();
    }
  }

  /** An event of the socket, before its listeners see it, where nothing is seen below it. */
  sawEvent(event: unknown, first: unknown, second: unknown): void {
    try {
      if (event === "message") this.#received(first, second, "");
      else if (event === "listening") this.#bound();
      else if (event === "connect") this.#connected(remoteEnd(this.#socket));
      else if (event === "close") this.#closed();
      else if (event === "error") this.#sawError(first);
    } catch {
      this.#tapped.drop();
    }
  }

  /**
   * The operating system took a datagram, or did not. `port` and `address` are those of handle.send: a
   * number and a text unless the socket is connected. `result`: a negative error number or an error, if it failed. `remark`:
   * what a rule did to it, or "".
   */
  sawSend(
    time: number,
    list: readonly ArrayBufferView[],
    port: unknown,
    address: unknown,
    result: unknown,
    remark = "",
  ): void {
    try {
      this.#trackConnection(typeof port !== "number");
      const peer = typeof address === "string" ? this.#addresses.get(address) : this.#peer;
      const peerPort = typeof port === "number" ? port : this.#peerPort;
      const payload = list.length === 1 ? bytesOf(list[0]) : joined(list);
      const error = result === DROPPED ? "" : sendError(result);
      const outcome = sendComment(result, error, payload.length);
      const comment = outcome === "" || remark === "" ? outcome + remark : `${outcome}; ${remark}`;
      if (error !== "") this.#sawRefusal(time, error, earlierRefusalOf);
      else if (result !== UNFINISHED && result !== DROPPED)
        this.#sent(address, peer, peerPort, payload.length);
      this.#record(Direction.out, time, peer, peerPort, payload, comment);
    } catch {
      this.#tapped.drop();
    }
  }

  /**
   * A send was queued: by Node where the socket's buffer is full, by Deno always. Call the result with its
   * outcome; the recorder does it, with the outcome unknown, where the program ends before.
   */
  expectSend(
    time: number,
    list: readonly ArrayBufferView[],
    port: unknown,
    address: unknown,
    remark = "",
  ): (outcome: unknown) => void {
    const { unfinished } = this.#recorder;
    const finish = (outcome: unknown): void => {
      if (!unfinished.delete(finish)) return;
      this.sawSend(time, list, port, address, outcome, remark);
      this.#pending--;
      this.#watch(() => this.#endWhenDone());
    };
    unfinished.add(finish);
    this.#pending++;
    return finish;
  }

  #sent(address: unknown, peer: PacketAddress | undefined, port: number, length: number): void {
    const known = this.#refusable;
    if (known?.address === address && known?.port === port) {
      known.count++;
      known.length = length;
    } else if (known) this.#hasSeveralPeers = true;
    else if (peer) this.#refusable = { address, peer, port, length, count: 1 };
  }

  /** An error that came instead of something else: on Linux a socket has it only that is connected, or that asks for it, as Bun's do. */
  #sawRefusal(
    time: number,
    error: string,
    refusalOf: (error: string) => Refusal | undefined,
  ): void {
    const refusal = refusalOf(error);
    const sent = this.#refusable;
    if (!refusal || !sent || sent.count === 0 || this.#hasSeveralPeers) return;
    // What goes to the machine itself is refused before the next one is sent: the last one was, and none before it.
    sent.count = isLoopback(sent.peer) ? 0 : sent.count - 1;
    const { peer, port, length } = sent;
    this.#recorder.refused(this.#tapped, time, peer, port, length, refusal, REFUSED + error);
  }

  #received(payload: unknown, from: unknown, remark: string): void {
    const time = this.now();
    // A program may emit a "message" of its own, with anything in it.
    if (!(payload instanceof Uint8Array) || typeof from !== "object" || from === null) return;
    const { address, port } = from as Readonly<Record<string, unknown>>;
    if (typeof address !== "string" || typeof port !== "number") return;
    const comment = this.#blocked?.check(address, familyOf(address)) ? BLOCKED : remark;
    this.#record(Direction.in, time, this.#addresses.get(address), port, payload, comment);
  }

  #record(
    direction: Direction,
    time: number,
    peer: PacketAddress | undefined,
    peerPort: number,
    payload: Uint8Array,
    comment: string,
  ): void {
    if (!peer) this.#tapped.drop();
    else {
      this.#recorder.datagram(this.#tapped, direction, time, peer, peerPort, payload, comment);
    }
  }

  /** Notices with a send what no event has told: it was disconnected, or its `connect` is yet to come. */
  #trackConnection(isConnected: boolean): void {
    if (isConnected === (this.#peer !== undefined)) return;
    if (isConnected) this.#connected(remoteEnd(this.#socket));
    else {
      // Only now: the system may have given it another port when it was disconnected, and gives it one for this send.
      this.#peer = undefined;
      this.#bound();
    }
  }

  #sawError(error: unknown): void {
    if (this.#tapped.local) {
      if (isReceiveError(error)) this.#sawRefusal(this.now(), sendError(error), refusalOf);
      return;
    }
    const failure = this.#target && bindFailure(error, this.#target);
    if (failure) this.#failed(failure);
  }

  #bound(): void {
    const local = localEnd(this.#socket);
    const parsed = local && this.#addresses.get(local.address);
    if (!parsed) return;
    const name = formatEndpoint(local);
    this.#recorder.bound(this.#tapped, { name, address: parsed, port: local.port });
    this.onBound();
  }

  /** A handle that is closed before it was bound has only made room for another one. */
  #closed(): void {
    if (!this.#tapped.local) return;
    this.rules = undefined;
    this.held?.close();
    this.#isClosed = true;
    this.onClosed();
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (this.#isClosed && this.#pending === 0) this.#recorder.closed(this.#tapped);
  }

  /** A connected socket's local address is a real one, no wildcard any more. */
  #connected(peer: { readonly address: string; readonly port: number } | undefined): void {
    if (!peer) return;
    this.#peer = this.#addresses.get(peer.address);
    this.#peerPort = peer.port;
    this.#refusable = undefined;
    this.#hasSeveralPeers = false;
    this.#bound();
  }

  #failed({ name, code }: BindFailure): void {
    this.#recorder.bindFailed(this.#tapped, name, BIND_FAILED + code);
  }

  /** What fails in here has cost a record at most, and is never the program's. */
  #watch(task: () => void): void {
    try {
      task();
    } catch {
      this.#tapped.drop();
    }
  }
}

interface Refusable {
  /** As handle.send was given it: undefined for a connected socket. */
  readonly address: unknown;
  readonly peer: PacketAddress;
  readonly port: number;
  /** Bytes of the last one. */
  length: number;
  /** How many there are. */
  count: number;
}

function isLoopback({ ipv4, ipv6 }: PacketAddress): boolean {
  return ipv6 ? isLoopbackAddress(ipv6) : ipv4 >>> 24 === 127;
}

function isError(status: unknown): boolean {
  return typeof status === "number" && status < 0;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** What was wrong with a send of `length` bytes, or "". */
function sendComment(result: unknown, error: string, length: number): string {
  if (result === UNFINISHED) return SEND_UNFINISHED;
  if (error === "") return "";
  // The headers can't say how long such a payload was to be.
  return length > maxPayload(4) ? `${SEND_FAILED}${error} (${length} bytes)` : SEND_FAILED + error;
}

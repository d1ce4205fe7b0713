import type { Socket } from "node:dgram";
import { Direction } from "../../core/files/capture_sink.ts";
import { maxPayload } from "../../core/files/packet/packet.ts";
import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";
import { BIND_FAILED, SEND_FAILED, SEND_UNFINISHED } from "../../core/wire/tap_identity.ts";
import type { AddressCache, PacketAddress } from "./address_cache.ts";
import { bindFailure, bindTarget, sendError, UNFINISHED } from "./dgram_errors.ts";
import { findHandle, type SendHandle } from "./internals.ts";
import { bytesOf, joined } from "./payload.ts";
import type { Recorder } from "./recorder.ts";
import { TappedSocket } from "./tapped_socket.ts";

const SENDS_UNSEEN = "This runtime is unknown to the tap: sends are not recorded.";

/** Turns what happens at one socket into records. A failure in here is a dropped record, never the program's. */
export class SocketObserver {
  /** The handle below the socket; undefined where it is not known. */
  readonly handle: SendHandle | undefined;
  /** Called whenever the socket has a local end, and when it is gone. */
  onBound: () => void = () => {};
  onClosed: () => void = () => {};
  readonly #socket: Socket;
  readonly #recorder: Recorder;
  readonly #addresses: AddressCache;
  readonly #tapped: TappedSocket;
  /** What the socket was last to be bound to. */
  #target: Endpoint | undefined;
  /** Where a connected socket sends to; undefined while it is not connected. */
  #peer: PacketAddress | undefined;
  #peerPort = 0;

  constructor(socket: Socket, number: number, recorder: Recorder, addresses: AddressCache) {
    this.handle = findHandle(socket);
    this.#socket = socket;
    this.#recorder = recorder;
    this.#addresses = addresses;
    this.#tapped = new TappedSocket(number, this.handle ? [] : [SENDS_UNSEEN]);
  }

  now(): number {
    return this.#recorder.clock.now();
  }

  /** The program, or dgram itself before a first send, asks for the socket to be bound. */
  sawBind(parameters: readonly unknown[]): void {
    try {
      this.#target = bindTarget(this.#socket, parameters);
    } catch {
      // An object with a getter that throws: bind will meet it too.
    }
  }

  /** An event of the socket, before its listeners see it. */
  sawEvent(event: unknown, first: unknown, second: unknown): void {
    try {
      if (event === "message") this.#received(first, second);
      else if (event === "listening") this.#bound();
      else if (event === "connect") this.#connected();
      else if (event === "close") this.#closed();
      else if (event === "error") this.#failed(first);
    } catch {
      this.#tapped.drop();
    }
  }

  /**
   * The operating system took a datagram, or did not. `port` and `address` are those of handle.send: a
   * number and a text unless the socket is connected. `result`: a negative error number or an error, if it failed.
   */
  sawSend(
    time: number,
    list: readonly ArrayBufferView[],
    port: unknown,
    address: unknown,
    result: unknown,
  ): void {
    try {
      this.#trackConnection(typeof port !== "number");
      const peer = typeof address === "string" ? this.#addresses.get(address) : this.#peer;
      const peerPort = typeof port === "number" ? port : this.#peerPort;
      const payload = list.length === 1 ? bytesOf(list[0]) : joined(list);
      const comment = sendComment(result, payload.length);
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
  ): (outcome: unknown) => void {
    const { unfinished } = this.#recorder;
    const finish = (outcome: unknown): void => {
      if (unfinished.delete(finish)) this.sawSend(time, list, port, address, outcome);
    };
    unfinished.add(finish);
    return finish;
  }

  #received(payload: unknown, from: unknown): void {
    const time = this.now();
    // A program may emit a "message" of its own, with anything in it.
    if (!(payload instanceof Uint8Array) || typeof from !== "object" || from === null) return;
    const { address, port } = from as Readonly<Record<string, unknown>>;
    if (typeof address !== "string" || typeof port !== "number") return;
    this.#record(Direction.in, time, this.#addresses.get(address), port, payload, "");
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
    if (isConnected) this.#connected();
    else {
      this.#peer = undefined;
      this.#bound();
    }
  }

  #bound(): void {
    const { address, port } = this.#socket.address();
    const parsed = this.#addresses.get(address);
    if (!parsed) return;
    const name = formatEndpoint({ address, port });
    this.#recorder.bound(this.#tapped, { name, address: parsed, port });
    this.onBound();
  }

  #closed(): void {
    this.onClosed();
    this.#recorder.closed(this.#tapped);
  }

  /** A connected socket's local address is a real one, no wildcard any more. */
  #connected(): void {
    const { address, port } = this.#socket.remoteAddress();
    this.#peer = this.#addresses.get(address);
    this.#peerPort = port;
    this.#bound();
  }

  #failed(error: unknown): void {
    if (this.#tapped.local || !this.#target) return;
    const failure = bindFailure(error, this.#target);
    if (!failure) return;
    this.#recorder.bindFailed(this.#tapped, failure.name, BIND_FAILED + failure.code);
  }
}

/** What was wrong with a send of `length` bytes, or "". */
function sendComment(result: unknown, length: number): string {
  if (result === UNFINISHED) return SEND_UNFINISHED;
  const error = sendError(result);
  if (error === "") return "";
  // The headers can't say how long such a payload was to be.
  return length > maxPayload(4) ? `${SEND_FAILED}${error} (${length} bytes)` : SEND_FAILED + error;
}

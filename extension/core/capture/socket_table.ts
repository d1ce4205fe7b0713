import type { Endpoint } from "../wire/endpoint.ts";
import { type CapturedProgram, type CapturedSocket, notRecorded } from "./captured_socket.ts";
import { Receivers } from "./receivers.ts";

/** The sockets of a capture, over all files that they appear in. */
export class SocketTable {
  /** The watched sockets by where they are bound. */
  readonly receivers = new Receivers();
  readonly #touch: () => void;
  readonly #sockets: CapturedSocket[] = [];
  readonly #open = new Set<CapturedSocket>();

  /** @param touch called whenever a socket appears or changes */
  constructor(touch: () => void) {
    this.#touch = touch;
  }

  get size(): number {
    return this.#sockets.length;
  }

  /** Those that are bound now, as far as the files tell, the first bound first. */
  open(): IterableIterator<CapturedSocket> {
    return this.#open.values();
  }

  [Symbol.iterator](): IterableIterator<CapturedSocket> {
    return this.#sockets.values();
  }

  /** True for what this table has handed out: what a command is given may only look like it. */
  has(socket: CapturedSocket): boolean {
    return this.#sockets[socket.id] === socket;
  }

  get(id: number): CapturedSocket {
    const socket = this.#sockets[id];
    if (!socket) throw new RangeError(`Cannot find socket ${id}`);
    return socket;
  }

  /** Records that are known to be missing, over all sockets. */
  get notRecorded(): number {
    return this.#sockets.reduce((sum, socket) => sum + notRecorded(socket), 0);
  }

  add(program: CapturedProgram, tapped?: CapturedSocket["tapped"]): CapturedSocket {
    const socket: CapturedSocket = {
      id: this.#sockets.length,
      program,
      tapped,
      name: "",
      local: undefined,
      state: "bound",
      boundAt: undefined,
      closedAt: undefined,
      failure: "",
      received: 0,
      sent: 0,
      droppedBetween: 0,
      droppedInAll: undefined,
    };
    this.#sockets.push(socket);
    this.#open.add(socket);
    this.#touch();
    return socket;
  }

  /** Tells where a socket is bound; a program can connect it, and it has another local end. */
  setLocal(socket: CapturedSocket, local: Endpoint | undefined): void {
    socket.local = local;
    this.receivers.add(socket);
    this.#touch();
  }

  /** Marks a socket as closed by its program, or gone with it; `time` where it is known. */
  close(socket: CapturedSocket, time?: number): void {
    socket.state = "closed";
    socket.closedAt = time;
    this.#open.delete(socket);
    this.#touch();
  }

  /** Marks a socket as one that could not be bound, and why. */
  fail(socket: CapturedSocket, failure: string): void {
    socket.state = "failed";
    socket.failure = failure;
    this.#open.delete(socket);
    this.#touch();
  }
}

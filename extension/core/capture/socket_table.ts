import type { Endpoint } from "../wire/endpoint.ts";
import { type CapturedProgram, type CapturedSocket, notRecorded } from "./captured_socket.ts";
import type { Flow } from "./flow_table.ts";
import { Receivers } from "./receivers.ts";

/** The sockets of a capture, over all files that they appear in. */
export class SocketTable {
  readonly sockets: CapturedSocket[] = [];
  /** Counts up whenever a socket appears or changes; datagrams have their own way to tell. */
  revision = 0;
  readonly #receivers = new Receivers();

  /** Records that are known to be missing, over all sockets. */
  get notRecorded(): number {
    return this.sockets.reduce((sum, socket) => sum + notRecorded(socket), 0);
  }

  addSocket(program: CapturedProgram, tapped?: CapturedSocket["tapped"]): CapturedSocket {
    const socket: CapturedSocket = {
      id: this.sockets.length,
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
    this.sockets.push(socket);
    this.revision++;
    return socket;
  }

  /** Tells where a socket is bound; a program can connect it, and it has another local end. */
  setLocal(socket: CapturedSocket, local: Endpoint | undefined): void {
    socket.local = local;
    this.#receivers.add(socket);
    this.revision++;
  }

  /** Marks a socket as closed by its program, or gone with it; `time` where it is known. */
  close(socket: CapturedSocket, time?: number): void {
    socket.state = "closed";
    socket.closedAt = time;
    this.revision++;
  }

  socket(id: number): CapturedSocket {
    const socket = this.sockets[id];
    if (!socket) throw new RangeError(`Cannot find socket ${id}`);
    return socket;
  }

  /** See {@link Receivers.revision}. */
  get receiverRevision(): number {
    return this.#receivers.revision;
  }

  hasReceiver(flow: Flow): boolean {
    return this.#receivers.hasReceiver(flow);
  }

  isWatched(flow: Flow, time: number): boolean {
    return this.#receivers.isWatched(flow, time);
  }
}

import type { Endpoint } from "../wire/endpoint.ts";

/** A program: what a process runs from one `execve` to the next. */
export class TracedProcess {
  readonly pid: number;
  /** Undefined for the first one. */
  readonly parent: number | undefined;
  /** The words of its command line; empty where it is not known. */
  readonly words: readonly string[];
  /** It has asked for a way of input and output that strace does not see. */
  usesRing = false;
  #sockets = 0;

  constructor(pid: number, parent: number | undefined, words: readonly string[]) {
    this.pid = pid;
    this.parent = parent;
    this.words = words;
  }

  /** The number of its next socket, from 1. */
  nextSocket(): number {
    return ++this.#sockets;
  }
}

/** A UDP socket as a process has it: what was inherited is another one in the child. */
export class TracedSocket {
  readonly process: TracedProcess;
  readonly number: number;
  readonly family: 4 | 6;
  /** By which `/proc/net/udp` knows it; undefined where strace did not tell. */
  readonly inode: number | undefined;
  /** Undefined while nobody has told it. */
  local: Endpoint | undefined;
  /** Where it is connected to. */
  peer: Endpoint | undefined;
  /** Descriptors of it. */
  descriptors = 0;
  /** It has been told of. */
  isTold = false;
  /** What is to be told once its local end is known, and how much more there was. */
  waiting: (() => void)[] = [];
  missedWaiting = 0;

  constructor(process: TracedProcess, family: 4 | 6, inode: number | undefined) {
    this.process = process;
    this.number = process.nextSocket();
    this.family = family;
    this.inode = inode;
  }
}

interface Descriptor {
  readonly socket: TracedSocket;
  /** It goes with `execve`. */
  readonly closesOnExec: boolean;
}

/** The UDP sockets among the descriptors of a process, which its threads share. */
export class DescriptorTable {
  readonly #sockets = new Map<number, Descriptor>();
  /** Processes that have this very table. */
  users = 1;

  get(descriptor: number): TracedSocket | undefined {
    return this.#sockets.get(descriptor)?.socket;
  }

  /** The descriptors, as they are now. */
  get numbers(): number[] {
    return [...this.#sockets.keys()];
  }

  closesOnExec(descriptor: number): boolean {
    return this.#sockets.get(descriptor)?.closesOnExec ?? false;
  }

  set(descriptor: number, socket: TracedSocket, closesOnExec: boolean): void {
    this.#sockets.set(descriptor, { socket, closesOnExec });
    socket.descriptors++;
  }

  /** Changes whether it goes with `execve`. */
  mark(descriptor: number, closesOnExec: boolean): void {
    const known = this.#sockets.get(descriptor);
    if (known) this.#sockets.set(descriptor, { socket: known.socket, closesOnExec });
  }

  /** Returns the socket that had the descriptor, where that was its last one. */
  delete(descriptor: number): TracedSocket | undefined {
    const known = this.#sockets.get(descriptor);
    if (!known) return undefined;
    this.#sockets.delete(descriptor);
    return --known.socket.descriptors === 0 ? known.socket : undefined;
  }

  /** What a child inherits, or a program after `execve`: sockets of its own, in the same places. */
  copyFor(process: TracedProcess, isExec: boolean): DescriptorTable {
    const copy = new DescriptorTable();
    const copies = new Map<TracedSocket, TracedSocket>();
    for (const [descriptor, { socket, closesOnExec }] of this.#sockets) {
      if (isExec && closesOnExec) continue;
      const known = copies.get(socket);
      const own = known ?? new TracedSocket(process, socket.family, socket.inode);
      if (!known) {
        own.local = socket.local;
        own.peer = socket.peer;
        copies.set(socket, own);
      }
      copy.set(descriptor, own, closesOnExec);
    }
    return copy;
  }
}

import { readFileSync } from "node:fs";
import { endianness } from "node:os";
import type { TracedSocket } from "../../core/strace/traced_process.ts";
import type { Tracer } from "../../core/strace/tracer.ts";
import { ProcNetUdp } from "../../core/system/proc_net.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";

/** How often a socket is looked for that is in no table. */
const MOST_LOOKS = 3;

/**
 * Finds out where sockets are bound that the system has given a port: strace tells it with the next call at the socket,
 * which may never come. One look at the tables of a program's own network is for all of its sockets.
 */
export class LocalEnds {
  readonly #tracer: Tracer;
  readonly #looks = new WeakMap<TracedSocket, number>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  look(): void {
    const byProcess = new Map<number, TracedSocket[]>();
    for (const socket of this.#tracer.unresolved) {
      const { pid } = socket.process;
      const sockets = byProcess.get(pid);
      if (sockets) sockets.push(socket);
      else byProcess.set(pid, [socket]);
    }
    for (const [pid, sockets] of byProcess) this.#resolve(sockets, readTables(pid));
  }

  #resolve(sockets: readonly TracedSocket[], ends: ReadonlyMap<number, Endpoint>): void {
    for (const socket of sockets) {
      const end = socket.inode === undefined ? undefined : ends.get(socket.inode);
      const looks = (this.#looks.get(socket) ?? 0) + 1;
      this.#looks.set(socket, looks);
      if (end && end.port !== 0) {
        this.#looks.delete(socket);
        this.#tracer.resolve(socket, end);
      } else if (looks >= MOST_LOOKS) this.#tracer.resolve(socket, undefined);
    }
  }
}

/** By inode. Nothing where the process is gone, or may not be looked at. */
function readTables(pid: number): ReadonlyMap<number, Endpoint> {
  const tables: string[] = [];
  for (const table of ["udp", "udp6"]) {
    try {
      tables.push(readFileSync(`/proc/${pid}/net/${table}`, "latin1"));
    } catch {
      // Without IPv6 there is no such table.
    }
  }
  const sockets = new ProcNetUdp(endianness() === "LE").read(tables);
  const ends = new Map<number, Endpoint>();
  for (const { inode, address, port } of sockets)
    if (inode !== undefined) ends.set(inode, { address, port });
  return ends;
}

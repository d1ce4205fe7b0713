import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Destination } from "./messages.ts";

/** The sender's sockets: one for each family, and one more where a destination is this machine's alone. */
export class Sockets {
  readonly #open = new Map<string, Promise<Socket>>();

  /** A bound socket that can send there. Rejects with the system's error. */
  async for({ address, broadcast }: Destination): Promise<Socket> {
    const socket = await this.#bound(localAddress(address));
    if (broadcast) socket.setBroadcast(true);
    return socket;
  }

  #bound(address: string): Promise<Socket> {
    const known = this.#open.get(address);
    if (known) return known;
    const opening = bind(address);
    this.#open.set(address, opening);
    opening.catch(() => this.#open.delete(address));
    return opening;
  }
}

/** Answers come to it, and the tap records them: what is sent to this machine is sent from where only it can answer. */
function localAddress(address: string): string {
  if (address.includes(":")) return address === "::1" ? "::1" : "::";
  return address.startsWith("127.") ? "127.0.0.1" : "0.0.0.0";
}

async function bind(address: string): Promise<Socket> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  const bound = once(socket, "listening");
  socket.bind(0, address);
  await bound;
  // What goes wrong with a datagram is told to whoever sent it.
  socket.on("error", () => {});
  return socket;
}

/** Hands a datagram to the system; resolves with the name of what went wrong, or undefined. */
export function send(
  socket: Socket,
  { address, port }: Destination,
  payload: Uint8Array,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.send(payload, port, address, (error) => {
      resolve(error ? errorName(error) : undefined);
    });
  });
}

export function errorName(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? "EUNKNOWN";
}

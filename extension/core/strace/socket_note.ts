import type { Endpoint } from "../wire/endpoint.ts";
import { endpointOf } from "./socket_address.ts";

/**
 * What `strace -yy` writes behind the descriptor of a UDP socket: `UDP:[3214756]`, its inode, while it has no address;
 * then `UDP:[127.0.0.1:9999]` or `UDPv6:[[::1]:5000->[::1]:9999]`. What it has found out once it writes for ever, also after
 * the socket was connected.
 */
export interface SocketNote {
  readonly family: 4 | 6;
  readonly inode: number | undefined;
  readonly local: Endpoint | undefined;
  readonly peer: Endpoint | undefined;
}

/** Undefined for what is no UDP socket, or not said to be one. */
export function parseSocketNote(note: string): SocketNote | undefined {
  const match = /^UDP(v6)?:\[(.*)\]$/.exec(note);
  if (!match) return undefined;
  const [, six, inner = ""] = match;
  const family = six === undefined ? 4 : 6;
  if (/^\d{1,15}$/.test(inner)) {
    return { family, inode: Number(inner), local: undefined, peer: undefined };
  }
  const [local = "", peer = ""] = inner.split("->");
  return { family, inode: undefined, local: parseEnd(local), peer: parseEnd(peer) };
}

/** Whether a note says that the descriptor is something else: a file, a pipe, a TCP socket. */
export function isOtherNote(note: string): boolean {
  // Where strace may not ask the kernel, a socket is `socket:[3214756]`, whatever it is.
  return note !== "" && !note.startsWith("UDP") && !note.startsWith("socket:");
}

function parseEnd(text: string): Endpoint | undefined {
  const [, six, four, port] =
    /^(?:\[([0-9a-f:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/.exec(text) ?? [];
  const address = six ?? four;
  return address === undefined ? undefined : endpointOf(address, Number(port));
}

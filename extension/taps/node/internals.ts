/**
 * The one thing that the tap needs and `node:dgram` does not document: the handle below a socket. Only there
 * it is known which address a host name became, whether the operating system took the datagram, and that
 * a `send` which waits for the socket to be bound is the same one when it comes again. Node has had it in
 * this form since version 11; Deno and Bun have copied it.
 */
import type { Socket } from "node:dgram";

/** What `handle.send` is given and calls back (Node's `SendWrap`). */
export interface SendRequest {
  oncomplete?: (status: unknown, sent: unknown) => unknown;
}

/**
 * Hands datagrams to the operating system. `send(request, list, count, port, address, hasCallback)`, and for
 * a connected socket `send(request, list, count, hasCallback)`. It returns 1 + the bytes sent, or 0: the
 * outcome comes to `request.oncomplete` if `hasCallback`, or what went wrong: a negative error number (Bun: an Error).
 */
export interface SendHandle {
  send(request: SendRequest, list: readonly ArrayBufferView[], ...rest: unknown[]): unknown;
}

/** The symbols' descriptions in Node and Bun, and in Deno. */
const STATE_SYMBOLS = ["state symbol", "kStateSymbol"];

/** The handle of a socket, or undefined where this runtime keeps it elsewhere or the socket is closed. */
export function findHandle(socket: Socket): SendHandle | undefined {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    if (!STATE_SYMBOLS.includes(symbol.description ?? "")) continue;
    const state: unknown = Reflect.get(socket, symbol);
    const handle = isObject(state) && "handle" in state ? state.handle : undefined;
    if (isObject(handle) && isSendHandle(handle)) return handle;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isSendHandle(handle: object): handle is SendHandle {
  return "send" in handle && typeof handle.send === "function";
}

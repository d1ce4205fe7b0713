/**
 * What the tap needs and `node:dgram` does not document: the state of a socket, and the handle below it. Only at the
 * handle it is known which address a host name became, whether the operating system took the datagram, what really
 * came in, and that a `send` which waits for the socket to be bound is the same one when it comes again; and only there
 * nothing is asked that the program may have put its own in place of. Node has had it in this form since version 11;
 * Deno and Bun have copied it.
 */
import { Socket } from "node:dgram";
import type { BlockList } from "node:net";

// Of the class: a program may have put its own in place of that of a socket.
const { address } = Socket.prototype;

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

/** What a handle says of itself, as documented for `socket.address`. */
export interface HandleAddress {
  readonly address: string;
  readonly port: number;
}

/** The handle of Node and Deno; all that return a number return an error's, negative in Node, or 0. */
export interface UdpHandle extends SendHandle {
  /** Its socket has been bound, and is to hear what comes. dgram has given it `onmessage` then. */
  recvStart(): unknown;
  /** `status` below 0 is an error: then there is no payload. */
  onmessage?: (status: unknown, handle: unknown, payload: unknown, from: unknown) => unknown;
  getsockname(out: object): unknown;
  bind(address: unknown, port: unknown, flags: unknown): unknown;
  lookup(address: unknown, done: (error: unknown, ...rest: unknown[]) => unknown): unknown;
}

/** What dgram keeps of a socket. */
interface SocketState {
  readonly handle: SendHandle;
  readonly connectState?: unknown;
  readonly receiveBlockList?: BlockList | null;
}

/** The symbols' descriptions in Node and Bun, and in Deno. */
const STATE_SYMBOLS = ["state symbol", "kStateSymbol"];
const OWNER_SYMBOLS = ["owner_symbol", "ownerSymbol"];
/** dgram's own number for a socket that is connected (CONNECT_STATE_CONNECTED). */
const CONNECTED = 2;

/** The state of a socket, or undefined where this runtime keeps it elsewhere or the socket is closed. */
export function findState(socket: Socket): SocketState | undefined {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    if (!STATE_SYMBOLS.includes(symbol.description ?? "")) continue;
    const state: unknown = Reflect.get(socket, symbol);
    const handle = isObject(state) && "handle" in state ? state.handle : undefined;
    if (isObject(handle) && isSendHandle(handle)) return state as SocketState;
  }
  return undefined;
}

/** The handle of a socket, or undefined as for {@link findState}. */
export function findHandle(socket: Socket): SendHandle | undefined {
  return findState(socket)?.handle;
}

/** The socket of a handle that took another one's place: in a cluster's worker, and with `bind(handle)`. */
export function findOwner(handle: object): object | undefined {
  for (const symbol of Object.getOwnPropertySymbols(handle)) {
    if (!OWNER_SYMBOLS.includes(symbol.description ?? "")) continue;
    const owner: unknown = Reflect.get(handle, symbol);
    if (isObject(owner)) return owner;
  }
  return undefined;
}

/** False on Bun, whose handle does no more than to send. */
export function isUdpHandle(handle: SendHandle): handle is UdpHandle {
  return ["recvStart", "getsockname", "bind", "lookup"].every(
    (name) => typeof Reflect.get(handle, name) === "function",
  );
}

/** The local end of a bound socket; throws, or is undefined, where it has none. */
export function localEnd(socket: Socket): HandleAddress | undefined {
  const handle = findHandle(socket);
  if (!handle) return socket.address();
  if (!isUdpHandle(handle)) return address.call(socket);
  const out = {};
  return handle.getsockname(out) ? undefined : asAddress(out);
}

/** Where a connected socket sends to; undefined where it is not connected. */
export function remoteEnd(socket: Socket): HandleAddress | undefined {
  const state = findState(socket);
  // Without it, Deno's handle tells an empty address, and Bun's the last peer.
  if (!state || state.connectState !== CONNECTED) return undefined;
  const getpeername: unknown = Reflect.get(state.handle, "getpeername");
  if (typeof getpeername === "function") {
    const out = {};
    return getpeername.call(state.handle, out) ? undefined : asAddress(out);
  }
  const bunSocket: unknown = Reflect.get(state.handle, "socket");
  return isObject(bunSocket) ? asAddress(Reflect.get(bunSocket, "remoteAddress")) : undefined;
}

function asAddress(value: unknown): HandleAddress | undefined {
  if (!isObject(value)) return undefined;
  const { address, port } = value as Record<string, unknown>;
  return typeof address === "string" && typeof port === "number" ? { address, port } : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isSendHandle(handle: object): handle is SendHandle {
  return "send" in handle && typeof handle.send === "function";
}

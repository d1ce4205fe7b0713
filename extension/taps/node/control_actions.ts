import { Socket } from "node:dgram";
import { canonicalAddress } from "../../core/wire/address.ts";
import type {
  ControlledSocket,
  ControlReply,
  ControlRequest,
  SendRequest,
} from "../../core/wire/control_message.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { Controlled } from "./control.ts";
import { findHandle, localEnd, remoteEnd } from "./internals.ts";

// The methods of the class: a program may have replaced those of a socket.
const { close } = Socket.prototype;
const send = Socket.prototype.send as (this: Socket, ...args: unknown[]) => void;

/** Does what was asked, and calls back once with what came of it; never throws. */
export function act(
  request: ControlRequest,
  sockets: ReadonlyMap<number, Controlled>,
  reply: (reply: ControlReply) => void,
): void {
  try {
    const { socket, rules } = sockets.get(request.socket) ?? {};
    if (!socket || !rules || !isMeant(socket, request)) {
      reply({ error: "NO_SOCKET" });
      return;
    }
    switch (request.do) {
      case "send":
        sendFrom(socket, request, reply);
        return;
      case "close":
        close.call(socket);
        reply({ bytes: 0 });
        return;
      case "setRules":
        reply(set(rules, request.rules) ? { bytes: 0 } : { error: "EINVAL" });
        return;
      case "keepRules":
        reply(rules.keep() ? { bytes: 0 } : { error: "NO_RULES" });
    }
  } catch (error) {
    reply({ error: codeOf(error) });
  }
}

/** False where these are no rules. */
function set(rules: Controlled["rules"], given: readonly unknown[]): boolean {
  try {
    rules.set(given);
    return true;
  } catch {
    return false;
  }
}

/** Sends as the program would, and the tap records it so; the program has no part in it. */
function sendFrom(
  socket: Socket,
  { address, port, payload }: SendRequest,
  reply: (reply: ControlReply) => void,
): void {
  const done = (error: Error | null) => {
    reply(error ? { error: codeOf(error) } : { bytes: payload.length });
  };
  const peer = remoteEnd(socket);
  if (peer) {
    const isSame = canonicalAddress(peer.address) === canonicalAddress(address);
    if (peer.port !== port || !isSame) reply({ error: "OTHER_PEER" });
    else send.call(socket, payload, done);
    return;
  }
  const isIpv6 = Reflect.get(socket, "type") === "udp6";
  if (address.includes(":") && !isIpv6) {
    reply({ error: "EAFNOSUPPORT" });
    return;
  }
  // A socket for both families calls IPv4 addresses so (RFC 4291 section 2.5.5.2).
  const target = isIpv6 && !address.includes(":") ? `::ffff:${address}` : address;
  withoutLookup(socket, target, () => {
    send.call(socket, payload, port, target, done);
  });
}

/** Runs `task` with a socket that asks nobody what `address` means: that may be a function of the program's. */
function withoutLookup(socket: Socket, address: string, task: () => void): void {
  const handle = findHandle(socket);
  const own = handle && Object.getOwnPropertyDescriptor(handle, "lookup");
  if (!handle || !own?.configurable) {
    task();
    return;
  }
  const value = (_address: string, done: (...results: unknown[]) => void) => done(null, address);
  Object.defineProperty(handle, "lookup", { ...own, value });
  try {
    task();
  } finally {
    Object.defineProperty(handle, "lookup", own);
  }
}

function isMeant(socket: Socket, { local }: ControlledSocket): boolean {
  const end = localEnd(socket);
  return end !== undefined && formatEndpoint(end) === local;
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : "EUNKNOWN";
}

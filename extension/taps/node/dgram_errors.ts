import type { Socket } from "node:dgram";
import { getSystemErrorName } from "node:util";
import type { Refusal } from "../../core/files/capture_sink.ts";
import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";

/** Why a socket could not be bound. */
export interface BindFailure {
  /** The address that was tried: `127.0.0.1:9999`, with a host name where that has no address. */
  readonly name: string;
  /** `EADDRINUSE`, `ENOTFOUND` ... */
  readonly code: string;
}

/** The address that `socket.bind` is asked for, in each of its forms; the wildcard where none is named. */
export function bindTarget(socket: Socket, [first, second]: readonly unknown[]): Endpoint {
  const options = fieldsOf(first);
  const port = typeof first === "object" ? options.port : first;
  const address = typeof first === "object" ? options.address : second;
  const wildcard = Reflect.get(socket, "type") === "udp6" ? "::" : "0.0.0.0";
  return {
    address: typeof address === "string" && address !== "" ? address : wildcard,
    // dgram takes "9999" as well, and no port for any.
    port: Number(port) || 0,
  };
}

/**
 * What the `error` event of a socket that was to be bound to `target` says about that, or undefined where it
 * says something else. (The event names the address and port too, but not in each runtime, nor for a host name.)
 */
export function bindFailure(error: unknown, target: Endpoint): BindFailure | undefined {
  const { code, syscall, address, hostname } = fieldsOf(error);
  if (typeof code !== "string") return undefined;
  if (syscall !== "bind" && typeof hostname !== "string") return undefined;
  const tried = typeof address === "string" ? { ...target, address } : target;
  return { name: formatEndpoint(tried), code };
}

/** Stands for the outcome of a send that nobody will know. */
export const UNFINISHED = Symbol("unfinished");

/** Stands for that of what a rule has dropped, which the system was never asked to send. A text: it comes from another file. */
export const DROPPED = "dropped";

/** The name of what went wrong in a send (`EMSGSIZE`), or "" where nothing did. */
export function sendError(result: unknown): string {
  if (typeof result === "number") return result >= 0 ? "" : getSystemErrorName(result);
  if (result === undefined || result === null) return "";
  const { code } = fieldsOf(result);
  return typeof code === "string" ? code : "unknown error";
}

/**
 * What the network has said of a datagram that was sent, by the name of the error that a connected socket has then: see
 * icmp_err_convert in Linux's icmp.c. Windows says ECONNRESET where others say ECONNREFUSED.
 */
export const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ["ECONNREFUSED", "port"],
  ["ECONNRESET", "port"],
  ["EHOSTUNREACH", "host"],
  ["EHOSTDOWN", "host"],
  ["ENETUNREACH", "network"],
  ["ENONET", "host"],
  ["EACCES", "prohibited"],
  ["ENOPROTOOPT", "other"],
  ["EPROTO", "other"],
]);

/** What an error of this name means that came instead of a datagram; undefined where it is not about one that was sent. */
export function refusalOf(code: string): Refusal | undefined {
  return REFUSALS.get(code);
}

/** The same of an error that came instead of sending the next one, which most names can mean as well. */
export function earlierRefusalOf(code: string): Refusal | undefined {
  return code === "ECONNREFUSED" || code === "ECONNRESET" ? "port" : undefined;
}

/** True for what the `error` event of a socket says that could not receive. */
export function isReceiveError(error: unknown): boolean {
  const { syscall } = fieldsOf(error);
  return error instanceof Error && typeof syscall === "string" && syscall.startsWith("recv");
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

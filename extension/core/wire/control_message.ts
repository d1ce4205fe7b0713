/**
 * What the extension asks of a tapped program over its control socket. The program speaks first, with a number that it
 * says once; then a connection has one request and one reply, and is closed. Each is a line; both sides take what comes
 * for hostile: a text that is not exactly such a message parses to undefined.
 *
 * - `{"v":2,"nonce":"<64 hex>"}`
 * - `<64 hex> {"v":2,"do":"send","socket":1,"local":"127.0.0.1:9999","address":"127.0.0.1","port":5000,"payload":"<hex>"}`
 * - `<64 hex> {"v":2,"do":"close","socket":1,"local":"127.0.0.1:9999"}`
 * - `<64 hex> {"v":2,"do":"setRules","socket":1,"local":"127.0.0.1:9999","rules":[{"direction":"in","drop":30,"seed":7}]}`
 * - `<64 hex> {"v":2,"do":"keepRules","socket":1,"local":"127.0.0.1:9999"}`
 * - `<64 hex> {"v":2,"bytes":5}` (the payload's bytes that were sent; else 0), `<64 hex> {"v":2,"error":"EMSGSIZE"}`
 *
 * What stands before the JSON proves it: see {@link provenText}.
 */

import { formatHex, parseHex } from "../text/hex.ts";
import { parseAddress } from "./address.ts";
import { MOST_RULES } from "./socket_rule.ts";

const VERSION = 2;
/** A nonce, and an HMAC-SHA256 (RFC 2104). */
const HEX_256 = /^[0-9a-f]{64}$/;

/** The largest payload of a datagram over IPv6 (RFC 8200: 65,535 - 8 bytes of UDP header). */
const MOST_PAYLOAD = 65_527;

/** Characters of the longest request, and of the longest greeting or reply, each with its proof and without its line feed. */
export const MOST_REQUEST = 2 * MOST_PAYLOAD + 1024;
export const MOST_REPLY = 256;

/** How long a request may take to arrive, and a greeting with its reply, in milliseconds. */
export const CONTROL_PATIENCE_MS = 2000;

/** Where one thread of a program listens, below the place that its window has for them. */
export function controlPath(place: string, pid: number, thread: number): string {
  return `${place}${pid}${thread === 0 ? "" : `.${thread}`}`;
}

/** Which socket is meant: its number counts the thread's sockets from 1; its local end must be the same, too. */
export interface ControlledSocket {
  readonly socket: number;
  /** `127.0.0.1:9999`, as its capture says it. */
  readonly local: string;
}

export interface SendRequest extends ControlledSocket {
  readonly do: "send";
  /** A literal IP address. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly payload: Uint8Array;
}

export interface CloseRequest extends ControlledSocket {
  readonly do: "close";
}

/** A bad network for what passes the socket, in place of the one before; none of them: a good one. */
export interface SetRulesRequest extends ControlledSocket {
  readonly do: "setRules";
  /** As data, whatever it is: the program finds out whether these are rules. */
  readonly rules: readonly unknown[];
}

/** The window is there, and wants the rules that it has set. Without it they end after {@link RULES_SILENCE_S}. */
export interface KeepRulesRequest extends ControlledSocket {
  readonly do: "keepRules";
}

export type ControlRequest = SendRequest | CloseRequest | SetRulesRequest | KeepRulesRequest;

/**
 * Rules end when the window that has set them has said nothing for so many seconds in which the program ran: one that a
 * debugger holds, or a machine that sleeps, does not count.
 */
export const RULES_SILENCE_S = 9;

/**
 * What came of it. `error`: the system's name for the reason (`EMSGSIZE`), or `NO_SOCKET`: there is no such
 * socket (any more), `OTHER_PEER`: the socket is connected, and not to that address, `NO_RULES`: it has none to keep, or
 * `EINVAL`: these are no rules.
 */
export type ControlReply = { readonly bytes: number } | { readonly error: string };

/** What a program says first on each connection. @param nonce 64 hexadecimal digits that it never says again */
export function formatGreeting(nonce: string): string {
  return JSON.stringify({ v: VERSION, nonce });
}

/** The nonce. */
export function parseGreeting(text: string): string | undefined {
  const nonce = parseMessage(text, MOST_REPLY)?.nonce;
  return typeof nonce === "string" && HEX_256.test(nonce) ? nonce : undefined;
}

/** A request or a reply as its line has it: `auth` is an HMAC in small hexadecimal digits. */
export interface Proven {
  readonly auth: string;
  /** The JSON, without its proof and without a line feed. */
  readonly body: string;
}

/**
 * The text whose HMAC-SHA256 with the token as its key, both in UTF-8, is the proof of a body. So it proves all of it,
 * to this program alone, and once.
 *
 * @param path of the control socket
 * @param challenge the nonce for a request; for a reply the proof of its request
 */
export function provenText(path: string, challenge: string, body: string): string {
  return `${path}\n${challenge}\n${body}`;
}

export function formatProven({ auth, body }: Proven): string {
  return `${auth} ${body}`;
}

/** Whether it is right is not known yet. */
export function parseProven(line: string): Proven | undefined {
  const [auth, body] = [line.slice(0, 64), line.slice(65)];
  return HEX_256.test(auth) && line[64] === " " ? { auth, body } : undefined;
}

/** The body of a request. */
export function formatRequest(request: ControlRequest): string {
  const fields = { v: VERSION, ...request };
  return JSON.stringify(
    request.do === "send" ? { ...fields, payload: formatHex(request.payload) } : fields,
  );
}

export function parseRequest(body: string): ControlRequest | undefined {
  const message = parseMessage(body, MOST_REQUEST);
  if (!message) return undefined;
  const { socket, local } = message;
  if (!isWhole(socket, 1, Number.MAX_SAFE_INTEGER)) return undefined;
  if (typeof local !== "string" || local === "" || local.length > 100) return undefined;
  if (message.do === "close") return { do: "close", socket, local };
  if (message.do === "keepRules") return { do: "keepRules", socket, local };
  if (message.do === "setRules") {
    const { rules } = message;
    if (!Array.isArray(rules) || rules.length > MOST_RULES) return undefined;
    return { do: "setRules", socket, local, rules };
  }
  if (message.do !== "send") return undefined;
  const { address, port, payload: hex } = message;
  if (typeof address !== "string" || address.length > 60) return undefined;
  if (!parseAddress(address) || !isWhole(port, 1, 0xffff)) return undefined;
  const payload = typeof hex === "string" ? parseHex(hex) : undefined;
  if (!payload || payload.length > MOST_PAYLOAD) return undefined;
  return { do: "send", socket, local, address, port, payload };
}

/** The body of a reply. */
export function formatReply(reply: ControlReply): string {
  return JSON.stringify({ v: VERSION, ...reply });
}

export function parseReply(body: string): ControlReply | undefined {
  const message = parseMessage(body, MOST_REPLY);
  if (!message) return undefined;
  const { bytes, error } = message;
  if (isWhole(bytes, 0, MOST_PAYLOAD)) return { bytes };
  // It comes to the screen: nothing but what such a name is made of.
  return typeof error === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(error) ? { error } : undefined;
}

function parseMessage(text: string, limit: number): Readonly<Record<string, unknown>> | undefined {
  if (text.length > limit) return undefined;
  try {
    // Numbers, texts and lists have no version.
    const message: Readonly<Record<string, unknown>> | null = JSON.parse(text);
    return message?.v === VERSION ? message : undefined;
  } catch {
    return undefined;
  }
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}

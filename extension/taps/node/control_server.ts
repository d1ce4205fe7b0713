import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { unlinkSync } from "node:fs";
import { type Socket as Connection, createServer } from "node:net";
import { threadId } from "node:worker_threads";
import {
  CONTROL_PATIENCE_MS,
  type ControlReply,
  controlPath,
  formatGreeting,
  formatProven,
  formatReply,
  MOST_REQUEST,
  parseProven,
  parseRequest,
  provenText,
} from "../../core/wire/control_message.ts";
import { MOST_PATH_BYTES } from "../../core/wire/control_variables.ts";
import type { Controlled } from "./control.ts";
import { act } from "./control_actions.ts";

/** More at a time have no use: who asks is one window. */
const MOST_CONNECTIONS = 8;
const LINE_FEED = 0x0a;

const { setTimeout, clearTimeout } = globalThis;

/**
 * Answers requests for these sockets for as long as the program lives, without keeping it alive.
 * Returns what has to be called when it ends; that does not throw.
 */
export function listen(
  place: string,
  token: string,
  sockets: ReadonlyMap<number, Controlled>,
): () => void {
  const path = controlPath(place, process.pid, threadId);
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) return () => {};
  const server = createServer((connection) => {
    connection.unref();
    receiveRequest(connection, path, token, sockets);
  });
  server.maxConnections = MOST_CONNECTIONS;
  let isSecondTry = false;
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" || isSecondTry || process.platform === "win32") return;
    // Left behind by a program that had our process id before and was killed: that id is ours alone now.
    isSecondTry = true;
    removeFile(path);
    open();
  });
  // Exclusive: the worker of a cluster is to listen by itself, without its primary.
  const open = () => server.listen({ path, exclusive: true }).unref();
  open();
  return () => removeFile(path);
}

/** Greets, takes one request, replies to it, and is done with whoever asked. Whatever is no request gets no reply. */
function receiveRequest(
  connection: Connection,
  path: string,
  token: string,
  sockets: ReadonlyMap<number, Controlled>,
): void {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const deadline = setTimeout(() => connection.destroy(), CONTROL_PATIENCE_MS);
  deadline.unref();
  connection.on("close", () => clearTimeout(deadline));
  connection.on("error", () => connection.destroy());
  // Of this connection alone: what was heard on another one proves nothing here.
  const nonce = randomBytes(32).toString("hex");
  connection.write(`${formatGreeting(nonce)}\n`);
  connection.on("data", (chunk: Buffer) => {
    const end = chunk.indexOf(LINE_FEED);
    const part = end < 0 ? chunk : chunk.subarray(0, end);
    chunks.push(part);
    length += part.length;
    if (length > MOST_REQUEST) connection.destroy();
    if (end < 0 || length > MOST_REQUEST) return;
    connection.removeAllListeners("data").pause();
    const proven = parseProven(Buffer.concat(chunks).toString("utf8"));
    const isProven = proven && isSame(proven.auth, provenBy(token, path, nonce, proven.body));
    const request = isProven ? parseRequest(proven.body) : undefined;
    if (!proven || !request) {
      connection.destroy();
      return;
    }
    act(request, sockets, (reply: ControlReply) => {
      const body = formatReply(reply);
      const auth = provenBy(token, path, proven.auth, body);
      connection.end(`${formatProven({ auth, body })}\n`);
    });
  });
}

function provenBy(token: string, path: string, challenge: string, body: string): string {
  return createHmac("sha256", token)
    .update(provenText(path, challenge, body))
    .digest("hex");
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one, "hex"), Buffer.from(other, "hex"));
}

function removeFile(path: string): void {
  try {
    if (process.platform !== "win32") unlinkSync(path);
  } catch {
    // It is not there: nothing was listening, or somebody has cleaned up.
  }
}

import { createHmac, timingSafeEqual } from "node:crypto";
import type { Socket } from "node:dgram";
import { unlinkSync } from "node:fs";
import { type Socket as Connection, createServer } from "node:net";
import { threadId } from "node:worker_threads";
import {
  CONTROL_PATIENCE_MS,
  type ControlReply,
  controlPath,
  formatReply,
  MOST_PATH_BYTES,
  MOST_REQUEST,
  parseRequest,
} from "../../core/wire/control_message.ts";
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
  sockets: ReadonlyMap<number, Socket>,
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

/** Takes one request, replies to it, and is done with whoever asked. Whatever is no request gets no reply. */
function receiveRequest(
  connection: Connection,
  path: string,
  token: string,
  sockets: ReadonlyMap<number, Socket>,
): void {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const deadline = setTimeout(() => connection.destroy(), CONTROL_PATIENCE_MS);
  deadline.unref();
  connection.on("close", () => clearTimeout(deadline));
  connection.on("error", () => connection.destroy());
  connection.on("data", (chunk: Buffer) => {
    const end = chunk.indexOf(LINE_FEED);
    const part = end < 0 ? chunk : chunk.subarray(0, end);
    chunks.push(part);
    length += part.length;
    if (length > MOST_REQUEST) connection.destroy();
    if (end < 0 || length > MOST_REQUEST) return;
    connection.removeAllListeners("data").pause();
    const message = parseRequest(Buffer.concat(chunks).toString("utf8"));
    if (!message || !isAuthentic(message.auth, path, token)) {
      connection.destroy();
      return;
    }
    act(message.request, sockets, (reply: ControlReply) => {
      connection.end(`${formatReply(reply)}\n`);
    });
  });
}

function isAuthentic(auth: string, path: string, token: string): boolean {
  const expected = createHmac("sha256", token).update(path).digest();
  return timingSafeEqual(expected, Buffer.from(auth, "hex"));
}

function removeFile(path: string): void {
  try {
    if (process.platform !== "win32") unlinkSync(path);
  } catch {
    // It is not there: nothing was listening, or somebody has cleaned up.
  }
}

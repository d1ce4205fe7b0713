/**
 * The tap: preloaded into a program, it records every UDP datagram that passes the program's sockets into
 * the capture folder that the environment variable UDP_TAP_DIR names. It must never break, slow down or keep
 * alive the program: whatever fails in here is swallowed, and the datagrams that it cost are counted.
 *
 * A program without UDP pays next to nothing: what records is in a file of its own, which is read with the first
 * socket. What must be had before the program can change its world is taken here.
 */
import type { Socket } from "node:dgram";
import { channel } from "node:diagnostics_channel";
import { preloadInWorkers } from "./bun_workers.ts";
import { originals } from "./originals.ts";
import { loadPart } from "./parts.ts";
import { readSettings, type Settings } from "./settings.ts";
import type { ThreadTap } from "./thread_tap.ts";

/** Set in the global object of a thread that has a tap: two of them would record everything twice. */
const LOADED = Symbol.for("udp-workbench.tap");

function start(settings: Settings): void {
  let tap: ThreadTap | undefined;
  // Node's channel for it: https://nodejs.org/api/diagnostics_channel.html#event-udpsocket
  const sockets = channel("udp.socket");
  sockets.subscribe((message) => {
    try {
      const { socket } = message as { readonly socket: Socket };
      tap ??= createTap(settings);
      tap.add(socket);
    } catch {
      // Better an unseen socket than a broken program.
    }
  });
  atEndOfBunTests(() => tap?.flush());
  if (process.versions.bun) preloadInWorkers(__filename);
  // Bun forgets a channel that nobody holds, with its subscribers: https://github.com/oven-sh/bun/issues/33773
  Object.defineProperty(globalThis, LOADED, { value: sockets });
}

/** Node.js prints each write of the tap, as of all that is waited for. */
function isTraced(): boolean {
  // Deno would ask its user whether NODE_OPTIONS may be read.
  if (process.versions.deno) return false;
  const flags = `${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS ?? ""}`;
  return flags.includes("--trace-sync-io");
}

function createTap(settings: Settings): ThreadTap {
  // Bun has put it there behind us.
  leaveNoModule();
  const { ThreadTap } = loadPart("thread_tap") as typeof import("./thread_tap.ts");
  return new ThreadTap(settings, originals, loadPart);
}

/** `bun test` ends without an exit event; what a preloaded file asks for is done after the last test. */
function atEndOfBunTests(task: () => void): void {
  if (!process.versions.bun) return;
  try {
    const name = "bun:test";
    (require(name) as { afterAll: (task: () => void) => void }).afterAll(task);
  } catch {
    // Only there while tests run.
  }
}

/** The program's cache of modules has none that it has not asked for. */
function leaveNoModule(): void {
  delete require.cache[__filename];
}

try {
  const settings = readSettings(process.env);
  if (settings && !isTraced() && !Reflect.has(globalThis, LOADED)) start(settings);
  leaveNoModule();
} catch {
  // Without the right to read the environment there is nothing to record for.
}

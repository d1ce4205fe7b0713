/**
 * The tap: preloaded into a program, it records every UDP datagram that passes the program's sockets into
 * the capture folder that the environment variable UDP_TAP_DIR names. It must never break, slow down or keep
 * alive the program: whatever fails in here is swallowed, and the datagrams that it cost are counted.
 *
 * A program without UDP pays next to nothing: what records is in a file of its own, which is read with the first
 * socket. What must be had before the program can change its world is taken here.
 */
import type { Socket } from "node:dgram";
import { subscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { originals } from "./originals.ts";
import { readSettings, type Settings } from "./settings.ts";
import type { ThreadTap } from "./thread_tap.ts";

/** Set in the global object of a thread that has a tap: two of them would record everything twice. */
const LOADED = Symbol.for("udp-workbench.tap");

function start(settings: Settings): void {
  let tap: ThreadTap | undefined;
  // Node's channel for it: https://nodejs.org/api/diagnostics_channel.html#event-udpsocket
  subscribe("udp.socket", (message) => {
    try {
      const { socket } = message as { readonly socket: Socket };
      tap ??= createTap(settings);
      tap.add(socket);
    } catch {
      // Better an unseen socket than a broken program.
    }
  });
}

function createTap(settings: Settings): ThreadTap {
  // By its absolute path: Deno would want to read the whole folder to find a relative one.
  const module = require(join(__dirname, "thread_tap.cjs")) as typeof import("./thread_tap.ts");
  return new module.ThreadTap(settings, originals);
}

try {
  const settings = readSettings(process.env);
  if (settings && !Reflect.has(globalThis, LOADED)) {
    Object.defineProperty(globalThis, LOADED, { value: true });
    start(settings);
  }
} catch {
  // Without the right to read the environment there is nothing to record for.
}

import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { freeUdpPort } from "../../support/free_udp_port.ts";
import { type Command, pinned } from "./pinned.ts";
import { processorSeconds } from "./processor_time.ts";

/** A server under load, once. */
export interface Round {
  /** Replies a second. */
  readonly rate: number;
  /** Microseconds of the processor that the server needed for a reply; undefined where nobody tells. */
  readonly cost: number | undefined;
  /** The share of the time that the load needed its processor for, 0 to 1. */
  readonly loadBusy: number;
}

export interface RoundOptions {
  /** Path of the compiled load_generator. */
  readonly generator: string;
  /** For the server's output. */
  readonly folder: string;
  readonly seconds: number;
  readonly environment?: NodeJS.ProcessEnv;
  /** Payload bytes of a request; 32 unless told. */
  readonly size?: number;
  /** Requests that wait for a reply at any time; 64 unless told. What they are in bytes has to fit a receive buffer. */
  readonly outstanding?: number;
  /** Source ports that the requests come from; 1 unless told. */
  readonly sockets?: number;
  /** Whether the server has one core and the load another, where that can be; true unless told. */
  readonly pin?: boolean;
  /** Starts who watches, once the port is chosen and before there is any load; what it returns ends that. */
  readonly watch?: (port: number) => Promise<() => Promise<void>>;
}

type Load = ChildProcessByStdio<Writable, Readable, null>;

/** Until then a runtime has compiled what it will. */
const WARM_SECONDS = 1;

/**
 * Starts a server on a free port, with its output in a file as when nobody looks, loads it with requests, a
 * new one for each reply, and ends it. Throws where it does not answer, or loses requests: then its rate says nothing.
 */
export async function echoRound(
  server: (port: number) => Command,
  options: RoundOptions,
): Promise<Round> {
  const {
    generator,
    folder,
    seconds,
    size = 32,
    outstanding = 64,
    sockets = 1,
    pin = true,
  } = options;
  const port = await freeUdpPort();
  const unwatch = await options.watch?.(port);
  const [program, ...args] = pin ? pinned("server", server(port)) : server(port);
  const output = openSync(join(folder, "output"), "w");
  const running = spawn(program, args, {
    stdio: ["ignore", output, "inherit"],
    env: { ...process.env, ...options.environment },
  });
  closeSync(output);
  const numbers = [port, WARM_SECONDS, seconds, outstanding, size, sockets].map(String);
  const command: Command = [generator, ...numbers];
  const [first, ...rest] = pin ? pinned("load", command) : command;
  const load = spawn(first, rest, { stdio: ["pipe", "pipe", "inherit"] });
  load.stdin.on("error", () => {}); // it has ended, which is told by what it has not printed
  try {
    const result = resultOf(load, running.pid ?? 0);
    return await Promise.race([result, endedTooEarly(program, running)]);
  } finally {
    await Promise.all([end(load), end(running)]);
    await unwatch?.();
  }
}

/** Reads what the load says while it loads the process `server`. */
async function resultOf(load: Load, server: number): Promise<Round> {
  let before: number | undefined;
  for await (const line of createInterface(load.stdout)) {
    if (line === "begin") {
      before = await processorSeconds(server);
      load.stdin.write("\n");
      continue;
    }
    const after = await processorSeconds(server);
    const { replies, lost, seconds, busy } = JSON.parse(line) as Readonly<
      Record<"replies" | "lost" | "seconds" | "busy", number>
    >;
    if (lost > 0) throw new Error(`Cannot compare: ${lost} of ${replies} requests were lost`);
    const used = before === undefined || after === undefined ? undefined : after - before;
    return {
      rate: replies / seconds,
      cost: used === undefined ? undefined : (used / replies) * 1e6,
      loadBusy: busy,
    };
  }
  throw new Error("Cannot measure: the load ended without a result");
}

async function endedTooEarly(program: string, server: ChildProcess): Promise<never> {
  const [code] = (await once(server, "exit")) as [number | null];
  throw new Error(`Cannot measure ${program}: it ended with ${code}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

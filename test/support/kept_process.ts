import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { KEPT_NODE_OPTIONS } from "./marked_processes.ts";

export interface KeptProcessOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A folder to remove when this process ends it, or is no more. */
  readonly folder?: string;
}

/** A process that lives no longer than this one, and takes all its descendants with it. See keeper.ts. */
export class KeptProcess {
  /** What its descendants carry in their environment; see marked_processes.ts. */
  readonly mark: string = randomUUID();
  /** The exit code, once it and all its descendants are gone. */
  readonly exited: Promise<number>;
  readonly #keeper: ChildProcessByStdio<Writable, Readable, Readable>;
  #log = "";

  constructor(
    command: string,
    args: readonly string[],
    { folder = "", ...options }: KeptProcessOptions = {},
  ) {
    const keeper = join(import.meta.dirname, "keeper.ts");
    const { NODE_OPTIONS, ...env } = options.env ?? process.env;
    this.#keeper = spawn(process.execPath, [keeper, this.mark, folder, command, ...args], {
      ...options,
      // Options for the command's Node.js may be such that the keeper's own reads no TypeScript.
      env: { ...env, ...(NODE_OPTIONS !== undefined && { [KEPT_NODE_OPTIONS]: NODE_OPTIONS }) },
      stdio: "pipe",
      detached: true, // out of the reach of this terminal's Ctrl+C: the pipe tells it when to end
    });
    this.exited = once(this.#keeper, "exit").then(([code]) => Number(code));
    for (const stream of [this.#keeper.stdout, this.#keeper.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#log = (this.#log + text).slice(-100_000);
      });
    }
  }

  /** What it printed, the last 100,000 characters. */
  get log(): string {
    return this.#log;
  }

  /** Waits until it prints something that matches; throws what it printed when it ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#log);
      if (match) return match;
      const more = once(this.#keeper.stdout, "data");
      const ended = await Promise.race([more.then(() => false), this.exited.then(() => true)]);
      if (ended)
        throw new Error(`It ended before it printed ${pattern}: ${this.#log.slice(-2000)}`);
    }
  }

  /** Lets this process end without waiting for it; it ends with this process then. */
  unref(): void {
    const { stdin, stdout, stderr } = this.#keeper;
    for (const pipe of [stdin, stdout, stderr]) if (pipe instanceof Socket) pipe.unref();
    this.#keeper.unref();
  }

  /** Kills it without a word, as a crash does; its descendants are ended as ever. */
  async kill(): Promise<void> {
    this.#keeper.stdin.write("kill");
    await this.exited;
  }

  async end(): Promise<void> {
    this.#keeper.stdin.end();
    await this.exited;
  }
}

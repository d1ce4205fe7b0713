import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileSystem, originals } from "../../../extension/taps/node/originals.ts";
import { Recorder } from "../../../extension/taps/node/recorder.ts";

/** What the tap finds instead of the world: a folder, a clock and timers that a test moves on by hand. */
export class SmallWorld {
  readonly fs: FileSystem;
  /** Milliseconds that the monotonic clock says. */
  now = 1000;
  readonly #startMs = originals.timeOfDayMs() - this.now;
  /** By so many milliseconds somebody has set the machine's clock on. */
  setOnMs = 0;
  readonly timeOfDayMs = (): number => this.#startMs + this.now + this.setOnMs;
  /** Timers that have been started and not yet run. */
  readonly timers: {
    readonly task: () => void;
    readonly delay: number;
    isKeepingAlive: boolean;
  }[] = [];
  readonly #root = mkdtempSync(join(tmpdir(), "udp-tap-"));

  /** @param faults functions of the file system that behave otherwise */
  constructor(faults: Partial<FileSystem> = {}) {
    this.fs = { ...originals.fs, ...faults };
  }

  readonly monotonicMs = (): number => this.now;

  readonly setTimeout = ((task: () => void, delay: number) => {
    const timer = { task, delay, isKeepingAlive: true };
    this.timers.push(timer);
    const unref = () => {
      timer.isKeepingAlive = false;
    };
    return { unref };
  }) as unknown as typeof globalThis.setTimeout;

  readonly clearTimeout = globalThis.clearTimeout;
  /** Only worker threads want it. */
  readonly setImmediate = globalThis.setImmediate;
  readonly isDebugged = () => false;

  /** A folder that is not there yet. */
  get folder(): string {
    return join(this.#root, "captures");
  }

  /** Lets so many milliseconds pass; runs what is due then, in the order of its time. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    const due = this.timers.splice(0);
    for (const timer of due.sort((one, other) => one.delay - other.delay)) {
      if (timer.delay > milliseconds) this.timers.push(timer);
      else {
        this.now = end;
        timer.task();
      }
    }
    this.now = end;
  }

  recorder({
    quota = 2 ** 30,
    segment = 2 ** 25,
    snapLength = 2 ** 20,
    thread = 0,
  } = {}): Recorder {
    const settings = { folder: this.folder, quota, segment, snapLength };
    const program = { ...PROGRAM, process: { ...PROGRAM.process, thread } };
    return new Recorder(settings, program, this);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

const PROGRAM = {
  process: { runtime: "node", version: "1", pid: 7, ppid: 6, thread: 0, program: "x.js" },
  name: "x.js",
};

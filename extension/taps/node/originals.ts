import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { debuggerCheck } from "./debugger.ts";

/**
 * What the tap uses of the world that it shares with the program, taken when the tap is loaded: a program, and
 * its tests above all, may replace these with fakes, or with functions that count calls.
 */
export interface Originals {
  readonly fs: FileSystem;
  /** Milliseconds of a clock that nobody sets; it starts anywhere. */
  readonly monotonicMs: () => number;
  /** Milliseconds since 1970 by the machine's clock, which can be set. */
  readonly timeOfDayMs: () => number;
  readonly setTimeout: typeof globalThis.setTimeout;
  readonly clearTimeout: typeof globalThis.clearTimeout;
  readonly setImmediate: typeof globalThis.setImmediate;
  /** Whether a debugger may hold the program: see debugger.ts. */
  readonly isDebugged: () => boolean;
}

export type FileSystem = typeof fs;

const { hrtime } = process;
const fs = {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
  writeSync,
} as const;

export const originals: Originals = {
  fs,
  // Not performance.now: Node would have to load `performance` for it, in programs without UDP, too.
  monotonicMs: () => {
    // Once for each datagram: taking it apart by name would go through an iterator.
    const time = hrtime();
    return time[0] * 1000 + time[1] / 1e6;
  },
  timeOfDayMs: Date.now,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
  isDebugged: debuggerCheck(),
};

import { Misfit } from "./failure.ts";
import type { Int } from "./integers.ts";
import { LONGEST_TEXT, type Run } from "./run.ts";
import type { Stream } from "./stream.ts";

/** How the end of some bytes is found within what holds them (User Guide, 4.7 "Delimited structures"). */
export interface Ending {
  /** The byte that ends them, `unit` times; undefined: none does. */
  readonly terminator: number | undefined;
  readonly unit: 1 | 2 | 4;
  /** It belongs to them. */
  readonly include: boolean;
  /** It is stepped over, where they have no size. */
  readonly consume: boolean;
  /** It has to be there, where they have no size. */
  readonly isNeeded: boolean;
  readonly padRight: number | undefined;
}

/** The next bytes, of that size, without what pads them. */
export function takeSized(io: Stream, size: Int, ending: Ending, name: string, run: Run): Stream {
  if (size < 0) throw new Misfit("negativeSize", name, size);
  const from = io.take(Number(size), name);
  return trimmed(io, from, io.pos, ending, run);
}

/** All bytes that are left, without what pads them. */
export function takeRest(io: Stream, ending: Ending, run: Run): Stream {
  const from = io.pos;
  io.pos = Math.max(io.end, from);
  return trimmed(io, from, io.pos, ending, run);
}

/** The bytes up to the terminator. */
export function takeTerminated(io: Stream, ending: Ending, name: string, run: Run): Stream {
  const from = io.pos;
  const found = findTerminator(io, from, io.end, ending, run);
  if (found === -1) {
    const byte = ending.terminator ?? 0;
    if (ending.isNeeded)
      throw new Misfit("noTerminator", name, `0x${byte.toString(16).padStart(2, "0")}`);
    io.pos = Math.max(io.end, from);
    return io.part(from, io.pos);
  }
  io.pos = ending.consume ? found + ending.unit : found;
  return io.part(from, ending.include ? found + ending.unit : found);
}

/** In bytes of a size a terminator goes first; only where there is none is padding looked for. */
function trimmed(io: Stream, from: number, end: number, ending: Ending, run: Run): Stream {
  const found = findTerminator(io, from, end, ending, run);
  if (found !== -1) return io.part(from, ending.include ? found + ending.unit : found);
  let last = end;
  if (ending.padRight !== undefined) {
    while (last > from && io.bytes[last - 1] === ending.padRight) last--;
    run.step((end - last) >> 4);
  }
  return io.part(from, last);
}

function findTerminator(io: Stream, from: number, end: number, ending: Ending, run: Run): number {
  const { terminator, unit } = ending;
  if (terminator === undefined) return -1;
  if (unit === 1) {
    const found = io.bytes.subarray(0, end).indexOf(terminator, from);
    run.step(((found === -1 ? end : found) - from) >> 4);
    return found;
  }
  run.step((end - from) >> 2);
  for (let at = from; at + unit <= end; at += unit) {
    let same = 0;
    while (same < unit && io.bytes[at + same] === terminator) same++;
    if (same === unit) return at;
  }
  return -1;
}

/** Unpacks zlib data; undefined where it is none, or longer than the limit. */
export type Inflate = (bytes: Uint8Array, limit: number) => Uint8Array | undefined;

/** Most bytes after unpacking: more than any datagram has. */
const MOST_INFLATED = 4 * LONGEST_TEXT;

/** Each byte xor one of a key, over and over (User Guide, 4.11 "Processing"). */
export function xored(part: Stream, key: Int | Uint8Array, name: string, run: Run): Stream {
  const keys =
    key instanceof Uint8Array ? key : Uint8Array.of(Number(BigInt.asUintN(8, BigInt(key))));
  if (keys.length === 0) throw new Misfit("badKey", name);
  return mapped(part, run, (byte, index) => byte ^ (keys[index % keys.length] ?? 0));
}

/** Each byte rotated by some bits to the left, or to the right where they are negative. */
export function rotated(part: Stream, by: Int, run: Run): Stream {
  const bits = Number(((BigInt(by) % 8n) + 8n) % 8n);
  return mapped(part, run, (byte) => (byte << bits) | (byte >> (8 - bits)));
}

export function inflated(part: Stream, inflate: Inflate, name: string, run: Run): Stream {
  const bytes = inflate(part.bytes.subarray(part.from, part.end), MOST_INFLATED);
  if (!bytes) throw new Misfit("badPacked", name);
  run.step(part.size + (bytes.length >> 2));
  return part.replaced(bytes, part.from, part.end, false);
}

function mapped(part: Stream, run: Run, map: (byte: number, index: number) => number): Stream {
  run.step(part.size >> 2);
  const bytes = part.bytes.slice(part.from, part.end).map(map);
  return part.replaced(bytes, part.from, part.end, true);
}

import type { Run } from "../run.ts";
import type { ValueType } from "../types.ts";

/** Compares two values of types that {@link areComparable}; charges for what is long. */
export type Compare = (a: unknown, b: unknown, run: Run) => number;

const NUMBERS = new Set(["int", "float"]);

/** True where `==` means something. Enums equal members of the same enum alone, and never integers. */
export function areComparable(a: ValueType, b: ValueType): boolean {
  if (NUMBERS.has(a.kind) && NUMBERS.has(b.kind)) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === "enum" && b.kind === "enum") return a.enum === b.enum;
  return a.kind === "bool" || a.kind === "str" || a.kind === "bytes";
}

/** True where `<` means something, too. */
export function hasOrder({ kind }: ValueType): boolean {
  return NUMBERS.has(kind) || kind === "str" || kind === "bytes";
}

/** Below 0, 0 or above 0, as the first value is before, equal to or behind the second. */
export function comparison({ kind }: ValueType): Compare {
  if (kind === "str") {
    return (a, b, run) => {
      run.step(1 + (Math.min((a as string).length, (b as string).length) >> 4));
      return compareText(a as string, b as string);
    };
  }
  if (kind === "bytes") {
    return (a, b, run) => {
      run.step(1 + (Math.min((a as Uint8Array).length, (b as Uint8Array).length) >> 4));
      return compareBytes(a as Uint8Array, b as Uint8Array);
    };
  }
  // Numbers and bigints compare with one another; so do booleans. What is not a number equals nothing.
  return (a, b) => {
    const [x, y] = [a as number, b as number];
    return x < y ? -1 : x > y ? 1 : x >= y ? 0 : Number.NaN;
  };
}

/** By code point: UTF-16 units have another order. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  let at = 0;
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  // Within a pair of surrogates the pairs are what differs.
  if (at > 0 && (a.charCodeAt(at - 1) & 0xfc00) === 0xd800) at--;
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}

/** By unsigned byte; a beginning is before what goes on. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

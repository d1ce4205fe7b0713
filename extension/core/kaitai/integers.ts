import { Misfit } from "./failure.ts";

/**
 * An integer of the language, which has no width: a number where that is exact, else a bigint. Each integer has one form
 * only, so that `===` compares.
 */
export type Int = number | bigint;

/** Longest integer, so that no expression fills the memory. */
const MOST_BITS = 128;
const LIMIT = 1n << BigInt(MOST_BITS);

/** @throws {Misfit} Where it is longer than 128 bits. */
export function int(value: bigint): Int {
  if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) {
    return Number(value);
  }
  if (value > LIMIT || value < -LIMIT) throw new Misfit("integerTooBig", MOST_BITS);
  return value;
}

export function add(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return int(BigInt(a) + BigInt(b));
}

export function subtract(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return int(BigInt(a) - BigInt(b));
}

export function multiply(a: Int, b: Int): Int {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return int(BigInt(a) * BigInt(b));
}

/** Rounds down, as in Python: -1 / 2 is -1. */
export function divide(a: Int, b: Int): Int {
  const rest = modulo(a, b);
  // Without the rest the quotient is exact, also where it would not be as a number.
  if (typeof a === "number" && typeof b === "number") {
    const multiple = a - Number(rest);
    if (Number.isSafeInteger(multiple)) return multiple / b + 0;
  }
  return int((BigInt(a) - BigInt(rest)) / BigInt(b));
}

/** Has the sign of the divisor, as in Python: -1 % 8 is 7. */
export function modulo(a: Int, b: Int): Int {
  if (b === 0) throw new Misfit("divideByZero");
  if (typeof a === "number" && typeof b === "number") {
    const rest = a % b;
    return (rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest) + 0;
  }
  const divisor = BigInt(b);
  const rest = BigInt(a) % divisor;
  return int(rest !== 0n && rest < 0n !== divisor < 0n ? rest + divisor : rest);
}

export function negate(a: Int): Int {
  return subtract(0, a);
}

export function invert(a: Int): Int {
  return subtract(-1, a);
}

const fitsInt32 = (a: Int): a is number => typeof a === "number" && (a | 0) === a;

/** Bits of integers without width: a negative one has ones without end. */
export function and(a: Int, b: Int): Int {
  return fitsInt32(a) && fitsInt32(b) ? a & b : int(BigInt(a) & BigInt(b));
}

export function or(a: Int, b: Int): Int {
  return fitsInt32(a) && fitsInt32(b) ? a | b : int(BigInt(a) | BigInt(b));
}

export function xor(a: Int, b: Int): Int {
  return fitsInt32(a) && fitsInt32(b) ? a ^ b : int(BigInt(a) ^ BigInt(b));
}

export function shiftLeft(a: Int, by: Int): Int {
  const bits = shiftOf(by);
  if (typeof a === "number") {
    const shifted = a * 2 ** bits;
    if (Number.isSafeInteger(shifted)) return shifted;
  }
  return int(BigInt(a) << BigInt(bits));
}

export function shiftRight(a: Int, by: Int): Int {
  const bits = shiftOf(by);
  return typeof a === "number" ? Math.floor(a / 2 ** bits) + 0 : int(a >> BigInt(bits));
}

function shiftOf(by: Int): number {
  if (typeof by !== "number" || by < 0 || by > MOST_BITS) throw new Misfit("badShift", by);
  return by;
}

/**
 * An integer as it is written: decimal, `0x`, `0o` or `0b`, `_` between digits, a minus before. Undefined where it is none.
 */
export function parseInteger(text: string): Int | undefined {
  const match = /^(-?)(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*)$/.exec(text.trim());
  if (!match || text.length > 200) return undefined;
  const digits = (match[2] ?? "").replaceAll("_", "");
  if (/^0[a-z]$/i.test(digits)) return undefined;
  try {
    const value = BigInt(digits);
    return int(match[1] === "-" ? -value : value);
  } catch {
    return undefined;
  }
}

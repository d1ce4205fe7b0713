import type { CrcParameters } from "./crc_catalogue.ts";

/** The remainders of all bytes, made when a CRC is first computed. */
const tables = new WeakMap<CrcParameters, Uint32Array>();
const wideTables = new WeakMap<CrcParameters, BigUint64Array>();

/** The CRC of bytes, by a table of 256 remainders (Sarwate, "Computation of Cyclic Redundancy Checks via Table Look-Up"). */
export function crcOf(crc: CrcParameters, bytes: Uint8Array): bigint {
  const { width, init, xorOut, isReflected } = crc;
  if (width > 32) return wideCrc(crc, bytes);
  const table = tableOf(crc);
  if (isReflected) {
    let rest = Number(reflected(init, width));
    for (const byte of bytes) rest = ((table[(rest ^ byte) & 255] ?? 0) ^ (rest >>> 8)) >>> 0;
    return BigInt(rest) ^ xorOut;
  }
  // The highest bit of the remainder is the highest of 32.
  let rest = Number(init << BigInt(32 - width));
  for (const byte of bytes) rest = ((table[(rest >>> 24) ^ byte] ?? 0) ^ (rest << 8)) >>> 0;
  return BigInt(rest >>> (32 - width)) ^ xorOut;
}

function tableOf(crc: CrcParameters): Uint32Array {
  let table = tables.get(crc);
  if (table) return table;
  const { width, polynomial, isReflected } = crc;
  const low = Number(reflected(polynomial, width));
  const high = Number(polynomial << BigInt(32 - width));
  table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = isReflected ? byte : byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      if (isReflected) rest = (rest & 1) !== 0 ? (rest >>> 1) ^ low : rest >>> 1;
      else rest = rest < 0 ? (rest << 1) ^ high : rest << 1;
      if (!isReflected) rest |= 0;
    }
    return rest >>> 0;
  });
  tables.set(crc, table);
  return table;
}

/** Of 64 bits. */
function wideCrc(crc: CrcParameters, bytes: Uint8Array): bigint {
  const { init, xorOut, isReflected } = crc;
  const table = wideTableOf(crc);
  let rest = isReflected ? reflected(init, 64) : init;
  for (const byte of bytes) {
    rest = isReflected
      ? (table[Number(rest & 255n) ^ byte] ?? 0n) ^ (rest >> 8n)
      : (table[Number(rest >> 56n) ^ byte] ?? 0n) ^ BigInt.asUintN(64, rest << 8n);
  }
  return rest ^ xorOut;
}

function wideTableOf(crc: CrcParameters): BigUint64Array {
  let table = wideTables.get(crc);
  if (table) return table;
  const { polynomial, isReflected } = crc;
  const low = reflected(polynomial, 64);
  table = BigUint64Array.from({ length: 256 }, (_, byte) => {
    let rest = isReflected ? BigInt(byte) : BigInt(byte) << 56n;
    for (let bit = 0; bit < 8; bit++) {
      if (isReflected) rest = (rest & 1n) === 1n ? (rest >> 1n) ^ low : rest >> 1n;
      else rest = BigInt.asUintN(64, rest >> 63n === 1n ? (rest << 1n) ^ polynomial : rest << 1n);
    }
    return rest;
  });
  wideTables.set(crc, table);
  return table;
}

/** Its bits in the other order. */
function reflected(value: bigint, width: number): bigint {
  return BigInt(`0b${[...value.toString(2).padStart(width, "0")].reverse().join("")}`);
}

import { printable } from "../text/printable.ts";
import type { EnumSpec } from "./definition.ts";
import type { Int } from "./integers.ts";
import { Items, Struct } from "./run.ts";
import type { ValueType } from "./types.ts";

/** Most characters of a value; longer ones are shown cut, with their length. */
const VALUE_LIMIT = 1000;
/** Most bytes that a value shows in hex. */
const HEX_LIMIT = 256;

/** A value as a person reads it, printable: an enum by its name, a text in quotes, bytes in hexadecimal digits. */
export function valueText(value: unknown, type: ValueType): string {
  if (typeof value === "string") return `"${printable(value, { limit: VALUE_LIMIT })}"`;
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Items) return `${value.values.length}`;
  if (value instanceof Struct) return value.plan.spec.id;
  if (type.kind === "enum" && (typeof value === "number" || typeof value === "bigint")) {
    return enumText(value, type.enum);
  }
  if (typeof value === "number" && type.kind === "float") return floatText(value);
  return String(value);
}

function enumText(value: Int, { members }: EnumSpec): string {
  const member = members.get(value);
  return member ? `${member.id} (${value})` : `${value}`;
}

/** Without digits that a float of four bytes does not have: 21.5, and not 21.100000381469727. */
function floatText(value: number): string {
  if (Math.fround(value) !== value) return String(value);
  // A few decimals mostly do, and are found without a text.
  for (let scale = 1; scale <= 10_000; scale *= 10) {
    const short = Math.round(value * scale) / scale;
    if (Math.fround(short) === value) return String(short);
  }
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

function hex(bytes: Uint8Array): string {
  const digits = Array.from(bytes.subarray(0, HEX_LIMIT), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  return bytes.length > HEX_LIMIT ? `${digits}… (${bytes.length} B)` : digits;
}

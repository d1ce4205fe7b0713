import { parsePayload } from "../text/payload_format.ts";
import { Unwritable } from "./encoded.ts";
import type { WrittenValue } from "./written_fields.ts";

/** What was written, for a sentence. */
export function shown(value: WrittenValue): string {
  switch (value.kind) {
    case "fields":
      return "{ }";
    case "list":
      return "[ ]";
    case "quoted":
      return `"${value.text}"`;
    default:
      return value.text;
  }
}

/** An integer; or the member of an enum by its name, also as it is shown: `alarm (2)`. */
export function writtenInteger(
  value: WrittenValue,
  path: string,
  members?: ReadonlyMap<string, number | bigint>,
): bigint {
  const text = value.kind === "word" ? value.text : "";
  const number = integer(text);
  if (number !== undefined) return number;
  if (!members || text === "") throw new Unwritable("wantsInteger", path, shown(value));
  const [, name = text, told = ""] = /^(?:.*::)?([^\s(]+)(?: \((-?\w+)\))?$/.exec(text) ?? [];
  const member = members.get(name) ?? integer(told);
  if (member !== undefined) return BigInt(member);
  throw new Unwritable("noMember", text, path, [...members.keys()].slice(0, 20).join(", "));
}

/** Decimal, `0x`, `0o` or `0b`, `_` between digits, a minus before; of any length that a number has. */
function integer(text: string): bigint | undefined {
  const [, sign, digits = ""] =
    /^(-?)(0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*)$/.exec(text.slice(0, 200)) ?? [];
  const plain = digits.replaceAll("_", "");
  if (plain === "" || /^0[a-z]$/i.test(plain)) return undefined;
  return sign === "-" ? -BigInt(plain) : BigInt(plain);
}

export function writtenNumber(value: WrittenValue, path: string): number {
  const text = value.kind === "word" ? value.text : "";
  const isNumber = /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|Infinity|0x[\da-fA-F]+)$/.test(
    text,
  );
  if (isNumber) return text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
  if (text === "NaN") return Number.NaN;
  throw new Unwritable("wantsNumber", path, shown(value));
}

export function writtenFlag(value: WrittenValue, path: string): boolean {
  const text = value.kind === "word" ? value.text : "";
  if (/^(true|false|[01])$/.test(text)) return text === "true" || text === "1";
  throw new Unwritable("wantsFlag", path, shown(value));
}

/** The bytes of what stands between quotes: its characters in UTF-8, but `\xff` as that byte. */
export function quotedBytes(text: string): Uint8Array {
  const plain = text.replace(/\\([\s\S])/g, (whole, sign) => (sign === '"' ? '"' : whole));
  const { bytes, problem } = { problem: undefined, ...parsePayload(plain, "escape") };
  if (!bytes) throw new Unwritable(problem?.code ?? "escape", problem?.part ?? text);
  return bytes;
}

/** Hexadecimal digits, alone or behind `hex`, or a text in quotes. */
export function writtenBytes(value: WrittenValue, path: string): Uint8Array {
  if (value.kind === "quoted") return quotedBytes(value.text);
  const digits = value.kind === "word" ? value.text.replace(/^hex(\s+|$)/, "") : undefined;
  const isHex = digits !== undefined && /^[\s:.-]*(?:[\da-fA-F]{2}[\s:.-]*)*$/.test(digits);
  const { bytes } = { bytes: undefined, ...(isHex && parsePayload(digits, "hex")) };
  if (digits === "") return new Uint8Array();
  if (!bytes) throw new Unwritable("wantsBytes", path, shown(value));
  return bytes;
}

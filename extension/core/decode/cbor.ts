import { printableBytes } from "../text/printable.ts";
import type { Decoded } from "./decoded.ts";
import { FieldReader, hexNumber, hexText, VALUE_LIMIT } from "./field_reader.ts";
import { Undecodable } from "./problem.ts";
import { timeText } from "./time_text.ts";
import { checkDepth, keyText, scalar, type ValueEntry, type ValueNode } from "./value_tree.ts";
import { bigNumber, decodedValues, floatText, singleText } from "./values.ts";

const BREAK = 0xff;
const INDEFINITE = 31;
const SIMPLE: Readonly<Record<number, string>> = {
  20: "false",
  21: "true",
  22: "null",
  23: "undefined",
};

/** What a data item starts with (RFC 8949 section 3). */
interface Head {
  readonly from: number;
  /** 0 to 7. */
  readonly major: number;
  /** The lower five bits of the first byte. */
  readonly info: number;
  /** Value, length or tag; of a float its bits. */
  readonly argument: bigint;
}

/** CBOR (RFC 8949): one data item, or a sequence of them (RFC 8742), written down in its diagnostic notation. */
export function decodeCbor(payload: Uint8Array): Decoded {
  return decodedValues("CBOR", readCbor(payload));
}

/** The data items of a payload. */
export function readCbor(payload: Uint8Array): ValueNode[] {
  const reader = new FieldReader(payload);
  if (payload.length === 0) throw new Undecodable("empty");
  const values: ValueNode[] = [];
  while (reader.left > 0) values.push(readItem(reader, 0));
  return values;
}

function readItem(reader: FieldReader, depth: number): ValueNode {
  checkDepth(depth, reader.at);
  const head = readHead(reader);
  const { from, major, argument } = head;
  const done = (text: string) => scalar(text, from, reader.at);
  switch (major) {
    case 0:
      return done(String(argument));
    case 1:
      return done(String(-1n - argument));
    case 2:
    case 3:
      return done(stringText(reader, head));
    case 4:
    case 5:
      return container(reader, head, depth);
    case 6:
      return tagged(reader, head, depth);
    default:
      return done(simpleText(head));
  }
}

function readHead(reader: FieldReader): Head {
  const from = reader.at;
  const first = reader.number(1, "data item");
  const major = first >> 5;
  const info = first & 31;
  // Only strings, arrays and maps may have no length (section 3.2); a break stands for itself nowhere.
  const hasNoLength = info === INDEFINITE && major >= 2 && major <= 5;
  if (info >= 28 && !hasNoLength) throw new Undecodable("noMeaning", from, hexNumber(2)(first));
  const size = info >= 24 && info < INDEFINITE ? 1 << (info - 24) : 0;
  const bytes = reader.take(size, "data item", from);
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  return { from, major, info, argument: size === 0 ? BigInt(info) : bigNumber(view, size) };
}

function stringText(reader: FieldReader, head: Head): string {
  if (head.info !== INDEFINITE) {
    return string(head.major, reader.take(Number(head.argument), "string", head.from));
  }
  const chunks: string[] = [];
  while (!isBreak(reader, head)) {
    const chunk = readHead(reader);
    if (chunk.major !== head.major || chunk.info === INDEFINITE) {
      throw new Undecodable("noMeaning", chunk.from, hexNumber(2)(reader.bytes[chunk.from] ?? 0));
    }
    const bytes = reader.take(Number(chunk.argument), "string", chunk.from);
    chunks.push(string(head.major, bytes));
  }
  return `(_ ${chunks.join(", ")})`;
}

function string(major: number, bytes: Uint8Array): string {
  if (major === 2) return `h'${hexText(bytes)}'`;
  return `"${printableBytes(bytes, { limit: VALUE_LIMIT })}"`;
}

function container(reader: FieldReader, head: Head, depth: number): ValueNode {
  const brackets = head.major === 5 ? "{}" : "[]";
  const entries: ValueEntry[] = [];
  // An entry takes a byte at least: a length that lies ends with the payload.
  while (head.info === INDEFINITE ? !isBreak(reader, head) : entries.length < head.argument) {
    const from = reader.at;
    const name = brackets === "{}" ? keyText(readItem(reader, depth + 1)) : `[${entries.length}]`;
    entries.push({ name, from, value: readItem(reader, depth + 1) });
  }
  return { text: "", from: head.from, to: reader.at, brackets, entries };
}

/** Whether what has no length ends here; the break is taken then. */
function isBreak(reader: FieldReader, { from }: Head): boolean {
  if (reader.left === 0) throw new Undecodable("endsWithin", "data item", from);
  if (reader.bytes[reader.at] !== BREAK) return false;
  reader.at++;
  return true;
}

/** A tag and what it is about; a time (section 3.4.2) is told as one. */
function tagged(reader: FieldReader, { from, argument }: Head, depth: number): ValueNode {
  const value = readItem(reader, depth + 1);
  const seconds = argument === 1n && /^-?\d+$/.test(value.text) ? BigInt(value.text) : undefined;
  const entries = [{ name: "content", from: value.from, value }];
  const tag = { text: String(argument), from, to: reader.at, brackets: "()", entries } as const;
  return seconds === undefined ? tag : { ...tag, note: timeText(seconds, 0) };
}

function simpleText({ from, info, argument }: Head): string {
  if (info === 25) return floatText(halfFloat(Number(argument)));
  if (info === 26 || info === 27) {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, argument);
    return info === 26 ? singleText(view.getFloat32(4)) : floatText(view.getFloat64(0));
  }
  // What fits into the first byte must not take two (section 3.3).
  if (info === 24 && argument < 32n) throw new Undecodable("noMeaning", from + 1, String(argument));
  return SIMPLE[Number(argument)] ?? `simple(${argument})`;
}

/** Half precision (RFC 8949 appendix D). */
function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (mantissa + 1024) * 2 ** (exponent - 25);
}

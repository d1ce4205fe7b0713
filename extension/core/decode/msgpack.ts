import { printableBytes } from "../text/printable.ts";
import type { Decoded } from "./decoded.ts";
import { FieldReader, hexNumber, hexText, VALUE_LIMIT } from "./field_reader.ts";
import { Undecodable } from "./problem.ts";
import { timeText } from "./time_text.ts";
import { checkDepth, keyText, scalar, type ValueEntry, type ValueNode } from "./value_tree.ts";
import { bigNumber, decodedValues, floatText, singleText } from "./values.ts";

const TIMESTAMP = -1;
const MOST_NANOSECONDS = 999_999_999;

/**
 * MessagePack (the specification at msgpack/msgpack, spec.md): one value, or one behind the other. No library tells
 * which bytes a value comes from, nor keeps 64-bit numbers, equal keys and strings that are no UTF-8 as they are.
 */
export function decodeMsgpack(payload: Uint8Array): Decoded {
  return decodedValues("MessagePack", readMsgpack(payload));
}

/** The values of a payload. */
export function readMsgpack(payload: Uint8Array): ValueNode[] {
  const reader = new FieldReader(payload);
  if (payload.length === 0) throw new Undecodable("empty");
  const values: ValueNode[] = [];
  while (reader.left > 0) values.push(readValue(reader, 0));
  return values;
}

function readValue(reader: FieldReader, depth: number): ValueNode {
  const from = reader.at;
  checkDepth(depth, from);
  const format = reader.number(1, "value");
  const done = (text: string) => scalar(text, from, reader.at);
  const length = () => readLength(reader, format, from);
  if (format <= 0x7f) return done(String(format));
  if (format >= 0xe0) return done(String(format - 0x100));
  if (format <= 0x8f || format === 0xde || format === 0xdf) {
    return container(reader, "{}", length(), from, depth);
  }
  if (format <= 0x9f || format === 0xdc || format === 0xdd) {
    return container(reader, "[]", length(), from, depth);
  }
  if (format <= 0xbf || (format >= 0xd9 && format <= 0xdb)) {
    return done(
      `"${printableBytes(reader.take(length(), "string", from), { limit: VALUE_LIMIT })}"`,
    );
  }
  if (format <= 0xc6 && format >= 0xc4) {
    return done(`h'${hexText(reader.take(length(), "binary", from))}'`);
  }
  if (format === 0xc0) return done("null");
  if (format === 0xc2 || format === 0xc3) return done(String(format === 0xc3));
  if ((format >= 0xc7 && format <= 0xc9) || (format >= 0xd4 && format <= 0xd8)) {
    const size = length();
    return done(extensionText(reader, size, from));
  }
  if (format === 0xc1) throw new Undecodable("noMeaning", from, hexNumber(2)(format));
  return done(numberText(reader, format, from));
}

/** Bytes or entries of what has this format: in the format itself, or behind it in 1, 2 or 4 bytes. */
function readLength(reader: FieldReader, format: number, from: number): number {
  if (format <= 0x9f) return format & 15;
  if (format <= 0xbf) return format & 31;
  if (format >= 0xd4 && format <= 0xd8) return 1 << (format - 0xd4);
  const size = LENGTH_SIZES[format] ?? 1;
  return reader.number(size, "length", from);
}

/** Bytes of the length behind a format, where they are not one. */
const LENGTH_SIZES: Readonly<Record<number, 2 | 4>> = {
  ...{ 197: 2, 198: 4, 200: 2, 201: 4, 218: 2, 219: 4 },
  ...{ 220: 2, 221: 4, 222: 2, 223: 4 },
};

function container(
  reader: FieldReader,
  brackets: "{}" | "[]",
  length: number,
  from: number,
  depth: number,
): ValueNode {
  const entries: ValueEntry[] = [];
  // An entry takes a byte at least: a length that lies ends with the payload.
  for (let index = 0; index < length; index++) {
    const start = reader.at;
    const name = brackets === "{}" ? keyText(readValue(reader, depth + 1)) : `[${index}]`;
    entries.push({ name, from: start, value: readValue(reader, depth + 1) });
  }
  return { text: "", from, to: reader.at, brackets, entries };
}

function numberText(reader: FieldReader, format: number, from: number): string {
  const at = reader.at;
  const size = format <= 0xcb ? 4 << (format - 0xca) : 1 << ((format - 0xcc) & 3);
  reader.take(size, "number", from);
  const view = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + at, size);
  if (format === 0xca) return singleText(view.getFloat32(0));
  if (format === 0xcb) return floatText(view.getFloat64(0));
  const bits = size * 8;
  const value = bigNumber(view, size);
  return String(format >= 0xd0 ? BigInt.asIntN(bits, value) : value);
}

function extensionText(reader: FieldReader, size: number, from: number): string {
  const type = (reader.number(1, "extension", from) << 24) >> 24;
  const data = reader.take(size, "extension", from);
  return (type === TIMESTAMP && timestampText(data, from)) || `ext(${type}, h'${hexText(data)}')`;
}

/** The timestamp extension: 32, 64 or 96 bits; undefined where it is none. */
function timestampText(data: Uint8Array, from: number): string | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (data.length === 4) return timeText(BigInt(view.getUint32(0)), 0);
  if (data.length === 8) {
    const value = view.getBigUint64(0);
    return timeText(value & 0x3_ffff_ffffn, nanoseconds(Number(value >> 34n), from));
  }
  if (data.length !== 12) return undefined;
  return timeText(view.getBigInt64(4), nanoseconds(view.getUint32(0), from));
}

/** The specification allows no more than fit into a second. */
function nanoseconds(value: number, from: number): number {
  if (value <= MOST_NANOSECONDS) return value;
  throw new Undecodable("wrongValue", "nanoseconds", from, value, `0 - ${MOST_NANOSECONDS}`);
}

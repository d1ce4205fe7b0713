import { printableBytes } from "../text/printable.ts";
import { cut } from "./cut.ts";
import type { Decoded, DecodedField } from "./decoded.ts";
import { FieldReader, hexText, VALUE_LIMIT } from "./field_reader.ts";
import { Undecodable } from "./problem.ts";
import { checkDepth } from "./value_tree.ts";

/** Names of the wire types (protobuf.dev, "Encoding", section "Message Structure"). */
const WIRE_TYPES = ["VARINT", "I64", "LEN", "SGROUP", "EGROUP", "I32"] as const;
const MOST_NUMBER = 2 ** 29 - 1;
/** Messages within messages that are looked for: what is deeper stays bytes. */
const DEEPEST_GUESS = 16;

/** A field of a message of which nobody has said what it is. */
export interface WireField extends DecodedField {
  readonly number: number;
  readonly fields: readonly WireField[];
}

/**
 * A message of Protocol Buffers without its definition: fields by number and wire type. Whether what has a length is a text, a
 * message or bytes the wire does not tell: what can be read as one is shown as that, in this order. So all of it is a guess, and
 * the summary says so.
 */
export function decodeProtobuf(payload: Uint8Array): Decoded {
  const fields = readProtobuf(payload);
  const parts = fields.map(({ name, value }) =>
    value === "" ? name : `${name} ${cut(value, 60)}`,
  );
  return { protocol: "Protobuf", summary: `Protobuf? ${parts.join(", ")}`, fields };
}

/** @throws {Undecodable} Where it is none. */
export function readProtobuf(payload: Uint8Array): readonly WireField[] {
  if (payload.length === 0) throw new Undecodable("empty");
  const reader = new FieldReader(payload);
  readMessage(reader, reader.fields as WireField[], 0, undefined);
  return reader.fields as WireField[];
}

/** @param group the number of the group that ends it */
function readMessage(
  reader: FieldReader,
  fields: WireField[],
  depth: number,
  group: number | undefined,
): void {
  checkDepth(depth, reader.at);
  while (reader.left > 0) {
    const from = reader.at;
    const tag = readVarint(reader, "tag");
    const number = Number(tag >> 3n);
    const wireType = WIRE_TYPES[Number(tag & 7n)];
    if (!wireType || number < 1 || number > MOST_NUMBER) {
      throw new Undecodable("noMeaning", from, reader.bytes[from] ?? 0);
    }
    if (wireType === "EGROUP") {
      if (number === group) return;
      throw new Undecodable("noMeaning", from, reader.bytes[from] ?? 0);
    }
    const name = `#${number} ${wireType}`;
    const inner: WireField[] = [];
    const value = readValue(reader, name, wireType, number, inner, depth);
    fields.push({ name, value, from, to: reader.at, fields: inner, number });
  }
  if (group !== undefined) throw new Undecodable("endsWithin", `#${group} SGROUP`, reader.at);
}

function readValue(
  reader: FieldReader,
  name: string,
  wireType: (typeof WIRE_TYPES)[number],
  number: number,
  inner: WireField[],
  depth: number,
): string {
  switch (wireType) {
    case "VARINT":
      return String(readVarint(reader, name));
    case "I32": {
      const bytes = reader.take(4, name);
      const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
      return withFloat(view.getUint32(0, true), view.getFloat32(0, true), 7);
    }
    case "I64": {
      const bytes = reader.take(8, name);
      const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
      return withFloat(view.getBigUint64(0, true), view.getFloat64(0, true), 15);
    }
    case "SGROUP":
      readMessage(reader, inner, depth + 1, number);
      return "";
    default: {
      const length = readVarint(reader, name);
      const bytes = reader.take(Number(length), name);
      return lengthDelimited(reader, bytes, inner, depth);
    }
  }
}

/** As a number, and as what it would be as a floating-point number where that is one that people use. */
function withFloat(number: number | bigint, float: number, digits: number): string {
  const size = Math.abs(float);
  const isUsual = float === 0 || (size >= 1e-6 && size < 1e12);
  return isUsual && number !== 0 && number !== 0n
    ? `${number}, float ${Number(float.toPrecision(digits))}`
    : String(number);
}

function lengthDelimited(
  reader: FieldReader,
  bytes: Uint8Array,
  inner: WireField[],
  depth: number,
): string {
  if (bytes.length === 0) return '""';
  if (isText(bytes)) return `"${printableBytes(bytes, { limit: VALUE_LIMIT })}"`;
  if (depth < DEEPEST_GUESS) {
    const end = reader.at;
    try {
      readMessage(
        new FieldReader(reader.bytes, end - bytes.length, end),
        inner,
        depth + 1,
        undefined,
      );
      return "";
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error;
      inner.length = 0;
    }
  }
  return hexText(bytes);
}

/** UTF-8 without control characters but white space. */
function isText(bytes: Uint8Array): boolean {
  return !/[^\P{Cc}\t\n\r]|\ufffd/u.test(new TextDecoder().decode(bytes));
}

function readVarint(reader: FieldReader, name: string): bigint {
  const from = reader.at;
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.number(1, name, from);
    if (shift > 63n) throw new Undecodable("noMeaning", reader.at - 1, byte);
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asUintN(64, value);
  }
}

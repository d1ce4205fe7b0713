import type { DecodedField } from "../decode/decoded.ts";
import { ByteWriter } from "../payload/byte_writer.ts";
import { type Encoded, encoded, type Hole, templateOf, Unwritable } from "../payload/encoded.ts";
import { readComputed } from "../payload/template.ts";
import { parseFields, type WrittenFields, type WrittenValue } from "../payload/written_fields.ts";
import {
  quotedBytes,
  shown,
  writtenBytes,
  writtenFlag,
  writtenInteger,
  writtenNumber,
} from "../payload/written_value.ts";
import { decodeMessage, type Framing, wantedType } from "./decode.ts";
import type { Enum, Field, Message, Schema } from "./schema.ts";

const DEEPEST = 64;

/** Bytes of a message while it is written, and those of them that are computed when it is sent. */
interface Output {
  readonly writer: ByteWriter;
  readonly holes: Hole[];
}

/**
 * The bytes of a message that is written as its fields, in the order in which they are written (protobuf.dev, "Encoding").
 * Never throws.
 */
export function encodeMessage(
  message: Message,
  written: WrittenFields,
  { skip = 0, delimited = false }: Framing = {},
): Encoded {
  return encoded(() => {
    const output: Output = { writer: new ByteWriter(), holes: [] };
    const name = shortName(message);
    const { fields } = written;
    const rest = skip === 0 ? fields : fields.filter((one) => one.name !== "header");
    if (skip > 0) {
      const header = fields.find((one) => one.name === "header")?.value;
      const bytes = header ? writtenBytes(header, "header") : new Uint8Array();
      if (bytes.length !== skip) throw new Unwritable("wrongSize", "header", bytes.length, skip);
      output.writer.write(bytes);
    }
    if (!delimited) writeFields(message, rest, "", output, 0);
    else {
      const [one, other] = rest;
      const wrong = one?.name === name ? other : one;
      if (wrong) throw new Unwritable("noField", wrong.name, name, name);
      for (const [index, value] of itemsOf(one?.value, name).entries()) {
        writeInner(message, value, `${name}[${index}]`, output, 0);
      }
    }
    return { template: templateOf(output.writer.bytes, output.holes), derived: [] };
  });
}

/** A payload as it is written; undefined where what is written would not be the same bytes. */
export function writtenMessage(
  types: Schema["byName"],
  message: Message,
  payload: Uint8Array,
  framing: Framing = {},
): string | undefined {
  const { fields, misfit } = decodeMessage(types, message, payload, framing);
  if (misfit) return undefined;
  const name = shortName(message);
  const header = framing.skip ? fields.slice(0, 1) : [];
  const rest = fields.slice(header.length);
  const texts = [
    ...header.map(({ value }) => `header: hex ${value}`),
    ...(framing.delimited
      ? rest.map(
          (list) =>
            `${name}: [${list.fields.map((one) => messageText(message, one.fields)).join(", ")}]`,
        )
      : fieldTexts(message, rest)),
  ];
  const text = `${name} { ${texts.join(", ")} }`;
  const { template } = {
    template: undefined,
    ...encoded(() => encodeMessage(message, parseFields(text), framing)),
  };
  const random = (count: number) => new Uint8Array(count);
  const bytes = template?.fill({ sequence: 1n, now: 0n, random });
  const isSame =
    bytes?.length === payload.length && bytes.every((byte, at) => byte === payload[at]);
  return isSame ? text : undefined;
}

function messageText(message: Message, fields: readonly DecodedField[]): string {
  return `{ ${fieldTexts(message, fields).join(", ")} }`;
}

function fieldTexts(message: Message, fields: readonly DecodedField[]): string[] {
  const byName = new Map([...message.fields.values()].map((field) => [field.name, field]));
  return fields.map((one) => {
    const field = byName.get(one.name);
    if (!field) return `${one.name}: ?`;
    const items = one.fields.map((item) => valueText(field, item)).join(", ");
    return `${one.name}: ${field.isRepeated ? `[${items}]` : valueText(field, one)}`;
  });
}

function valueText({ type, resolved }: Field, { value, fields }: DecodedField): string {
  if (resolved?.kind === "message") return messageText(resolved, fields);
  if (type === "string") return `"${value.slice(1, -1).replaceAll('"', '\\"')}"`;
  if (type === "bytes") return `hex ${value}`;
  return value.replace(/ \(-?\d+\)$/, "");
}

function shortName({ fullName }: Message): string {
  return fullName.split(".").at(-1) ?? "";
}

function itemsOf(value: WrittenValue | undefined, path: string): readonly WrittenValue[] {
  if (!value) return [];
  if (value.kind !== "list") throw new Unwritable("wantsList", path, shown(value));
  return value.items;
}

function writeFields(
  message: Message,
  fields: WrittenFields["fields"],
  path: string,
  output: Output,
  depth: number,
): void {
  if (depth > DEEPEST) throw new Unwritable("nestedTooDeep", DEEPEST);
  const byName = new Map([...message.fields.values()].map((field) => [field.name, field]));
  for (const { name, value } of fields) {
    const field = byName.get(name);
    const at = path === "" ? name : `${path}.${name}`;
    if (!field) {
      const names = [...byName.keys()].slice(0, 30).join(", ");
      throw new Unwritable("noField", name, shortName(message), names);
    }
    if (!field.isRepeated) {
      writeOne(field, value, at, output, depth);
      continue;
    }
    const items = itemsOf(value, at);
    const type = wantedType(field);
    if (field.isPacked && type !== 2 && type !== 3) {
      if (items.length > 0) writePacked(field, items, at, output);
    } else {
      for (const [index, item] of items.entries()) {
        writeOne(field, item, `${at}[${index}]`, output, depth);
      }
    }
  }
}

function writeOne(
  field: Field,
  value: WrittenValue,
  path: string,
  output: Output,
  depth: number,
): void {
  const { number, resolved, type } = field;
  const { writer } = output;
  const wire = wantedType(field);
  writeVarint(writer, BigInt(number * 8 + wire));
  if (resolved?.kind === "message") {
    if (wire === 2) writeInner(resolved, value, path, output, depth + 1);
    else {
      writeFields(resolved, fieldsOf(value, resolved, path), path, output, depth + 1);
      writeVarint(writer, BigInt(number * 8 + 4));
    }
  } else if (type === "string" || type === "bytes") {
    if (type === "bytes" && value.kind === "computed") {
      const computed = readComputed(value.text);
      if ("code" in computed) throw new Unwritable(computed.code, ...computed.arguments);
      writeVarint(writer, BigInt(computed.length));
      output.holes.push({ at: writer.reserve(computed.length), computed });
      return;
    }
    if (type === "string" && value.kind !== "quoted") {
      throw new Unwritable("wantsText", path, shown(value));
    }
    const bytes = value.kind === "quoted" ? quotedBytes(value.text) : writtenBytes(value, path);
    writeVarint(writer, BigInt(bytes.length));
    writer.write(bytes);
  } else writeNumber(field, value, path, output);
}

function fieldsOf(value: WrittenValue, message: Message, path: string): WrittenFields["fields"] {
  if (value.kind !== "fields") throw new Unwritable("wantsFields", path, shown(value));
  const name = shortName(message);
  if (value.name !== undefined && value.name !== name && value.name !== message.fullName) {
    throw new Unwritable("notThisType", path, name, value.name);
  }
  return value.fields;
}

/** A message behind its length. */
function writeInner(
  message: Message,
  value: WrittenValue,
  path: string,
  { writer, holes }: Output,
  depth: number,
): void {
  const inner: Output = { writer: new ByteWriter(), holes: [] };
  writeFields(message, fieldsOf(value, message, path), path, inner, depth);
  writeVarint(writer, BigInt(inner.writer.length));
  const at = writer.length;
  writer.write(inner.writer.bytes);
  for (const hole of inner.holes) holes.push({ at: at + hole.at, computed: hole.computed });
}

function writePacked(
  field: Field,
  items: readonly WrittenValue[],
  path: string,
  { writer, holes }: Output,
): void {
  const inner: Output = { writer: new ByteWriter(), holes: [] };
  for (const [index, item] of items.entries()) writeNumber(field, item, `${path}[${index}]`, inner);
  writeVarint(writer, BigInt(field.number * 8 + 2));
  writeVarint(writer, BigInt(inner.writer.length));
  const at = writer.length;
  writer.write(inner.writer.bytes);
  for (const hole of inner.holes) holes.push({ at: at + hole.at, computed: hole.computed });
}

function writeNumber(field: Field, value: WrittenValue, path: string, output: Output): void {
  const { type, resolved } = field;
  const { writer, holes } = output;
  const wire = wantedType(field);
  if (wire === 0) {
    writeVarint(
      writer,
      varintOf(type, resolved?.kind === "enum" ? resolved : undefined, value, path),
    );
    return;
  }
  const size = wire === 1 ? 8 : 4;
  if (value.kind === "computed" && type !== "double" && type !== "float") {
    const computed = readComputed(value.text, `u${8 * size}le`);
    if ("code" in computed) throw new Unwritable(computed.code, ...computed.arguments);
    if (computed.length !== size) {
      throw new Unwritable("computedSize", path, value.text, computed.length, size);
    }
    holes.push({ at: writer.reserve(size), computed });
    return;
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (type === "double") view.setFloat64(0, writtenNumber(value, path), true);
  else if (type === "float") view.setFloat32(0, writtenNumber(value, path), true);
  else {
    const number = inRange(writtenInteger(value, path), 8 * size, type.startsWith("s"), path);
    view.setUint32(0, Number(number & 0xffff_ffffn), true);
    if (size === 8) view.setUint32(4, Number((number >> 32n) & 0xffff_ffffn), true);
  }
  writer.write(bytes);
}

/** The number that stands on the wire, of 64 bits. */
function varintOf(
  type: string,
  members: Enum | undefined,
  value: WrittenValue,
  path: string,
): bigint {
  if (type === "bool") return writtenFlag(value, path) ? 1n : 0n;
  if (members) {
    const byName = new Map([...members.names].map(([number, name]) => [name, number]));
    const number = inRange(writtenInteger(value, path, byName), 32, true, path);
    return BigInt.asUintN(64, number);
  }
  const bits = type.endsWith("32") ? 32 : 64;
  const number = inRange(writtenInteger(value, path), bits, !type.startsWith("u"), path);
  if (!type.startsWith("sint")) return BigInt.asUintN(64, number);
  return BigInt.asUintN(64, number < 0n ? -2n * number - 1n : 2n * number);
}

function inRange(number: bigint, bits: number, isSigned: boolean, path: string): bigint {
  const most = 2n ** BigInt(isSigned ? bits - 1 : bits) - 1n;
  const least = isSigned ? -most - 1n : 0n;
  if (number >= least && number <= most) return number;
  throw new Unwritable("outOfRange", path, number, least, most);
}

function writeVarint(writer: ByteWriter, value: bigint): void {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) {
      bytes.push(Number(rest));
      break;
    }
    bytes.push(Number(rest & 127n) | 128);
  }
  writer.write(Uint8Array.from(bytes));
}

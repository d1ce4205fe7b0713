import { cut } from "../decode/cut.ts";
import type { DecodedField } from "../decode/decoded.ts";
import { MOST_FIELDS } from "../decode/prune.ts";
import { formatHex } from "../text/hex.ts";
import { printable } from "../text/printable.ts";
import type { WireProblemCode } from "./problem.ts";
import type { Field, Message, Schema } from "./schema.ts";

const DEEPEST = 32;
const SUMMARY_LIMIT = 300;
const TEXT_LIMIT = 1000;
const BYTES_LIMIT = 256;

/** What a payload says by a `.proto`. */
export interface DecodedMessage {
  /** The name of the message, without its package. */
  readonly protocol: string;
  /** One line, printable: the first values. */
  readonly summary: string;
  /** Those that are there, or as many as could be read; at most 5,000. What is repeated is one field with its elements. */
  readonly fields: readonly DecodedField[];
  /** Undefined where the payload is a message. */
  readonly misfit: WireMisfit | undefined;
}

/** Why a payload is no message. */
export interface WireMisfit {
  readonly code: WireProblemCode;
  /** For the placeholders of `WIRE_PROBLEMS[code]`; printable. */
  readonly arguments: readonly string[];
}

export interface Framing {
  /** Bytes of a header before the message. */
  readonly skip?: number;
  /** Messages, each behind its length as a varint. */
  readonly delimited?: boolean;
}

/**
 * Reads a payload as a message. Never throws, whatever the bytes; bounded in depth and output, linear in its bytes.
 *
 * @param types what an `Any` may hold, by full name
 */
export function decodeMessage(
  types: Schema["byName"],
  message: Message,
  payload: Uint8Array,
  { skip = 0, delimited = false }: Framing = {},
): DecodedMessage {
  const walk = new Walk(types, payload);
  const fields: DecodedField[] = [];
  const misfit = walk.attempt(() => {
    if (skip > payload.length) throw new Misfit("headerEnds", skip, payload.length);
    if (skip > 0) fields.push(bytesField("header", payload, 0, skip));
    if (delimited) walk.readStream(message, skip, fields);
    else walk.readFields(message, skip, payload.length, 0, fields);
  });
  const grouped = groupRepeated(fields);
  const protocol = message.fullName.split(".").at(-1) ?? "";
  return { protocol, summary: summaryOf(grouped), fields: grouped, misfit };
}

/** A field on its way, with what says whether there are more of it. */
interface WireField extends DecodedField {
  readonly isRepeated?: boolean;
}

class Misfit extends Error {
  readonly code: WireProblemCode;
  readonly words: readonly string[];
  /** The message that it was found in, as far as it was read. */
  unfinished: WireField | undefined;

  constructor(code: WireProblemCode, ...words: readonly (string | number)[]) {
    super(code);
    this.code = code;
    this.words = words.map((word) => printable(String(word), { limit: SUMMARY_LIMIT }));
  }
}

/** One payload (protobuf.dev, "Encoding"). */
class Walk {
  readonly #types: Schema["byName"];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #room = MOST_FIELDS;

  constructor(types: Schema["byName"], bytes: Uint8Array) {
    this.#types = types;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  attempt(read: () => void): WireMisfit | undefined {
    try {
      read();
      return undefined;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      return { code: error.code, arguments: error.words };
    }
  }

  readStream(message: Message, from: number, to: WireField[]): void {
    this.#at = from;
    const name = message.fullName.split(".").at(-1) ?? "";
    while (this.#at < this.#bytes.length) {
      const start = this.#at;
      const length = Number(this.#varint(this.#bytes.length));
      const end = this.#endOf(length, name, this.#bytes.length);
      try {
        to.push(this.#message(name, message, start, end, 0, true));
      } catch (error) {
        if (error instanceof Misfit && error.unfinished) to.push(error.unfinished);
        throw error;
      }
    }
  }

  /** @param group the number of the field that is a group, which ends before the bytes do */
  readFields(
    message: Message | undefined,
    from: number,
    end: number,
    depth: number,
    to: WireField[],
    group?: { readonly number: number; readonly name: string },
  ): void {
    if (depth > DEEPEST) throw new Misfit("tooDeep", message?.fullName ?? "");
    this.#at = from;
    while (this.#at < end) {
      const start = this.#at;
      const tag = this.#varint(end);
      const number = Number(tag >> 3n);
      const wireType = Number(tag & 7n);
      if (number < 1 || number > 2 ** 29 - 1) throw new Misfit("badTag", start);
      if (wireType === 4) {
        if (group?.number === number) return;
        throw new Misfit("groupNotOpen", start);
      }
      const field = message?.fields.get(number);
      try {
        const read = this.#readField(field, number, wireType, start, end, depth);
        if (this.#room-- > 0) for (const one of read) to.push(one);
      } catch (error) {
        if (error instanceof Misfit && error.unfinished) to.push(error.unfinished);
        throw error;
      }
    }
    if (group) throw new Misfit("groupEnds", group.name);
  }

  #readField(
    field: Field | undefined,
    number: number,
    wireType: number,
    start: number,
    end: number,
    depth: number,
  ): WireField[] {
    // What has another wire type than its field says is as unknown as what has no field.
    const known =
      field && (wireType === wantedType(field) || isPacked(field, wireType)) ? field : undefined;
    const name = known?.name ?? `#${number}`;
    const isRepeated = known?.isRepeated ?? false;
    switch (wireType) {
      case 0: {
        const value = this.#varint(end);
        const text = known ? varintText(known, value) : String(value);
        return [{ name, value: text, from: start, to: this.#at, fields: [], isRepeated }];
      }
      case 1:
      case 5: {
        const at = this.#at;
        this.#at = this.#endOf(wireType === 1 ? 8 : 4, name, end);
        const text = this.#fixedText(known?.type ?? (wireType === 1 ? "fixed64" : "fixed32"), at);
        return [{ name, value: text, from: start, to: this.#at, fields: [], isRepeated }];
      }
      case 2: {
        const length = Number(this.#varint(end));
        return [...this.#lengthDelimited(known, name, length, start, end, depth)];
      }
      case 3: {
        const inner: WireField[] = [];
        const message = known?.resolved?.kind === "message" ? known.resolved : undefined;
        this.readFields(message, this.#at, end, depth + 1, inner, { number, name });
        return [
          { name, value: "", from: start, to: this.#at, fields: groupRepeated(inner), isRepeated },
        ];
      }
      default:
        throw new Misfit("badWireType", start, wireType);
    }
  }

  #lengthDelimited(
    known: Field | undefined,
    name: string,
    length: number,
    start: number,
    end: number,
    depth: number,
  ): readonly WireField[] {
    const stop = this.#endOf(length, name, end);
    const from = this.#at;
    const isRepeated = known?.isRepeated ?? false;
    if (known?.resolved?.kind === "message") {
      return [this.#message(name, known.resolved, start, stop, depth + 1, isRepeated)];
    }
    if (known && isPacked(known, 2)) return this.#packed(known, start, stop);
    this.#at = stop;
    if (known?.type === "string") {
      const text = new TextDecoder().decode(this.#bytes.subarray(from, stop));
      const value = cut(`"${printable(text, { limit: TEXT_LIMIT })}"`, TEXT_LIMIT);
      return [{ name, value, from: start, to: stop, fields: [], isRepeated }];
    }
    return [{ ...bytesField(name, this.#bytes, from, stop), from: start, isRepeated }];
  }

  #message(
    name: string,
    message: Message,
    start: number,
    end: number,
    depth: number,
    isRepeated: boolean,
  ): WireField {
    const inner: WireField[] = [];
    try {
      this.readFields(message, this.#at, end, depth, inner);
    } catch (error) {
      if (error instanceof Misfit) {
        const fields = groupRepeated(inner);
        error.unfinished = { name, value: "", from: start, to: this.#at, fields, isRepeated };
      }
      throw error;
    }
    const fields = groupRepeated(inner);
    if (message.fullName === "google.protobuf.Any") this.#openAny(fields, depth);
    this.#at = end;
    return { name, value: "", from: start, to: end, fields, isRepeated };
  }

  /** What an `Any` holds, where the schema has its type. */
  #openAny(fields: DecodedField[], depth: number): void {
    const url = fields.find(({ name }) => name === "type_url")?.value ?? "";
    const type = this.#types.get(url.replace(/^"|"$/g, "").split("/").at(-1) ?? "");
    const index = fields.findIndex(({ name }) => name === "value");
    const value = fields[index];
    if (type?.kind !== "message" || !value) return;
    this.#at = value.from;
    this.#varint(value.to);
    this.#varint(value.to);
    const opened = this.attempt(() => {
      fields[index] = this.#message("value", type, value.from, value.to, depth + 1, false);
    });
    // What is none of that type stays bytes.
    if (opened) fields[index] = value;
  }

  /** Numbers one after the other; each has its own bytes. */
  #packed(field: Field, start: number, end: number): WireField[] {
    const found: WireField[] = [];
    const wireType = wantedType(field);
    for (let from = start; this.#at < end; from = this.#at) {
      const at = this.#at;
      let value: string;
      if (wireType === 0) value = varintText(field, this.#varint(end));
      else {
        this.#at = this.#endOf(wireType === 1 ? 8 : 4, field.name, end);
        value = this.#fixedText(field.type, at);
      }
      if (this.#room-- > 0) {
        found.push({ name: field.name, value, from, to: this.#at, fields: [], isRepeated: true });
      }
    }
    return found;
  }

  /** The place so many bytes on, which is within what is around it. */
  #endOf(length: number, name: string, end: number): number {
    if (length > end - this.#at) throw new Misfit("bytesLeft", end - this.#at, name, length);
    return this.#at + length;
  }

  #varint(end: number): bigint {
    const from = this.#at;
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (this.#at >= end) throw new Misfit("varintEnds", from);
      if (shift > 63n) throw new Misfit("varintTooLong", from);
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    return BigInt.asUintN(64, value);
  }

  #fixedText(type: string, at: number): string {
    switch (type) {
      case "double":
        return numberText(this.#view.getFloat64(at, true));
      case "float":
        return floatText(this.#view.getFloat32(at, true));
      case "sfixed32":
        return String(this.#view.getInt32(at, true));
      case "sfixed64":
        return String(this.#view.getBigInt64(at, true));
      case "fixed64":
        return String(this.#view.getBigUint64(at, true));
      default:
        return String(this.#view.getUint32(at, true));
    }
  }
}

/** The wire type of one value of a field. */
export function wantedType({ type, resolved, isDelimited }: Field): number {
  if (resolved?.kind === "message") return isDelimited ? 3 : 2;
  if (resolved?.kind === "enum") return 0;
  if (type === "string" || type === "bytes") return 2;
  if (/^(double|s?fixed64)$/.test(type)) return 1;
  return /^(float|s?fixed32)$/.test(type) ? 5 : 0;
}

/** Readers take a repeated number packed or not, whatever its declaration says. */
function isPacked(field: Field, wireType: number): boolean {
  const wanted = wantedType(field);
  return wireType === 2 && field.isRepeated && (wanted === 0 || wanted === 1 || wanted === 5);
}

function varintText({ type, resolved }: Field, value: bigint): string {
  if (resolved?.kind === "enum") {
    const number = Number(BigInt.asIntN(32, value));
    const name = resolved.names.get(number);
    return name === undefined ? String(number) : `${name} (${number})`;
  }
  switch (type) {
    case "bool":
      return String(value !== 0n);
    case "int32":
      return String(BigInt.asIntN(32, value));
    case "int64":
      return String(BigInt.asIntN(64, value));
    case "uint32":
      return String(BigInt.asUintN(32, value));
    case "sint32":
    case "sint64": {
      const bits = type === "sint32" ? BigInt.asUintN(32, value) : value;
      return String((bits >> 1n) ^ -(bits & 1n));
    }
    default:
      return String(value);
  }
}

/** The shortest number that is this one with 24 bits. */
function floatText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return numberText(Number(text));
  }
  return String(value);
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function bytesField(name: string, bytes: Uint8Array, from: number, to: number): DecodedField {
  const rest = to - from > BYTES_LIMIT ? ` … (${to - from} B)` : "";
  const value = formatHex(bytes.subarray(from, Math.min(to, from + BYTES_LIMIT))) + rest;
  return { name, value, from, to, fields: [] };
}

/** What is repeated becomes one field, where the first of it was. */
function groupRepeated(fields: readonly WireField[]): DecodedField[] {
  const lists = new Map<string, DecodedField[]>();
  const grouped: (DecodedField | { readonly list: string })[] = [];
  for (const { isRepeated, ...field } of fields) {
    if (!isRepeated) {
      grouped.push(field);
      continue;
    }
    let list = lists.get(field.name);
    if (!list) {
      list = [];
      lists.set(field.name, list);
      grouped.push({ list: field.name });
    }
    list.push({ ...field, name: `[${list.length}]` });
  }
  return grouped.map((one) => {
    if (!("list" in one)) return one;
    const items = lists.get(one.list) ?? [];
    const from = items[0]?.from ?? 0;
    const to = items.at(-1)?.to ?? from;
    return { name: one.list, value: `[${items.length}]`, from, to, fields: items };
  });
}

/** "temp 21.5, volt 3.29" */
function summaryOf(fields: readonly DecodedField[]): string {
  const parts: string[] = [];
  let length = 0;
  for (const { name, value } of fields) {
    if (length > SUMMARY_LIMIT) break;
    const part = value === "" ? name : `${name} ${cut(value, 60)}`;
    parts.push(part);
    length += part.length;
  }
  return cut(parts.join(", "), SUMMARY_LIMIT);
}

import { printable, printableBytes } from "../text/printable.ts";
import { cut } from "./cut.ts";
import type { Decoded, DecodedField } from "./decoded.ts";
import { FieldReader, hexText, VALUE_LIMIT } from "./field_reader.ts";
import { latin1 } from "./latin1.ts";
import { Undecodable } from "./problem.ts";
import { ntpTimeText } from "./time_text.ts";
import { checkDepth } from "./value_tree.ts";
import { floatText, singleText } from "./values.ts";

const BUNDLE = "#bundle";
/** A time tag that means "now". */
const IMMEDIATELY = 1n;

/** A message or bundle of Open Sound Control 1.0, with the types that its specification and 1.1 name as optional. */
export function decodeOsc(payload: Uint8Array): Decoded {
  const reader = new FieldReader(payload);
  const summary = readPacket(reader, 0);
  return { protocol: "OSC", summary, fields: reader.fields };
}

/** Reads a message or a bundle up to the end of the reader's part; returns its line. */
function readPacket(reader: FieldReader, depth: number): string {
  checkDepth(depth, reader.at);
  const from = reader.at;
  if (reader.left === 0) throw new Undecodable("endsWithin", "address", from);
  if (reader.bytes[from] === 0x23) return readBundle(reader, depth);
  if (reader.bytes[from] !== 0x2f) {
    const first = printableBytes(reader.bytes.subarray(from, from + 1));
    throw new Undecodable("wrongValue", "address", from, first, "/");
  }
  const address = readText(reader, "address");
  reader.add("address", address, from);
  // Very old senders leave the types out; then nobody knows where an argument ends.
  if (reader.left === 0) return address;
  const start = reader.at;
  const tags = readString(reader, "type tags");
  const text = printableBytes(tags, { limit: VALUE_LIMIT });
  const types = latin1(tags);
  if (!types.startsWith(",")) {
    throw new Undecodable("wrongValue", "type tags", start, cut(text, 20), ",");
  }
  reader.add("type tags", text, start);
  const texts = new OscArguments(reader, types, start).readAll();
  if (reader.left === 0) return [address, ...texts].join(" ");
  // Some senders put four bytes behind a blob that needs none.
  const rest = reader.take(Math.min(4, reader.left), "left over");
  checkPadding(rest, reader.at - rest.length);
  if (reader.left > 0 || rest.length < 4)
    throw new Undecodable("noMeaning", reader.at - rest.length, "00");
  reader.add("left over", hexText(rest), reader.at - 4);
  return [address, ...texts].join(" ");
}

function readBundle(reader: FieldReader, depth: number): string {
  const from = reader.at;
  const name = readText(reader, "bundle");
  if (name !== BUNDLE) throw new Undecodable("wrongValue", "bundle", from, cut(name, 20), BUNDLE);
  reader.add("bundle", name, from);
  const time = reader.at;
  reader.add("time", readTime(reader), time);
  const lines: string[] = [];
  while (reader.left > 0) {
    const start = reader.at;
    const element = reader.part(reader.number(4, "element"), "element");
    const line = readPacket(element, depth + 1);
    lines.push(line);
    reader.add("element", line, start, element.fields);
  }
  return `${BUNDLE} ${lines.join(", ")}`.trimEnd();
}

/** Reads the arguments that the type tags announce. */
class OscArguments {
  readonly #reader: FieldReader;
  readonly #types: string;
  readonly #typesAt: number;
  #next = 1;

  constructor(reader: FieldReader, types: string, typesAt: number) {
    this.#reader = reader;
    this.#types = types;
    this.#typesAt = typesAt;
  }

  readAll(): string[] {
    const { fields, texts } = this.#readUntil("", 0);
    this.#reader.fields.push(...fields);
    return texts;
  }

  /** Reads to the end of the type tags, or of an array. */
  #readUntil(end: "" | "]", depth: number): { fields: DecodedField[]; texts: string[] } {
    checkDepth(depth, this.#reader.at);
    const fields: DecodedField[] = [];
    const texts: string[] = [];
    for (;;) {
      const place = this.#typesAt + this.#next;
      const type = this.#types[this.#next++] ?? "";
      if (type === end) return { fields, texts };
      const from = this.#reader.at;
      let value: string;
      let inner: DecodedField[] = [];
      if (type === "[") {
        const array = this.#readUntil("]", depth + 1);
        inner = array.fields;
        value = `[${array.texts.join(" ")}]`;
      } else {
        value = readArgument(this.#reader, type, place);
      }
      texts.push(value);
      fields.push({
        name: type === "[" ? "[]" : type,
        value,
        from,
        to: this.#reader.at,
        fields: inner,
      });
    }
  }
}

/** Reads an argument of this type, whose tag is at byte `place`. */
function readArgument(reader: FieldReader, type: string, place: number): string {
  const number = (size: number) => {
    const bytes = reader.take(size, `argument ${type}`);
    return new DataView(bytes.buffer, bytes.byteOffset, size);
  };
  switch (type) {
    case "i":
      return String(number(4).getInt32(0));
    case "f":
      return singleText(number(4).getFloat32(0));
    case "h":
      return String(number(8).getBigInt64(0));
    case "d":
      return floatText(number(8).getFloat64(0));
    case "s":
    case "S":
      return `"${readText(reader, `argument ${type}`)}"`;
    case "b":
      return readBlob(reader);
    case "t":
      return readTime(reader);
    case "c":
      return `'${printableBytes(reader.take(4, "argument c").subarray(3))}'`;
    case "r":
      return `#${hexText(reader.take(4, "argument r"))}`;
    case "m":
      return hexText(reader.take(4, "argument m"));
    case "T":
      return "true";
    case "F":
      return "false";
    case "N":
      return "nil";
    case "I":
      return "infinitum";
    default:
      throw new Undecodable("noMeaning", place, printable(type || "\0"));
  }
}

/** Text, a NUL, and more of them up to a multiple of four bytes. */
function readString(reader: FieldReader, name: string): Uint8Array {
  const from = reader.at;
  const end = reader.bytes.subarray(from, reader.end).indexOf(0);
  if (end < 0) throw new Undecodable("endsWithin", name, from);
  const bytes = reader.take(end, name, from);
  checkPadding(reader.take(4 - (end % 4), name, from), from + end);
  return bytes;
}

function readText(reader: FieldReader, name: string): string {
  return printableBytes(readString(reader, name), { limit: VALUE_LIMIT });
}

function readBlob(reader: FieldReader): string {
  const from = reader.at;
  const length = reader.number(4, "argument b");
  const bytes = reader.take(length, "argument b", from);
  // Whatever fills it up: SuperCollider leaves there what was in its memory.
  reader.take((4 - (length % 4)) % 4, "argument b", from);
  return hexText(bytes);
}

function checkPadding(bytes: Uint8Array, at: number): void {
  const wrong = bytes.findIndex((byte) => byte !== 0);
  if (wrong >= 0)
    throw new Undecodable("noMeaning", at + wrong, hexText(bytes.subarray(wrong, wrong + 1)));
}

function readTime(reader: FieldReader): string {
  const bytes = reader.take(8, "time");
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  if (view.getBigUint64(0) === IMMEDIATELY) return "immediately";
  return ntpTimeText(view.getUint32(0), view.getUint32(4));
}

import { printableBytes } from "../text/printable.ts";
import { COAP_CODES, COAP_OPTIONS, CONTENT_FORMATS } from "./coap_registry.ts";
import type { Decoded } from "./decoded.ts";
import { byName, FieldReader, hexNumber, hexText } from "./field_reader.ts";
import { Undecodable } from "./problem.ts";

const TYPES = ["CON", "NON", "ACK", "RST"];
const PAYLOAD_MARKER = 0xff;
const URI_PATH = 11;
const URI_QUERY = 15;
const CONTENT_FORMAT = 12;
const ACCEPT = 17;
const BLOCKS = [23, 27];

/** A message of the Constrained Application Protocol (RFC 7252 section 3). */
export function decodeCoap(payload: Uint8Array): Decoded {
  const reader = new FieldReader(payload);
  const first = reader.number(1, "version");
  const version = first >> 6;
  if (version !== 1) throw new Undecodable("wrongValue", "version", 0, version, 1);
  const type = TYPES[(first >> 4) & 3] ?? "";
  const tokenLength = first & 15;
  reader.fields.push(
    ...reader.bits(0, [
      ["version", "1"],
      ["type", type],
      ["token length", String(tokenLength)],
    ]),
  );
  if (tokenLength > 8) throw new Undecodable("wrongValue", "token length", 0, tokenLength, "0 - 8");
  const code = codeText(reader.uint(1, "code", codeText));
  reader.uint(2, "message ID", hexNumber(4));
  // Only an empty message has no code, and it has nothing else (section 4.1).
  if (code === "0.00" && payload.length > 4) {
    throw new Undecodable("wrongValue", "code", 1, code, "0.01 - 7.31");
  }
  if (tokenLength > 0) reader.hex(tokenLength, "token");
  const uri = readOptions(reader);
  readPayload(reader);
  return { protocol: "CoAP", summary: `${type} ${code} ${uri}`.trimEnd(), fields: reader.fields };
}

/** Reads up to the payload's marker; returns path and query. */
function readOptions(reader: FieldReader): string {
  const path: string[] = [];
  const query: string[] = [];
  let number = 0;
  while (reader.left > 0 && reader.bytes[reader.at] !== PAYLOAD_MARKER) {
    const from = reader.at;
    const head = reader.number(1, "option");
    number += extended(reader, head >> 4, from);
    const length = extended(reader, head & 15, from);
    const name = COAP_OPTIONS[number]?.name ?? `option ${number}`;
    const value = optionText(number, reader.take(length, name, from));
    reader.add(name, value, from);
    if (number === URI_PATH) path.push(`/${value}`);
    if (number === URI_QUERY) query.push(value);
  }
  return path.join("") + (query.length > 0 ? `?${query.join("&")}` : "");
}

/** 13 and 14 say that the number goes on in one or two bytes (section 3.1). */
function extended(reader: FieldReader, nibble: number, from: number): number {
  if (nibble === 15)
    throw new Undecodable("noMeaning", from, hexNumber(2)(reader.bytes[from] ?? 0));
  if (nibble < 13) return nibble;
  return nibble === 13
    ? reader.number(1, "option", from) + 13
    : reader.number(2, "option", from) + 269;
}

function optionText(number: number, bytes: Uint8Array): string {
  const kind = COAP_OPTIONS[number]?.kind;
  if (kind === "text") return printableBytes(bytes);
  if (kind !== "uint" || bytes.length > 4) return hexText(bytes);
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  if (number === CONTENT_FORMAT || number === ACCEPT) return byName(CONTENT_FORMATS)(value);
  if (!BLOCKS.includes(number)) return String(value);
  // Number, whether more follow, and size of a block (RFC 7959 section 2.2).
  return `${Math.floor(value / 16)}/${(value >> 3) & 1}/${2 ** ((value & 7) + 4)}`;
}

function readPayload(reader: FieldReader): void {
  if (reader.left === 0) return;
  const from = reader.at;
  reader.take(1, "payload");
  // A marker with nothing behind it is a format error (section 3).
  if (reader.left === 0) throw new Undecodable("endsWithin", "payload", from);
  reader.text(reader.left, "payload");
}

function codeText(code: number): string {
  const text = `${code >> 5}.${String(code & 31).padStart(2, "0")}`;
  return COAP_CODES[text] ? `${text} ${COAP_CODES[text]}` : text;
}

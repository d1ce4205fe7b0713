import { printableBytes } from "../text/printable.ts";
import { formatAddress } from "../wire/address.ts";
import type { Decoded } from "./decoded.ts";
import { byName, FieldReader, hexNumber, hexText } from "./field_reader.ts";
import { Undecodable } from "./problem.ts";
import { STUN_ATTRIBUTES, STUN_METHODS } from "./stun_registry.ts";

export const STUN_COOKIE = 0x2112a442;
const CLASSES = ["request", "indication", "success", "error"];
const HEADER_LENGTH = 20;
/** Binding and shared secret: request, response and error response (RFC 3489 section 11.1). */
const CLASSIC_TYPES = [0x0001, 0x0101, 0x0111, 0x0002, 0x0102, 0x0112];

/** A message of Session Traversal Utilities for NAT (RFC 8489 section 5), TURN (RFC 8656) and ICE (RFC 8445). */
export function decodeStun(payload: Uint8Array): Decoded {
  const reader = new FieldReader(payload);
  const type = reader.number(2, "type");
  if (type >= 0x4000 && type < 0x5000) return readChannelData(reader, type);
  if (type > 0x3fff) throw new Undecodable("wrongValue", "type", 0, hexNumber(4)(type), "< 0x4000");
  const kind = messageText(type);
  reader.add("type", `${kind} (${hexNumber(4)(type)})`, 0);
  const length = reader.uint(2, "length", (bytes) =>
    // Microsoft's are not, and are understood all the same.
    bytes % 4 === 0 ? `${bytes}` : `${bytes} (% 4 = ${bytes % 4})`,
  );
  readTransaction(reader, type, length);
  const start = reader.at;
  const isWhole = length <= reader.left;
  const attributes = reader.part(Math.min(length, reader.left), "attributes");
  const told: string[] = [];
  while (attributes.left >= 4) {
    readAttribute(attributes, told);
    reader.fields.push(...attributes.fields.splice(0));
  }
  if (!isWhole) throw new Undecodable("endsWithin", "attributes", start);
  if (attributes.left > 0) attributes.hex(attributes.left, "left over");
  reader.fields.push(...attributes.fields);
  if (reader.left > 0) reader.hex(reader.left, "left over");
  const summary = [kind, ...told].join(", ");
  return { protocol: "STUN", summary, fields: reader.fields };
}

/** The cookie, which RFC 3489 had not: there the transaction is longer, and what is no such message is told by its kind. */
function readTransaction(reader: FieldReader, type: number, length: number): void {
  const cookie = new FieldReader(reader.bytes, reader.at).number(4, "magic cookie");
  if (cookie === STUN_COOKIE) {
    reader.uint(4, "magic cookie", hexNumber(8));
    reader.hex(12, "transaction ID");
    return;
  }
  const isOld = CLASSIC_TYPES.includes(type) && length === reader.bytes.length - HEADER_LENGTH;
  if (!isOld) {
    const words = [4, hexNumber(8)(cookie), hexNumber(8)(STUN_COOKIE)];
    throw new Undecodable("wrongValue", "magic cookie", ...words);
  }
  reader.hex(16, "transaction ID");
}

/** Data of TURN that goes by a number instead of an address (RFC 8656 section 12.4). */
function readChannelData(reader: FieldReader, channel: number): Decoded {
  reader.add("channel number", hexNumber(4)(channel), 0);
  const length = reader.uint(2, "length");
  reader.hex(length, "data");
  if (reader.left > 0) reader.hex(reader.left, "left over");
  const summary = `ChannelData ${hexNumber(4)(channel)}, ${length} B`;
  return { protocol: "STUN", summary, fields: reader.fields };
}

/** Method and class are woven into each other (RFC 8489 figure 3). */
function messageText(type: number): string {
  const method = (type & 0x0f) | ((type & 0xe0) >> 1) | ((type & 0x3e00) >> 2);
  const kind = ((type & 0x100) >> 7) | ((type & 0x10) >> 4);
  return `${STUN_METHODS[method] ?? `method ${method}`} ${CLASSES[kind]}`;
}

function readAttribute(reader: FieldReader, told: string[]): void {
  const from = reader.at;
  const type = reader.number(2, "attribute");
  const { name = `attribute ${hexNumber(4)(type)}`, kind = "hex" } = STUN_ATTRIBUTES[type] ?? {};
  const value = reader.part(reader.number(2, name, from), name);
  const text = READERS[kind](value, name);
  // The last one of a message whose length is odd is not filled up.
  reader.take(Math.min((4 - (reader.at % 4)) % 4, reader.left), name, from);
  reader.add(name, text, from);
  if (kind === "xor address" || kind === "error" || name === "SOFTWARE") told.push(text);
}

const READERS = {
  hex: (value: FieldReader, name: string) => hexText(value.take(value.left, name)),
  text: (value: FieldReader, name: string) => printableBytes(value.take(value.left, name)),
  number: (value: FieldReader, name: string) =>
    value.left === 4 ? String(value.number(4, name)) : hexText(value.take(value.left, name)),
  types: (value: FieldReader, name: string) => {
    const texts: string[] = [];
    while (value.left > 0) {
      texts.push(byName(ATTRIBUTE_NAMES)(value.number(2, name)));
    }
    return texts.join(" ");
  },
  /** Class and number, then a reason (RFC 8489 section 14.8). */
  error: (value: FieldReader, name: string) => {
    const code = value.number(4, name);
    const reason = printableBytes(value.take(value.left, name));
    return `${((code >> 8) & 7) * 100 + (code & 0xff)} ${reason}`.trimEnd();
  },
  address: (value: FieldReader, name: string) => addressText(value, name, false),
  "xor address": (value: FieldReader, name: string) => addressText(value, name, true),
} as const;

const ATTRIBUTE_NAMES = Object.fromEntries(
  Object.entries(STUN_ATTRIBUTES).map(([type, { name }]) => [type, name]),
);

/** Family, port and address; XOR'ed with the cookie and the transaction (RFC 8489 section 14.2). */
function addressText(value: FieldReader, name: string, isXor: boolean): string {
  const from = value.at;
  const family = value.number(2, name) & 0xff;
  if (family !== 1 && family !== 2) {
    return `family ${family}: ${hexText(value.take(value.left, name, from))}`;
  }
  const port = value.number(2, name) ^ (isXor ? STUN_COOKIE >>> 16 : 0);
  const length = family === 1 ? 4 : 16;
  const mask = value.bytes.subarray(4, HEADER_LENGTH);
  const bytes = value.take(length, name).map((byte, at) => byte ^ (isXor ? (mask[at] ?? 0) : 0));
  const address = formatAddress(bytes, 0, length);
  return family === 2 ? `[${address}]:${port}` : `${address}:${port}`;
}

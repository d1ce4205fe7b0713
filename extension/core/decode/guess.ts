import { readCbor } from "./cbor.ts";
import { latin1 } from "./latin1.ts";
import { readMsgpack } from "./msgpack.ts";
import { readProtobuf, type WireField } from "./protobuf_wire.ts";
import type { ValueNode } from "./value_tree.ts";

/*
 * Whether the content alone is evidence of a protocol, once it can be decoded as that: what the decoder sees to by
 * itself is not asked here.
 */

/** True where a payload is text: UTF-8 without control characters but white space. MessagePack and CBOR are not. */
export function isPlainText(payload: Uint8Array): boolean {
  // What is no UTF-8 becomes U+FFFD: to have it thrown would cost many times as much.
  return !/[^\P{Cc}\t\n\r]|\ufffd/u.test(new TextDecoder().decode(payload));
}

/** True where the length that a STUN message tells is that of the payload: nothing follows (RFC 8489 section 5). */
export function speaksStun(payload: Uint8Array): boolean {
  return (((payload[2] ?? 0) << 8) | (payload[3] ?? 0)) === payload.length - 20;
}

/** True where JSON is an object or array: "true" and 42 are text to most. */
export function speaksJson(payload: Uint8Array): boolean {
  return /^(\xef\xbb\xbf)?[ \t\r\n\x1e]*[{[]/.test(latin1(payload));
}

/** True where OSC is a bundle, or a message that tells its types. */
export function speaksOsc(payload: Uint8Array): boolean {
  return /^(#bundle\0|\/[^\0]*\0{1,4},)/.test(latin1(payload));
}

/** True where MessagePack is one value that programs send: a map with words as its keys, or a list with words. */
export function speaksMsgpack(payload: Uint8Array): boolean {
  return !isPlainText(payload) && isTelling(readMsgpack(payload));
}

/** The same for CBOR; it may begin with a tag. */
export function speaksCbor(payload: Uint8Array): boolean {
  return !isPlainText(payload) && isTelling(readCbor(payload));
}

/**
 * True where bytes can be read as a message of Protocol Buffers as programs write them: several fields in the order of their
 * numbers, which are small, and a word among them.
 */
export function speaksProtobuf(payload: Uint8Array): boolean {
  if (isPlainText(payload)) return false;
  const fields = readProtobuf(payload);
  const isOrdered = fields.every(({ number }, at) => number >= (fields[at - 1]?.number ?? 1));
  return fields.length > 1 && isOrdered && (fields.at(-1)?.number ?? 0) <= 100 && saysWord(fields);
}

function saysWord(fields: readonly WireField[]): boolean {
  return fields.some(
    ({ value, fields: inner }) => /^"[\p{L}\d][^\\"\ufffd]{3,}"$/u.test(value) || saysWord(inner),
  );
}

/** Bytes that mean nothing hardly ever read as one value with such words in it. */
function isTelling(values: readonly ValueNode[]): boolean {
  return values.length === 1 && values.every(hasWords);
}

function hasWords({ brackets, entries }: ValueNode): boolean {
  if (brackets === "{}") return entries.length > 0 && entries.every(({ name }) => isWord(name));
  return entries.some(({ value }) =>
    value.brackets ? hasWords(value) : isWord(value.text) && value.text.length > 5,
  );
}

/** A quoted text with nothing in it that had to be escaped. */
function isWord(text: string): boolean {
  return /^"[^\\"]+"$/.test(text);
}

import { readCbor } from "./cbor.ts";
import { latin1 } from "./latin1.ts";
import { readMsgpack } from "./msgpack.ts";
import { STUN_COOKIE } from "./stun.ts";
import type { ValueNode } from "./value_tree.ts";

/** True where a payload is text: UTF-8 without control characters but white space. MessagePack and CBOR are not. */
export function isPlainText(payload: Uint8Array): boolean {
  // What is no UTF-8 becomes U+FFFD: to have it thrown would cost many times as much.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload);
  return !/[^\P{Cc}\t\n\r]|\ufffd/u.test(text);
}

/** True where a payload can be nothing but STUN: its cookie, its two zero bits, and its length (RFC 8489 section 5). */
export function speaksStun(payload: Uint8Array): boolean {
  if (payload.length < 20 || payload.length % 4 !== 0) return false;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return (
    view.getUint16(0) < 0x4000 &&
    view.getUint16(2) === payload.length - 20 &&
    view.getUint32(4) === STUN_COOKIE
  );
}

/** True where a payload is a JSON object or array, if it is JSON: "true" and 42 are text to most. */
export function speaksJson(payload: Uint8Array): boolean {
  return /^[ \t\r\n]*[{[]/.test(latin1(payload));
}

/** True where a payload begins with a priority, if it is syslog. */
export function speaksSyslog(payload: Uint8Array): boolean {
  return payload[0] === 0x3c && isPlainText(payload);
}

/** True where a payload has what stands between the parts of a metric, if it is StatsD. */
export function speaksStatsd(payload: Uint8Array): boolean {
  return payload.includes(0x3a) && payload.includes(0x7c) && isPlainText(payload);
}

/** True where a payload is a bundle, or a message that tells its types, if it is OSC. */
export function speaksOsc(payload: Uint8Array): boolean {
  return payload.length % 4 === 0 && /^(#bundle\0|\/[^\0]*\0{1,4},)/.test(latin1(payload));
}

/** True where a payload is one MessagePack value that programs send: a map with words as its keys, or a list with words. */
export function speaksMsgpack(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0;
  const isContainer = (first >= 0x80 && first <= 0x9f) || (first >= 0xdc && first <= 0xdf);
  return isContainer && !isPlainText(payload) && isTelling(readMsgpack(payload));
}

/** The same for CBOR; it may begin with a tag. */
export function speaksCbor(payload: Uint8Array): boolean {
  const major = (payload[0] ?? 0) >> 5;
  return major >= 4 && major <= 6 && !isPlainText(payload) && isTelling(readCbor(payload));
}

/** Bytes that mean nothing hardly ever read as one value with such words in it. */
function isTelling(values: readonly ValueNode[]): boolean {
  const [value] = values;
  return value !== undefined && values.length === 1 && hasWords(value);
}

function hasWords({ brackets, entries }: ValueNode): boolean {
  if (entries.length === 0) return false;
  if (brackets === "{}") return entries.every(({ name }) => isWord(name));
  return entries.some(({ value }) =>
    value.brackets ? hasWords(value) : isWord(value.text) && value.text.length > 5,
  );
}

/** A quoted text with nothing in it that had to be escaped. */
function isWord(text: string): boolean {
  return /^"[^\\"]+"$/.test(text);
}

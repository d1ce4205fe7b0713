/**
 * How a person writes down the bytes of a datagram, as `--format` of scripts/udp_client.ts has it:
 *
 * - text: UTF-8, as it stands;
 * - escape: the same with `\n`, `\r`, `\t`, `\\`, `\xNN` (a byte) and `\u{N...}` (a character); what
 *   {@link ./printable.ts} writes;
 * - hex: `41 6c`, `41:6C`, `0x41, 0x6c` or `416c`; one digit alone is a byte, too;
 * - base64: with or without padding, in either alphabet (RFC 4648).
 */
import { formatHex, parseHex } from "./hex.ts";
import { printableBytes } from "./printable.ts";

export const PAYLOAD_FORMATS = ["text", "escape", "hex", "base64"] as const;

export type PayloadFormat = (typeof PAYLOAD_FORMATS)[number];

/** Why a text is not what its format asks for, as English templates; `{0}` is the part that is wrong. */
export const PAYLOAD_PROBLEMS = {
  escape: "{0} is no escape: write \\n, \\r, \\t, \\\\, \\xNN or \\u{N}",
  hex: "{0} is no byte: write two hexadecimal digits for each",
  base64: "{0} is not in the alphabet of base64",
  base64End: "{0} is no end of base64: something is missing",
} as const;

export interface PayloadProblem {
  readonly code: keyof typeof PAYLOAD_PROBLEMS;
  readonly part: string;
}

export type ParsedPayload =
  | { readonly bytes: Uint8Array }
  | { readonly problem: PayloadProblem; readonly bytes?: never };

/** The bytes that a text stands for, exactly; or what is wrong with it. */
export function parsePayload(text: string, format: PayloadFormat): ParsedPayload {
  switch (format) {
    case "text":
      return { bytes: new TextEncoder().encode(text) };
    case "escape":
      return parseEscapes(text);
    case "hex":
      return parseHexText(text);
    case "base64":
      return parseBase64(text);
  }
}

/** A text that stands for exactly these bytes. */
export function formatPayload(bytes: Uint8Array, format: Exclude<PayloadFormat, "text">): string {
  if (format === "escape") return printableBytes(bytes);
  if (format === "base64") return formatBase64(bytes);
  return formatHex(bytes).replace(/..(?=.)/g, "$& ");
}

/** The format in which these bytes are the easiest to change. */
export function bestFormat(bytes: Uint8Array): "text" | "escape" | "hex" {
  const printable = printableBytes(bytes);
  // A backslash is the only thing that both take, but not for the same.
  if (printable.replaceAll("\\\\", "\\") === new TextDecoder().decode(bytes)) return "text";
  const escapes = printable.match(/\\x[89a-f]/g)?.length ?? 0;
  return escapes * 4 > bytes.length ? "hex" : "escape";
}

const ESCAPE = /\\(?:([nrt\\])|x([\da-fA-F]{2})|u\{([\da-fA-F]{1,6})\})/y;
const LETTERS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, "\\": 92 };

function parseEscapes(text: string): ParsedPayload {
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  for (let at = 0; ; ) {
    const next = text.indexOf("\\", at);
    const end = next < 0 ? text.length : next;
    parts.push(encoder.encode(text.slice(at, end)));
    if (next < 0) break;
    ESCAPE.lastIndex = next;
    const [whole = "", letter, byte, character] = ESCAPE.exec(text) ?? [];
    const code = Number.parseInt(character ?? "0", 16);
    const isSurrogate = code >= 0xd800 && code < 0xe000;
    if (whole === "" || isSurrogate || code > 0x10ffff) {
      return { problem: { code: "escape", part: whole || text.slice(next, next + 2) } };
    }
    if (letter) parts.push(Uint8Array.of(LETTERS[letter] ?? 0));
    else if (byte) parts.push(Uint8Array.of(Number.parseInt(byte, 16)));
    else parts.push(encoder.encode(String.fromCodePoint(code)));
    at = next + whole.length;
  }
  return { bytes: joined(parts) };
}

function parseHexText(text: string): ParsedPayload {
  const parts: Uint8Array[] = [];
  for (const written of text.split(/[\t\n\v\f\r :;,.-]+/)) {
    const group = written.replace(/^0x(?=.)/i, "");
    const bytes = parseHex(group.length === 1 ? `0${group}` : group);
    if (!bytes) return { problem: { code: "hex", part: written } };
    parts.push(bytes);
  }
  return { bytes: joined(parts) };
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function parseBase64(text: string): ParsedPayload {
  const digits = text
    .replace(/[\t\n\v\f\r ]/g, "")
    .replace(/={0,2}$/, "")
    .replaceAll("-", "+")
    .replaceAll("_", "/");
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const digit of digits) {
    const value = BASE64.indexOf(digit);
    if (value < 0) return { problem: { code: "base64", part: digit } };
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = bits >> count;
  }
  // One digit is no byte, and the bits behind the last byte are zero.
  if (digits.length % 4 === 1 || (bits & ((1 << count) - 1)) !== 0) {
    return { problem: { code: "base64End", part: digits.slice(-(digits.length % 4)) } };
  }
  return { bytes };
}

function formatBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const bits = (first << 16) | (second << 8) | third;
    const digit = (shift: number) => BASE64[(bits >> shift) & 63] ?? "";
    text += digit(18) + digit(12);
    text += at + 1 < bytes.length ? digit(6) : "=";
    text += at + 2 < bytes.length ? digit(0) : "=";
  }
  return text;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

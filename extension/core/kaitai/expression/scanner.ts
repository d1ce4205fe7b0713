import { Refusal } from "../problem.ts";

/** A part of an expression, with where it stands in it: UTF-16 units, `to` exclusive. */
export interface Token {
  readonly kind: "int" | "float" | "string" | "format" | "name" | "sign" | "end";
  /** As it is written; of a string, what it means. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Most parts of one expression. */
export const MOST_TOKENS = 2000;

/** In the order in which they are tried: longer ones first. */
const SIGN = /::|<<|>>|==|!=|<=|>=|[-+*/%&|^~<>?:.,()[\]]/y;
const SPACE = /(?:\s|\\\r?\n)+/y;
const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*/y;
// "24000." is a number, and "1.to_s" is a call.
const FRACTION = /\.\d[\d_]*(?:[eE][-+]?\d+)?|\.(?![A-Za-z_.\d])|[eE][-+]?\d+/y;

const ESCAPES = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["t", "\t"],
  ["n", "\n"],
  ["v", "\v"],
  ["f", "\f"],
  ["r", "\r"],
  ["e", "\x1b"],
  ['"', '"'],
  ["'", "'"],
  ["\\", "\\"],
]);

/** What other languages write, and what is meant. */
const OTHER_WORDS = new Map([
  ["&&", "and"],
  ["||", "or"],
  ["!", "not"],
]);

/**
 * The parts of an expression, the last one being its end.
 * @throws {Refusal} With the place of what is no part of one.
 */
export function scan(text: string, from = 0, end = text.length): Token[] {
  const tokens: Token[] = [];
  const match = (pattern: RegExp, at: number): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    return found === undefined || at + found.length > end ? undefined : found;
  };
  let at = from;
  const push = (kind: Token["kind"], written: number, meaning?: string): void => {
    if (tokens.length >= MOST_TOKENS) throw new Refusal("expressionTooLong", [MOST_TOKENS]);
    tokens.push({
      kind,
      text: meaning ?? text.slice(at, at + written),
      from: at,
      to: at + written,
    });
    at += written;
  };
  while (at < end) {
    const space = match(SPACE, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const character = text[at] ?? "";
    if (character === "'") {
      const close = text.indexOf("'", at + 1);
      if (close === -1 || close >= end) throw new Refusal("unclosed", ["'"], { from: at, to: end });
      push("string", close + 1 - at, text.slice(at + 1, close));
      continue;
    }
    if (character === '"' || (character === "f" && text[at + 1] === '"')) {
      const isFormat = character === "f";
      const close = closingQuote(text, at + (isFormat ? 2 : 1), end);
      if (close === -1) throw new Refusal("unclosed", ['"'], { from: at, to: end });
      const meaning = isFormat ? undefined : unescaped(text, at + 1, close);
      push(isFormat ? "format" : "string", close + 1 - at, meaning);
      continue;
    }
    const number = match(NUMBER, at);
    if (number !== undefined) {
      const fraction =
        /^\d/.test(number) && !/^0[a-z]/i.test(number) && match(FRACTION, at + number.length);
      push(fraction ? "float" : "int", number.length + (fraction ? fraction.length : 0));
      const stuck = match(NAME, at);
      if (stuck !== undefined) {
        const start = tokens.at(-1)?.from ?? at;
        const span = { from: start, to: at + stuck.length };
        throw new Refusal("badNumber", [text.slice(span.from, span.to)], span);
      }
      continue;
    }
    const name = match(NAME, at);
    if (name !== undefined) {
      push("name", name.length);
      continue;
    }
    for (const [word, meant] of OTHER_WORDS) {
      if (!text.startsWith(word, at) || (word === "!" && text[at + 1] === "=")) continue;
      throw new Refusal("useWord", [word, meant], { from: at, to: at + word.length });
    }
    const sign = match(SIGN, at);
    if (sign === undefined) {
      const stranger = String.fromCodePoint(text.codePointAt(at) ?? 0);
      throw new Refusal("unexpected", [stranger], { from: at, to: at + stranger.length });
    }
    push("sign", sign.length);
  }
  tokens.push({ kind: "end", text: "", from: end, to: end });
  return tokens;
}

function closingQuote(text: string, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

/** What the inner of a string in double quotes means. */
export function unescaped(text: string, from: number, end: number): string {
  let meaning = "";
  for (let at = from; at < end; ) {
    const character = text[at] ?? "";
    if (character !== "\\") {
      meaning += character;
      at++;
      continue;
    }
    const rest = text.slice(at + 1, Math.min(end, at + 6));
    const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
    const code = /^u[0-9a-fA-F]{4}/.exec(rest)?.[0];
    const simple = ESCAPES.get(rest[0] ?? "");
    if (octal !== undefined) meaning += String.fromCharCode(Number.parseInt(octal, 8));
    else if (code !== undefined) meaning += String.fromCharCode(Number.parseInt(code.slice(1), 16));
    else if (simple !== undefined) meaning += simple;
    else
      throw new Refusal("badEscape", [`\\${rest[0] ?? ""}`], {
        from: at,
        to: Math.min(at + 2, end),
      });
    at += 1 + (octal ?? code ?? " ").length;
  }
  return meaning;
}

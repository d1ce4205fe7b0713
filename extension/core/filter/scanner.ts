import { type Span, WrongFilter } from "./problem.ts";

/** A stretch of a filter's text with its characters. */
export interface Word extends Span {
  readonly text: string;
}

/** A value: a word as it stands there, or what was between quotes. */
export interface Literal extends Word {
  readonly isQuoted: boolean;
  /** UTF-8, but for what was written as `\xNN`. */
  readonly bytes: Uint8Array;
  /** False where `bytes` are not the UTF-8 of `text`. */
  readonly isText: boolean;
}

/** Where a free word ends, a qualifier's value, and a comparison's. */
const WORD_END = /[\s()"{}<>]|&&|\|\||[=!]=|$/g;
const VALUE_END = /[\s()"]|&&|\|\||$/g;
const OPERAND_END = /[\s()"{},]|&&|\|\||$/g;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a filter from left to right. */
export class FilterScanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  skipSpace(): void {
    this.take(/\s+/y);
  }

  /** True where `text` comes next; nothing is taken. */
  sees(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Takes what a sticky expression matches here. */
  take(pattern: RegExp): Word | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text)?.[0];
    if (match === undefined) return undefined;
    const start = this.at;
    this.at += match.length;
    return { text: match, start, end: this.at };
  }

  /** Takes a free word; empty where something else comes next. */
  word(): Word {
    return this.#until(WORD_END);
  }

  /** Takes the value of a qualifier; undefined where none comes next. */
  value(): Literal | undefined {
    return this.#literal(VALUE_END, false);
  }

  /** Takes one side of a comparison; undefined where none comes next. `isRegexp`: leaves it its own escapes. */
  operand(isRegexp: boolean): Literal | undefined {
    if (this.sees("'")) return this.#character();
    return this.#literal(OPERAND_END, isRegexp);
  }

  /** Takes a quoted text; the next character is its quote. */
  quoted(escapes: "text" | "regexp" | "raw" = "text"): Literal {
    const start = this.at;
    this.at++;
    const bytes: number[] = [];
    for (;;) {
      const piece = this.take(/[^"\\]+/y);
      if (piece) push(bytes, encoder.encode(piece.text));
      if (this.isAtEnd) throw new WrongFilter({ start, end: this.text.length }, "openQuote");
      if (this.sees('"')) break;
      push(bytes, escapes === "text" ? this.#escape() : encoder.encode(this.#keptEscape(escapes)));
    }
    this.at++;
    return literal(Uint8Array.from(bytes), { start, end: this.at });
  }

  #literal(end: RegExp, isRegexp: boolean): Literal | undefined {
    if (this.sees('"')) return this.quoted(isRegexp ? "regexp" : "text");
    if (isRegexp && this.take(/r(?=")/y)) return this.quoted("raw");
    const word = this.#until(end);
    if (word.text === "") return undefined;
    return { ...word, isQuoted: false, isText: true, bytes: encoder.encode(word.text) };
  }

  /** One byte between single quotes, as Wireshark has it: `'a'`, `'\''`, `'\x80'`. */
  #character(): Literal {
    const found = this.take(/'(?:[ -&(-[\]-~]|\\(?:['\\]|x[0-9a-fA-F]{2}))'/y);
    if (!found) throw new WrongFilter({ start: this.at, end: this.at + 1 }, "unexpected", "'");
    const inside = found.text.slice(1, -1);
    const byte = inside.startsWith("\\x")
      ? Number.parseInt(inside.slice(2), 16)
      : inside.charCodeAt(inside.length - 1);
    return literal(Uint8Array.of(byte), found);
  }

  /** As in Wireshark: `"\\.com"` and `r"\.com"` are the same expression. `"\.com"` is an error there, and plain here. */
  #keptEscape(escapes: "regexp" | "raw"): string {
    const kept = this.take(/\\.?/suy)?.text ?? "";
    return escapes === "regexp" && /^\\["\\]$/.test(kept) ? kept.slice(1) : kept;
  }

  /** The escapes of printable(), so that what was copied from a row finds that row. */
  #escape(): Uint8Array {
    const { at: start } = this;
    const found = this.take(/\\(?:[nrt"\\]|x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]{1,6}\})/y);
    const kind = found?.text[1];
    const code = Number.parseInt(found?.text.replace(/^\\(?:x|u\{)/, "") ?? "", 16);
    switch (kind) {
      case "n":
        return Uint8Array.of(0x0a);
      case "r":
        return Uint8Array.of(0x0d);
      case "t":
        return Uint8Array.of(0x09);
      case "x":
        return Uint8Array.of(code);
      case "u":
        if (code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) {
          return encoder.encode(String.fromCodePoint(code));
        }
        break;
      case undefined:
        this.take(/\\.?/suy);
        break;
      default:
        return encoder.encode(kind);
    }
    const span = { start, end: this.at };
    throw new WrongFilter(span, "badEscape", this.text.slice(start, this.at));
  }

  #until(end: RegExp): Word {
    end.lastIndex = this.at;
    const start = this.at;
    this.at = end.exec(this.text)?.index ?? this.text.length;
    return { text: this.text.slice(start, this.at), start, end: this.at };
  }
}

function literal(bytes: Uint8Array, span: Span): Literal {
  const base = { ...span, isQuoted: true, bytes };
  try {
    return { ...base, text: decoder.decode(bytes), isText: true };
  } catch {
    return { ...base, text: "", isText: false };
  }
}

function push(bytes: number[], more: Uint8Array): void {
  for (const byte of more) bytes.push(byte);
}

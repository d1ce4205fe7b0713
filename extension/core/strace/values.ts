/**
 * How strace writes the arguments of a system call (strace(1), with `-xx`, so that each byte of a text is `\xHH`):
 *
 *     3<UDP:[127.0.0.1:9999]>, "\x68\x69", 5, 0, {sa_family=AF_INET, sin_port=htons(5000), sin_addr=inet_addr("\x31")}, 16
 *
 * What is not understood ends the reading: nobody throws, and each character is looked at a fixed number of times.
 */

/** One argument, element or field. */
export type Value =
  | {
      readonly kind: "bytes";
      readonly bytes: Uint8Array;
      /** There is more of it, which strace was told not to write. */
      readonly isCut: boolean;
    }
  /** `note`: what stands behind a file descriptor, `UDP:[127.0.0.1:9999]`; "" where nothing does. */
  | { readonly kind: "number"; readonly value: number; readonly note: string }
  /** `NULL`, `AF_INET`, `MSG_PEEK|MSG_DONTWAIT` */
  | { readonly kind: "word"; readonly text: string }
  /** `{...}`, `[...]`, and `htons(5000)`, which is a group with a name. */
  | { readonly kind: "group"; readonly name: string; readonly items: readonly Item[] };

export interface Item {
  /** The field's; "" where there is none. */
  readonly name: string;
  readonly value: Value;
}

/** Structures in structures: a message in a list has five. */
const MOST_DEPTH = 10;

const CLOSING: Readonly<Record<string, string>> = { "{": "}", "[": "]", "(": ")" };
const NUMBER = /-?(?:0x[0-9a-f]+|\d+)/y;
const WORD = /[A-Za-z_&~?][A-Za-z0-9_|&~]*/y;
const FIELD = /([A-Za-z_][A-Za-z0-9_]*)=/y;
const BLANKS = /\s*/y;
const CUT = "...";

/** Reads values from a text, from `at` on. */
export class ValueReader {
  readonly #text: string;
  /** Where the next character is. */
  at: number;

  constructor(text: string, at = 0) {
    this.#text = text;
    this.at = at;
  }

  /**
   * What stands between a parenthesis that is open and the one that closes it, behind which {@link at} is then;
   * undefined where it is not closed, or written in a way that is not known.
   */
  arguments(): readonly Item[] | undefined {
    return this.#items(")", 0);
  }

  /** One value; undefined where there is none. */
  value(): Value | undefined {
    return this.#value(0);
  }

  #items(closing: string, depth: number): Item[] | undefined {
    const items: Item[] = [];
    for (;;) {
      this.#skip();
      if (this.#take(closing)) return items;
      if (this.#take(",") || this.#take(CUT)) continue;
      const name = this.#match(FIELD)?.[1] ?? "";
      const value = this.#value(depth);
      if (!value) return undefined;
      items.push({ name, value });
      this.#skip();
      // What the call has changed it to: what it was is what was asked for.
      if (this.#take("=>") && !this.#changed(depth)) return undefined;
    }
  }

  #changed(depth: number): boolean {
    this.#skip();
    return this.#value(depth) !== undefined;
  }

  #value(depth: number): Value | undefined {
    const text = this.#text;
    const first = text[this.at];
    if (first === undefined || depth > MOST_DEPTH) return undefined;
    if (first === '"') return this.#bytes();
    if (first === "{" || first === "[") return this.#group("", first, depth);
    const number = this.#match(NUMBER)?.[0];
    if (number !== undefined) {
      const value = { kind: "number", value: Number(number), note: this.#note() } as const;
      // Flags that strace does not know stand beside those that it knows: 0x4000|MSG_PEEK.
      return this.#take("|") ? (this.#value(depth + 1) ?? value) : value;
    }
    const word = this.#match(WORD)?.[0];
    if (word === undefined) return undefined;
    if (text[this.at] === "(") return this.#group(word, "(", depth);
    return { kind: "word", text: word };
  }

  #group(name: string, opening: string, depth: number): Value | undefined {
    this.at++;
    const items = this.#items(CLOSING[opening] ?? "", depth + 1);
    return items && { kind: "group", name, items };
  }

  /** `<UDP:[127.0.0.1:5000->127.0.0.1:9999]>`, `</dev/pts/0<char 136:0>>`: paths are written in hexadecimal digits. */
  #note(): string {
    const text = this.#text;
    if (text[this.at] !== "<") return "";
    const start = this.at + 1;
    let open = 0;
    for (let at = this.at; at < text.length; at++) {
      const character = text[at];
      if (character === "<") open++;
      else if (character === ">" && text[at - 1] !== "-" && --open === 0) {
        this.at = at + 1;
        return text.slice(start, at);
      } else if (character === '"' || character === ",") break;
    }
    return "";
  }

  #bytes(): Value | undefined {
    const text = this.#text;
    const start = this.at + 1;
    const end = text.indexOf('"', start);
    if (end === -1) return undefined;
    const bytes = new Uint8Array(end - start);
    let length = 0;
    for (let at = start; at < end; ) {
      const isHex = text[at] === "\\" && text[at + 1] === "x";
      const byte = isHex
        ? hexDigit(text.charCodeAt(at + 2)) * 16 + hexDigit(text.charCodeAt(at + 3))
        : text.charCodeAt(at);
      if (Number.isNaN(byte)) return undefined;
      bytes[length++] = byte;
      at += isHex ? 4 : 1;
    }
    this.at = end + 1;
    return { kind: "bytes", bytes: bytes.slice(0, length), isCut: this.#take(CUT) };
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Blanks and comments: `0x7fff73422a90 /* 35 vars *\/`. */
  #skip(): void {
    this.#match(BLANKS);
    while (this.#take("/*")) {
      const end = this.#text.indexOf("*/", this.at);
      this.at = end === -1 ? this.#text.length : end + 2;
      this.#match(BLANKS);
    }
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.at = pattern.lastIndex;
    return match;
  }
}

/** What a person would read as a number: `5`, `htons(5)`; undefined where it is none. */
export function numberOf(value: Value | undefined): number | undefined {
  if (value?.kind === "number") return value.value;
  const inner = value?.kind === "group" && value.items.length === 1 ? value.items[0] : undefined;
  return inner?.value.kind === "number" ? inner.value.value : undefined;
}

/** Whether a flag is among those of `MSG_PEEK|MSG_DONTWAIT`. */
export function hasFlag(value: Value | undefined, flag: string): boolean {
  return value?.kind === "word" && value.text.split("|").includes(flag);
}

export function bytesOf(value: Value | undefined): Uint8Array | undefined {
  return value?.kind === "bytes" ? value.bytes : undefined;
}

/** The elements of a list; none where it is none. */
export function listOf(value: Value | undefined): readonly Item[] {
  return value?.kind === "group" ? value.items : [];
}

/** A field of a structure; undefined where it is none, or has no such field. */
export function fieldOf(value: Value | undefined, name: string): Value | undefined {
  return listOf(value).find((item) => item.name === name)?.value;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x61 + 10;
  return Number.NaN;
}

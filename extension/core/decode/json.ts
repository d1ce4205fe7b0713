import { printable, printableBytes } from "../text/printable.ts";
import type { Decoded } from "./decoded.ts";
import { latin1 } from "./latin1.ts";
import { Undecodable } from "./problem.ts";
import { checkDepth, scalar, type ValueEntry, type ValueNode } from "./value_tree.ts";
import { decodedValues } from "./values.ts";

const VALUE_LIMIT = 1000;
const LITERALS = ["true", "false", "null"];
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/;
/** Longer ones are shown cut; no number of a sensible message is longer. */
const MOST_NUMBER = 400;

/** JSON (RFC 8259) with the bytes of each value. `JSON.parse` tells none, and keeps one of two equal keys. */
export function decodeJson(payload: Uint8Array): Decoded {
  return decodedValues("JSON", new JsonReader(payload).readAll());
}

class JsonReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** One value behind the other, as programs write them a line each (JSON Lines, RFC 7464). */
  readAll(): ValueNode[] {
    // A byte order mark (RFC 8259 section 8.1 lets it be passed over); the end of a string in C.
    if (this.#bytes[0] === 0xef && this.#bytes[1] === 0xbb && this.#bytes[2] === 0xbf) this.#at = 3;
    const values: ValueNode[] = [];
    for (this.#skipBetween(); this.#at < this.#bytes.length; this.#skipBetween()) {
      const from = this.#at;
      const last = values.at(-1);
      values.push(this.#value(0));
      // Without a space between them "12" would be two numbers.
      if (last && !last.brackets && last.to === from) this.#wrongByte(from);
    }
    if (values.length === 0) throw new Undecodable("empty");
    return values;
  }

  #skipBetween(): void {
    this.#skipSpace();
    while (this.#bytes[this.#at] === 0x1e) {
      this.#at++;
      this.#skipSpace();
    }
    if (this.#bytes.subarray(this.#at).every((byte) => byte === 0)) this.#at = this.#bytes.length;
  }

  #value(depth: number): ValueNode {
    checkDepth(depth, this.#at);
    const from = this.#at;
    switch (this.#character()) {
      case "{":
        return this.#container("{}", from, depth);
      case "[":
        return this.#container("[]", from, depth);
      case '"':
        return scalar(`"${this.#string()}"`, from, this.#at);
      default:
        return scalar(this.#word(), from, this.#at);
    }
  }

  #container(brackets: "{}" | "[]", from: number, depth: number): ValueNode {
    const entries: ValueEntry[] = [];
    const close = brackets[1] ?? "";
    this.#at++;
    this.#skipSpace();
    if (!this.#skip(close)) {
      do {
        this.#skipSpace();
        const start = this.#at;
        const name = brackets === "{}" ? this.#key() : `[${entries.length}]`;
        entries.push({ name, from: start, value: this.#value(depth + 1) });
        this.#skipSpace();
      } while (this.#skip(","));
      this.#expect(close);
    }
    return { text: "", from, to: this.#at, brackets, entries };
  }

  #key(): string {
    if (this.#character() !== '"') this.#wrongByte();
    const key = this.#string();
    this.#skipSpace();
    this.#expect(":");
    this.#skipSpace();
    return `"${key}"`;
  }

  /** What the string stands for, printable. */
  #string(): string {
    const from = this.#at++;
    for (;;) {
      const character = this.#character();
      if (character < " ") this.#wrongByte(from);
      this.#at++;
      if (character === '"') break;
      if (character === "\\") this.#escape(from);
    }
    const inner = this.#bytes.subarray(from + 1, this.#at - 1);
    // Without an escape what is no UTF-8 can be shown byte for byte.
    if (!inner.includes(0x5c)) return printableBytes(inner, { limit: VALUE_LIMIT });
    const text = new TextDecoder().decode(this.#bytes.subarray(from, this.#at));
    return printable(JSON.parse(text) as string, { limit: VALUE_LIMIT });
  }

  #escape(from: number): void {
    const character = this.#character();
    if (!'"\\/bfnrtu'.includes(character)) this.#wrongByte(from);
    this.#at++;
    if (character !== "u") return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/^[\da-fA-F]$/.test(this.#character())) this.#wrongByte(from);
      this.#at++;
    }
  }

  #word(): string {
    const text = latin1(this.#bytes.subarray(this.#at, this.#at + MOST_NUMBER));
    const word = LITERALS.find((literal) => text.startsWith(literal)) ?? NUMBER.exec(text)?.[0];
    if (word === undefined || word.length === MOST_NUMBER) this.#wrongByte();
    this.#at += word.length;
    return word;
  }

  /** The next character; at the end a NUL, which JSON has nowhere. */
  #character(): string {
    return String.fromCharCode(this.#bytes[this.#at] ?? 0);
  }

  #skip(character: string): boolean {
    if (this.#character() !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) this.#wrongByte();
  }

  #skipSpace(): void {
    while (" \t\n\r".includes(this.#character())) this.#at++;
  }

  /** @param from Where what is not complete starts. */
  #wrongByte(from = this.#at): never {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Undecodable("endsWithin", "JSON", from);
    throw new Undecodable("noMeaning", this.#at, printableBytes(Uint8Array.of(byte)));
  }
}

import { ProtoRefusal } from "./problem.ts";

export interface ProtoToken {
  readonly kind: "name" | "number" | "string" | "mark" | "end";
  readonly text: string;
  readonly at: number;
}

/** Longest file, in UTF-16 units. */
const MOST_CHARACTERS = 1_000_000;

const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /\.?\d(?:[eE][+-]|[\w.])*/y;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const MARK = /[-+=;,.:/(){}[\]<>]/y;

/** The words and signs of a `.proto`, without comments; one after the other. @throws {ProtoRefusal} at what is none. */
export class ProtoTokens {
  readonly #text: string;
  #at = 0;
  #next: ProtoToken;

  constructor(text: string) {
    if (text.length > MOST_CHARACTERS) throw new ProtoRefusal("fileTooLong", 0, MOST_CHARACTERS);
    this.#text = text;
    this.#next = this.#scan();
  }

  peek(): ProtoToken {
    return this.#next;
  }

  next(): ProtoToken {
    const token = this.#next;
    this.#at = token.at + token.text.length;
    this.#next = this.#scan();
    return token;
  }

  take(text: string): ProtoToken | undefined {
    return this.#next.text === text && this.#next.kind !== "string" ? this.next() : undefined;
  }

  expect(text: string): ProtoToken {
    return this.take(text) ?? this.refuse(text);
  }

  name(): ProtoToken {
    return this.#next.kind === "name" ? this.next() : this.refuse("a name");
  }

  refuse(wanted: string): never {
    const { kind, text, at } = this.#next;
    if (kind === "end") throw new ProtoRefusal("endOfFile", at, wanted);
    throw new ProtoRefusal("expected", at, wanted, text);
  }

  /** Up to this sign, with what is in brackets on the way; the words that were left out. */
  skipTo(end: string): string[] {
    const from = this.#next.at;
    const words: string[] = [];
    for (let depth = 0; ; ) {
      const { kind, text } = this.next();
      if (kind === "end")
        throw new ProtoRefusal("unclosed", from, this.#text.slice(from, from + 20));
      if (kind === "mark" && depth === 0 && text === end) return words;
      words.push(text);
      if (kind === "mark" && /[([{<]/.test(text)) depth++;
      else if (kind === "mark" && /[)\]}>]/.test(text)) depth--;
    }
  }

  #scan(): ProtoToken {
    const text = this.#text;
    for (;;) {
      if (text.startsWith("//", this.#at)) {
        const end = text.indexOf("\n", this.#at);
        this.#at = end < 0 ? text.length : end;
      } else if (text.startsWith("/*", this.#at)) {
        const end = text.indexOf("*/", this.#at + 2);
        if (end < 0) throw new ProtoRefusal("unclosed", this.#at, "/*");
        this.#at = end + 2;
      } else if (/[\s\ufeff]/.test(text[this.#at] ?? "")) this.#at++;
      else break;
    }
    const at = this.#at;
    if (at >= text.length) return { kind: "end", text: "", at };
    for (const [kind, pattern] of [
      ["name", NAME],
      ["number", NUMBER],
      ["string", STRING],
      ["mark", MARK],
    ] as const) {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0];
      if (found !== undefined) return { kind, text: found, at };
    }
    throw new ProtoRefusal("notProto", at, String.fromCodePoint(text.codePointAt(at) ?? 0));
  }
}

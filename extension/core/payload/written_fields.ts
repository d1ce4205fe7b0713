/**
 * A payload written as its fields: `sensor { id: 7, temp: 21.5, name: "north", samples: [1, 2], body: point { x: 1 } }`.
 * What a value means is told by the field's type: a number, `true`, a member of an enum by its name (`alarm`, or `alarm (2)` as
 * it is shown), a text in quotes with escapes, bytes as hexadecimal digits (`00 ff`) or as a text in quotes, or bytes that are
 * computed (`{{crc16/modbus}}`). A comma or the end of a line is between two fields.
 */

/** Where something stands in the text: UTF-16 units, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface WrittenFields extends Span {
  readonly kind: "fields";
  /** Of the type, where it is written. */
  readonly name: string | undefined;
  readonly fields: readonly WrittenField[];
}

export interface WrittenField extends Span {
  readonly name: string;
  readonly value: WrittenValue;
}

export type WrittenValue =
  | WrittenFields
  | (Span & { readonly kind: "list"; readonly items: readonly WrittenValue[] })
  /** Between quotes, its escapes still in it. */
  | (Span & { readonly kind: "quoted"; readonly text: string })
  /** With its braces. */
  | (Span & { readonly kind: "computed"; readonly text: string })
  /** A number, a name, digits: whatever its field makes of it. */
  | (Span & { readonly kind: "word"; readonly text: string });

/** Why a text is no payload of fields, as English templates. */
export const FIELDS_PROBLEMS = {
  expected: "{0} is missing before {1}",
  expectedField: "{0} is no name of a field",
  expectedValue: "{0} is no value",
  expectedEnd: "nothing can stand behind the last brace, but there is {0}",
  endsEarly: "{0} is missing at the end",
  nestedTooDeep: "fields are nested deeper than {0}",
  duplicate: "{0} is there twice",
} as const;

/** Carries what is wrong with a text of fields, and where. */
export class FieldsRefusal extends Error {
  readonly code: keyof typeof FIELDS_PROBLEMS;
  readonly words: readonly string[];

  constructor(code: keyof typeof FIELDS_PROBLEMS, ...words: readonly string[]) {
    super(code);
    this.code = code;
    this.words = words;
  }
}

const DEEPEST = 64;

/**
 * Reads such a text.
 * @throws {FieldsRefusal} Where it is none.
 */
export function parseFields(text: string): WrittenFields {
  return new Parser(text).whole();
}

/** True for a text that is meant as fields: a name, and an opening brace. */
export function looksLikeFields(text: string): boolean {
  return /^\s*[A-Za-z_][\w.-]*\s*\{(?!\{)/.test(text);
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): WrittenFields {
    this.#skip();
    const value = this.#value(0);
    if (value.kind !== "fields") throw this.#unexpected("{", value.to);
    this.#skip();
    if (this.#at < this.#text.length) throw new FieldsRefusal("expectedEnd", this.#rest(this.#at));
    return value;
  }

  #value(depth: number): WrittenValue {
    if (depth > DEEPEST) throw new FieldsRefusal("nestedTooDeep", String(DEEPEST));
    const from = this.#at;
    if (this.#isNext("{{")) return this.#computed(from);
    if (this.#isNext("{")) return this.#fields(from, undefined, depth);
    if (this.#isNext("[")) return this.#list(from, depth);
    if (this.#isNext('"')) return this.#quoted(from);
    const word = this.#word();
    if (this.#isNext("{") && !this.#isNext("{{")) return this.#fields(from, word.text, depth);
    if (word.text === "") throw new FieldsRefusal("expectedValue", this.#rest(from));
    return word;
  }

  #fields(from: number, name: string | undefined, depth: number): WrittenFields {
    this.#at++;
    const fields: WrittenField[] = [];
    const names = new Set<string>();
    this.#each("}", () => {
      const start = this.#at;
      const field = this.#name();
      if (names.has(field)) throw new FieldsRefusal("duplicate", field);
      names.add(field);
      this.#skip();
      if (!this.#isNext(":")) throw this.#unexpected(":", this.#at);
      this.#at++;
      this.#skip();
      fields.push({ name: field, value: this.#value(depth + 1), from: start, to: this.#at });
    });
    return { kind: "fields", name, fields, from, to: this.#at };
  }

  #list(from: number, depth: number): WrittenValue {
    this.#at++;
    const items: WrittenValue[] = [];
    this.#each("]", () => items.push(this.#value(depth + 1)));
    return { kind: "list", items, from, to: this.#at };
  }

  /** What is separated by commas or ends of lines, up to what closes it. */
  #each(close: string, read: () => void): void {
    let isSeparated = true;
    for (;;) {
      const start = this.#at;
      this.#skip();
      isSeparated ||= this.#text.slice(start, this.#at).includes("\n");
      if (this.#isNext(close)) break;
      if (!isSeparated) {
        if (!this.#isNext(",")) throw this.#unexpected(close, this.#at);
        this.#at++;
        this.#skip();
        if (this.#isNext(close)) break;
      }
      read();
      isSeparated = false;
    }
    this.#at++;
  }

  #name(): string {
    if (this.#isNext('"')) {
      const { text } = this.#quoted(this.#at) as { text: string };
      return text;
    }
    const [name = ""] = /^[^\s:,{}[\]"]+/.exec(this.#text.slice(this.#at, this.#at + 1000)) ?? [];
    if (name === "") throw new FieldsRefusal("expectedField", this.#rest(this.#at));
    this.#at += name.length;
    return name;
  }

  #quoted(from: number): WrittenValue & { readonly kind: "quoted" } {
    let at = from + 1;
    for (; this.#text[at] !== '"'; at++) {
      if (this.#text[at] === "\\") at++;
      if (at >= this.#text.length) throw new FieldsRefusal("endsEarly", '"');
    }
    this.#at = at + 1;
    return { kind: "quoted", text: this.#text.slice(from + 1, at), from, to: this.#at };
  }

  #computed(from: number): WrittenValue {
    const close = this.#text.indexOf("}}", from);
    if (close < 0) throw new FieldsRefusal("endsEarly", "}}");
    this.#at = close + 2;
    return { kind: "computed", text: this.#text.slice(from, this.#at), from, to: this.#at };
  }

  #word(): WrittenValue & { readonly kind: "word" } {
    const from = this.#at;
    let at = from;
    while (at < this.#text.length && !/[,{}[\]"\n]/.test(this.#text[at] ?? "")) at++;
    this.#at = at;
    const text = this.#text.slice(from, at).trimEnd();
    return { kind: "word", text, from, to: from + text.length };
  }

  #skip(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #isNext(sign: string): boolean {
    return this.#text.startsWith(sign, this.#at);
  }

  #unexpected(wanted: string, at: number): FieldsRefusal {
    if (at >= this.#text.length) return new FieldsRefusal("endsEarly", wanted);
    return new FieldsRefusal("expected", wanted, this.#rest(at));
  }

  #rest(at: number): string {
    return this.#text.slice(at, at + 20) || '""';
  }
}

import { ProtoRefusal } from "./problem.ts";
import { ProtoTokens } from "./scanner.ts";
import { type Enum, type Field, isScalar, type Message } from "./schema.ts";

/** Deepest messages in one another. */
const DEEPEST = 32;
const MOST_NUMBER = 2 ** 29 - 1;

export interface ProtoFile {
  readonly name: string;
  readonly text: string;
  readonly imports: readonly { readonly path: string; readonly at: number }[];
  readonly messages: readonly Message[];
  /** What it defines, by full name. */
  readonly defined: ReadonlyMap<string, Message | Enum>;
  /** Fields whose types have to be found, and where that begins: "acme.Sensor". */
  readonly uses: readonly { readonly field: Field; readonly scope: string }[];
  /** `extend Name`: fields of a message that may be in another file. */
  readonly extensions: readonly {
    readonly of: string;
    readonly scope: string;
    readonly fields: readonly Field[];
    readonly at: number;
  }[];
}

/**
 * Reads a `.proto`: proto2, proto3 and editions (protobuf.dev, "Language Specification"). Options and services are left
 * out, as they do not change what is on the wire, but for how a message is delimited.
 * @throws {ProtoRefusal} at the first thing that is wrong.
 */
export function parseProto(name: string, text: string): ProtoFile {
  return new Parser(name, text).run();
}

class Parser {
  readonly #tokens: ProtoTokens;
  readonly #file: { readonly name: string; readonly text: string };
  readonly #imports: { path: string; at: number }[] = [];
  readonly #messages: Message[] = [];
  readonly #defined = new Map<string, Message | Enum>();
  readonly #uses: { field: Field; scope: string }[] = [];
  readonly #extensions: { of: string; scope: string; fields: Field[]; at: number }[] = [];
  #syntax = "proto2";
  #package = "";
  /** `option features.message_encoding = DELIMITED;` of the file. */
  #isDelimited = false;
  /** Undefined: as the syntax has it. */
  #isPacked: boolean | undefined;

  constructor(name: string, text: string) {
    this.#file = { name, text };
    this.#tokens = new ProtoTokens(text);
  }

  run(): ProtoFile {
    const tokens = this.#tokens;
    while (tokens.peek().kind !== "end") {
      if (tokens.take(";")) continue;
      const { text, at } = tokens.peek();
      if (text === "syntax" || text === "edition") this.#readSyntax();
      else if (text === "import") this.#readImport();
      else if (text === "package") {
        tokens.next();
        this.#package = this.#typeName();
        tokens.expect(";");
      } else if (text === "option") {
        tokens.next();
        const words = tokens.skipTo(";");
        if (isDelimitedOption(words)) this.#isDelimited = true;
        this.#isPacked = packedOption(words) ?? this.#isPacked;
      } else if (text === "service") {
        tokens.next();
        tokens.name();
        tokens.expect("{");
        tokens.skipTo("}");
      } else if (!this.#readType(this.#package, 0)) {
        throw new ProtoRefusal("expected", at, "message", text);
      }
    }
    return {
      ...this.#file,
      imports: this.#imports,
      messages: this.#messages,
      defined: this.#defined,
      uses: this.#uses,
      extensions: this.#extensions,
    };
  }

  #readSyntax(): void {
    const tokens = this.#tokens;
    const { text } = tokens.next();
    tokens.expect("=");
    const { text: quoted, at } = tokens.next();
    const syntax = quoted.slice(1, -1);
    const isKnown = text === "edition" ? /^\d{4}$/.test(syntax) : /^proto[23]$/.test(syntax);
    if (!isKnown) throw new ProtoRefusal("unknownSyntax", at, quoted);
    this.#syntax = syntax;
    tokens.expect(";");
  }

  #readImport(): void {
    const tokens = this.#tokens;
    tokens.next();
    const kind = tokens.peek().kind === "name" ? tokens.next().text : "";
    const { kind: found, text, at } = tokens.peek();
    if (found !== "string") tokens.refuse("a text");
    tokens.next();
    tokens.expect(";");
    // What is imported for options alone is of no use here.
    if (kind !== "option") this.#imports.push({ path: text.slice(1, -1), at });
  }

  /** A message, an enum or an extension; false where it is none. */
  #readType(scope: string, depth: number): boolean {
    const tokens = this.#tokens;
    if (/^(export|local)$/.test(tokens.peek().text)) tokens.next();
    const { text, at } = tokens.peek();
    if (text !== "message" && text !== "enum" && text !== "extend") return false;
    tokens.next();
    if (text === "extend") {
      const of = this.#typeName();
      const fields: Field[] = [];
      this.#extensions.push({ of, scope, fields, at });
      tokens.expect("{");
      while (!tokens.take("}")) {
        if (!tokens.take(";")) this.#readField(scope, depth, (field) => fields.push(field));
      }
      return true;
    }
    const name = tokens.name();
    if (text === "enum") this.#readEnum(scope, name.text, name.at);
    else this.#readMessage(scope, name.text, name.at, depth);
    return true;
  }

  #define(type: Message | Enum, at: number): void {
    if (this.#defined.has(type.fullName))
      throw new ProtoRefusal("duplicateName", at, type.fullName);
    this.#defined.set(type.fullName, type);
  }

  #readMessage(scope: string, name: string, at: number, depth: number): Message {
    if (depth > DEEPEST) throw new ProtoRefusal("nestedTooDeep", at, DEEPEST);
    const fullName = within(scope, name);
    const message: Message = { kind: "message", fullName, fields: new Map() };
    this.#define(message, at);
    this.#messages.push(message);
    const names = new Set<string>();
    this.#tokens.expect("{");
    this.#readBody(fullName, depth, (field, place) => {
      if (names.has(field.name)) throw new ProtoRefusal("duplicateName", place, field.name);
      names.add(field.name);
      const other = message.fields.get(field.number);
      if (other) {
        throw new ProtoRefusal("duplicateNumber", place, field.name, field.number, other.name);
      }
      message.fields.set(field.number, field);
    });
    return message;
  }

  /** Up to the closing brace. */
  #readBody(scope: string, depth: number, add: (field: Field, at: number) => void): void {
    const tokens = this.#tokens;
    while (!tokens.take("}")) {
      const { kind, text } = tokens.peek();
      if (tokens.take(";")) continue;
      if (kind === "end") tokens.refuse("}");
      // These can also be types of fields, in a file that has such.
      if (/^(option|reserved|extensions)$/.test(text)) {
        tokens.next();
        tokens.skipTo(";");
      } else if (text === "oneof") {
        tokens.next();
        tokens.name();
        tokens.expect("{");
        this.#readBody(scope, depth, add);
      } else if (!this.#readType(scope, depth + 1)) this.#readField(scope, depth, add);
    }
  }

  #readField(scope: string, depth: number, add: (field: Field, at: number) => void): void {
    const tokens = this.#tokens;
    const label = /^(optional|required|repeated)$/.test(tokens.peek().text)
      ? tokens.next().text
      : "";
    const { at } = tokens.peek();
    if (tokens.peek().text === "map") {
      this.#readMap(scope, add);
      return;
    }
    const type = this.#typeName();
    const name = tokens.name();
    const number = this.#fieldNumber();
    const options = tokens.take("[") ? tokens.skipTo("]") : [];
    const isRepeated = label === "repeated";
    if (type === "group") {
      const resolved = this.#readMessage(scope, name.text, name.at, depth + 1);
      const how = { isRepeated, isPacked: false, isDelimited: true };
      const field = { name: name.text.toLowerCase(), number, ...how };
      add({ ...field, type: resolved.fullName, resolved, at }, name.at);
      return;
    }
    tokens.expect(";");
    const isDelimited = !isScalar(type) && (this.#isDelimited || isDelimitedOption(options));
    const isPacked = packedOption(options) ?? this.#isPacked ?? this.#syntax !== "proto2";
    const how = { isRepeated, isPacked, isDelimited };
    const field: Field = { name: name.text, number, ...how, type, resolved: undefined, at };
    add(field, name.at);
    if (!isScalar(type)) this.#uses.push({ field, scope });
  }

  /** `map<string, Point> points = 1;`: a message of a key and a value for each (Encoding, "Maps"). */
  #readMap(scope: string, add: (field: Field, at: number) => void): void {
    const tokens = this.#tokens;
    const { at } = tokens.next();
    tokens.expect("<");
    const key = tokens.name();
    if (!isScalar(key.text) || /^(float|double|bytes)$/.test(key.text)) {
      throw new ProtoRefusal("badKey", key.at, key.text);
    }
    tokens.expect(",");
    const valueAt = tokens.peek().at;
    const type = this.#typeName();
    tokens.expect(">");
    const name = tokens.name();
    const number = this.#fieldNumber();
    if (tokens.take("[")) tokens.skipTo("]");
    tokens.expect(";");
    const plain = { isRepeated: false, isPacked: false, isDelimited: false, resolved: undefined };
    const value: Field = { ...plain, name: "value", number: 2, type, at: valueAt };
    if (!isScalar(type)) this.#uses.push({ field: value, scope });
    const keyField: Field = { ...plain, name: "key", number: 1, type: key.text, at: key.at };
    const entry: Message = {
      kind: "message",
      fullName: within(scope, name.text),
      fields: new Map([
        [1, keyField],
        [2, value],
      ]),
    };
    const how = { isRepeated: true, isPacked: false, isDelimited: false };
    const field = { name: name.text, number, ...how };
    add({ ...field, type: entry.fullName, resolved: entry, at }, name.at);
  }

  #fieldNumber(): number {
    const tokens = this.#tokens;
    tokens.expect("=");
    const { text, at } = tokens.next();
    const number = wholeNumber(text);
    const isReserved = number >= 19_000 && number <= 19_999;
    if (!(number >= 1 && number <= MOST_NUMBER) || isReserved) {
      throw new ProtoRefusal("badNumber", at, text);
    }
    return number;
  }

  #readEnum(scope: string, name: string, at: number): void {
    const tokens = this.#tokens;
    const type: Enum = { kind: "enum", fullName: within(scope, name), names: new Map() };
    this.#define(type, at);
    tokens.expect("{");
    const names = new Set<string>();
    while (!tokens.take("}")) {
      if (tokens.take(";")) continue;
      if (/^(option|reserved)$/.test(tokens.peek().text)) {
        tokens.next();
        tokens.skipTo(";");
        continue;
      }
      const value = tokens.name();
      if (names.has(value.text)) throw new ProtoRefusal("duplicateName", value.at, value.text);
      tokens.expect("=");
      const sign = tokens.take("-") ? -1 : 1;
      const { text, at: place } = tokens.next();
      const number = sign * wholeNumber(text);
      if (!(number >= -(2 ** 31) && number < 2 ** 31)) {
        throw new ProtoRefusal("badEnumNumber", place, text);
      }
      if (names.size === 0 && this.#syntax === "proto3" && number !== 0) {
        throw new ProtoRefusal("firstNotZero", value.at, value.text);
      }
      names.add(value.text);
      if (!type.names.has(number)) type.names.set(number, value.text);
      if (tokens.take("[")) tokens.skipTo("]");
      tokens.expect(";");
    }
  }

  /** ".acme.Sensor", "Point" */
  #typeName(): string {
    const tokens = this.#tokens;
    let name = tokens.take(".") ? "." : "";
    name += tokens.name().text;
    while (tokens.take(".")) name += `.${tokens.name().text}`;
    return name;
  }
}

function within(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}

function isDelimitedOption(words: readonly string[]): boolean {
  const at = words.indexOf("message_encoding");
  return at >= 0 && words[at + 2] === "DELIMITED";
}

/** Of proto2 and proto3, or of an edition's features; undefined where nothing is said. */
function packedOption(words: readonly string[]): boolean | undefined {
  const at = words.findIndex((word) => /^(packed|repeated_field_encoding)$/.test(word));
  const said = at < 0 ? undefined : words[at + 2];
  if (said === "true" || said === "PACKED") return true;
  return said === "false" || said === "EXPANDED" ? false : undefined;
}

function wholeNumber(text: string): number {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^(0[xX][\da-fA-F]+|\d+)$/.test(text) ? Number(text) : Number.NaN;
}

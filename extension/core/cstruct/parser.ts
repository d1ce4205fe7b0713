import { DEEPEST, readConstant, Tokens } from "./constant.ts";
import { type Declared, layOut, MOST_BYTES } from "./layout.ts";
import { plainType, typeOfWords } from "./plain_types.ts";
import { type CToken, preprocess } from "./preprocessor.ts";
import { CRefusal, type CRemark, lineAndColumn } from "./problem.ts";
import type { Target } from "./target.ts";
import { type CEnum, type CRecord, type CType, typeName } from "./types.ts";

const MOST_MEMBERS = 5000;

export interface ReadStructs {
  /** Structs and unions that have a name and members, by that name, in the order of their ends. */
  readonly structs: ReadonlyMap<string, CRecord>;
  readonly remarks: readonly CRemark[];
}

/** What has no size: `void`, a function, a struct that was only announced. */
interface Incomplete {
  readonly kind: "incomplete";
  readonly name: string;
  readonly isAnnounced: boolean;
}

type AnyType = CType | Incomplete;

interface Attributes {
  isPacked: boolean;
  /** In bytes; 0: none. */
  aligned: number;
}

interface Specifiers extends Attributes {
  readonly type: AnyType;
  readonly isTypedef: boolean;
  readonly at: number;
}

interface Declarator {
  readonly name: string | undefined;
  readonly at: number;
  readonly isFunction: boolean;
  apply(type: AnyType): AnyType;
}

/**
 * Reads declarations of C (C17, 6.7, with what gcc, clang and Microsoft's compilers add for layouts), and lays out structs and
 * unions for a target. Bounded, whatever the text.
 *
 * @param isPacked no struct has padding, whatever the text says
 * @throws {CRefusal} where it is not C, or C that is not supported
 */
export function readStructs(text: string, target: Target, isPacked: boolean): ReadStructs {
  return new Parser(text, target, isPacked).run();
}

const QUALIFIERS = new Set(
  ["const", "volatile", "restrict", "static", "extern", "register", "inline", "auto"].concat([
    "__const",
    "__volatile__",
    "__restrict",
    "__inline",
    "__inline__",
    "__extension__",
  ]),
);
const WORDS = new Set(
  ["void", "char", "short", "int", "long", "float", "double", "signed", "unsigned"].concat([
    "_Bool",
    "bool",
    "__signed__",
    "__int64",
    "_Complex",
    "__int128",
  ]),
);

class Parser {
  readonly #text: string;
  readonly #tokens: Tokens<CToken>;
  readonly #target: Target;
  readonly #isPacked: boolean;
  readonly #remarks = new Map<string, CRemark>();
  readonly #tags = new Map<string, CType>();
  readonly #typedefs = new Map<string, AnyType>();
  readonly #constants = new Map<string, bigint>();
  readonly #structs = new Map<string, CRecord>();
  #members = 0;
  #depth = 0;

  constructor(text: string, target: Target, isPacked: boolean) {
    this.#text = text;
    this.#target = target;
    this.#isPacked = isPacked;
    this.#tokens = new Tokens(preprocess(text, (remark) => this.#remark(remark)));
  }

  run(): ReadStructs {
    const tokens = this.#tokens;
    /** Of `extern "C"`. */
    let open = 0;
    while (tokens.peek().kind !== "end") {
      if (tokens.take(";")) continue;
      if (tokens.peek().text === "extern" && tokens.peek(1).kind === "string") {
        tokens.next();
        tokens.next();
        if (tokens.take("{")) open++;
      } else if (open > 0 && tokens.take("}")) open--;
      else if (!this.#takeAssertion()) this.#declaration();
    }
    return { structs: this.#structs, remarks: [...this.#remarks.values()] };
  }

  #remark(remark: CRemark): void {
    this.#remarks.set(`${remark.code} ${remark.arguments.join(" ")}`, remark);
  }

  /** Of a file. */
  #declaration(): void {
    const tokens: Tokens<CToken> = this.#tokens;
    const specifiers = this.#specifiers();
    if (tokens.take(";")) return;
    for (;;) {
      const declarator = this.#declarator(0);
      const attributes = this.#attributes();
      const { name, at } = declarator;
      if (name === undefined) tokens.refuse("a name");
      if (specifiers.isTypedef) this.#define(name, specifiers, declarator, attributes);
      else if (declarator.isFunction) {
        this.#remark({ code: "functionSkipped", arguments: [name] });
        if (tokens.peek().text === "{") {
          tokens.skipParentheses("{", "}");
          return;
        }
      } else if (tokens.take("=")) this.#skipValue(at);
      if (tokens.take(";")) return;
      if (!tokens.take(",")) tokens.refuse(";");
    }
  }

  #define(name: string, specifiers: Specifiers, declarator: Declarator, own: Attributes): void {
    const { type: base } = specifiers;
    let type = declarator.apply(base);
    if (type === base && "tag" in type && type.tag === undefined) {
      type = { ...type, tag: name };
      if (type.kind !== "enum") this.#keep(type);
    } else if (type.kind === "struct" || type.kind === "union") {
      this.#structs.delete(name);
      this.#structs.set(name, type);
      if (type.tag !== undefined && type.tag !== name) this.#structs.delete(type.tag);
    }
    const aligned = Math.max(own.aligned, specifiers.aligned);
    if (aligned > 0 && type.kind !== "incomplete") type = { ...type, align: aligned };
    if (own.isPacked || specifiers.isPacked) {
      this.#remark({ code: "packedIgnored", arguments: [name] });
    }
    this.#typedefs.set(name, type);
  }

  #keep(record: CRecord): void {
    if (record.tag === undefined || record.members.length === 0) return;
    this.#structs.delete(record.tag);
    this.#structs.set(record.tag, record);
  }

  /** `= {1, 2}`, up to the comma or semicolon behind it. */
  #skipValue(at: number): void {
    const tokens = this.#tokens;
    for (;;) {
      const { kind, text } = tokens.peek();
      if (kind === "end") throw new CRefusal("unclosed", at, "=");
      if (kind === "mark" && (text === ";" || text === ",")) return;
      if (kind === "mark" && text === "{") tokens.skipParentheses("{", "}");
      else if (kind === "mark" && text === "(") tokens.skipParentheses();
      else tokens.next();
    }
  }

  /** `_Static_assert(sizeof(x) == 4, "...")`: a check of the layout that somebody wrote already. */
  #takeAssertion(): boolean {
    const tokens = this.#tokens;
    const token = tokens.peek();
    if (token.text !== "_Static_assert" && token.text !== "static_assert") return false;
    tokens.next();
    tokens.expect("(");
    const holds = this.#constant() !== 0n;
    if (tokens.take(",")) while (tokens.peek().kind === "string") tokens.next();
    tokens.expect(")");
    tokens.expect(";");
    if (!holds) {
      const { line } = lineAndColumn(this.#text, token.at);
      this.#remark({ code: "assertionFails", arguments: [String(line)] });
    }
    return true;
  }

  /** What can stand in itself. */
  #within<T>(read: () => T): T {
    const { at } = this.#tokens.peek();
    if (++this.#depth > DEEPEST) throw new CRefusal("nestedTooDeep", at, DEEPEST);
    const result = read();
    this.#depth--;
    return result;
  }

  #constant(): bigint {
    return this.#within(() => this.#readConstant());
  }

  #readConstant(): bigint {
    return readConstant(this.#tokens, {
      valueOf: ({ text, at }) => {
        const value = this.#constants.get(text);
        if (value === undefined) throw new CRefusal("notConstant", at, text);
        return value;
      },
      sizeOf: () => {
        this.#tokens.expect("(");
        const { type, at } = this.#specifiers();
        const whole = this.#complete(this.#declarator(0).apply(type), at);
        this.#tokens.expect(")");
        return BigInt(whole.size);
      },
    });
  }

  #complete(type: AnyType, at: number): CType {
    if (type.kind !== "incomplete") return type;
    throw new CRefusal(type.isAnnounced ? "unknownTag" : "unsupported", at, type.name);
  }

  #specifiers(): Specifiers {
    return this.#within(() => this.#readSpecifiers());
  }

  #readSpecifiers(): Specifiers {
    const tokens = this.#tokens;
    const { at } = tokens.peek();
    const attributes: Attributes = { isPacked: false, aligned: 0 };
    const words: string[] = [];
    let type: AnyType | undefined;
    let isTypedef = false;
    for (;;) {
      const token = tokens.peek();
      const { kind, text } = token;
      if (this.#takeAttribute(attributes)) continue;
      if (kind !== "name") break;
      if (text === "typedef") {
        isTypedef = true;
        tokens.next();
      } else if (QUALIFIERS.has(text)) tokens.next();
      else if (text === "_Atomic" || text === "typeof" || text === "__typeof__") {
        throw new CRefusal("unsupported", token.at, text);
      } else if (WORDS.has(text)) {
        if (type) tokens.refuse("a name");
        words.push(text);
        tokens.next();
      } else if (type || words.length > 0) break;
      else if (text === "struct" || text === "union") {
        type = this.#record(text, attributes);
      } else if (text === "enum") type = this.#enum();
      else {
        type = this.#typedefs.get(text) ?? plainType(text, this.#target);
        if (!type) {
          const isName = /^[A-Za-z_]/.test(text);
          throw new CRefusal(isName ? "unknownType" : "notC", token.at, text);
        }
        tokens.next();
      }
    }
    if (words.length > 0) type = typeOfWords(words, this.#target);
    if (words.length > 0 && !type) {
      const name = words.join(" ");
      if (name !== "void") throw new CRefusal("badType", at, name);
      type = { kind: "incomplete", name, isAnnounced: false };
    }
    return { ...attributes, type: type ?? tokens.refuse("a type"), isTypedef, at };
  }

  #attributes(): Attributes {
    const attributes: Attributes = { isPacked: false, aligned: 0 };
    while (this.#takeAttribute(attributes));
    return attributes;
  }

  /** `__attribute__((packed))`, `_Alignas(8)`, `__packed`, `__declspec(align(8))`, `[[...]]`, `__asm__("x")`. */
  #takeAttribute(to: Attributes): boolean {
    const tokens = this.#tokens;
    const { kind, text, at } = tokens.peek();
    if (kind === "mark" && text === "[[") {
      tokens.skipParentheses("[[", "]]");
      return true;
    }
    if (kind !== "name") return false;
    switch (text) {
      case "__packed":
        to.isPacked = true;
        tokens.next();
        return true;
      case "_Alignas":
      case "alignas":
        tokens.next();
        tokens.expect("(");
        this.#setAlignment(to, this.#startsType() ? this.#alignOfType() : this.#constant(), at);
        tokens.expect(")");
        return true;
      case "__attribute__":
      case "__attribute":
      case "__declspec":
        tokens.next();
        tokens.expect("(");
        if (text === "__declspec") this.#attributeList(to, ")");
        else {
          tokens.expect("(");
          this.#attributeList(to, ")");
          tokens.expect(")");
        }
        return true;
      case "__asm__":
      case "asm":
        tokens.next();
        tokens.skipParentheses();
        return true;
      default:
        return false;
    }
  }

  #attributeList(to: Attributes, close: string): void {
    const tokens = this.#tokens;
    while (!tokens.take(close)) {
      if (tokens.take(",")) continue;
      const { kind, text, at } = tokens.next();
      if (kind !== "name") throw new CRefusal("expected", at, close, text);
      const name = text.replace(/^__(.+)__$/, "$1");
      if (/^(mode|vector_size|scalar_storage_order|ms_struct|gcc_struct)$/.test(name)) {
        throw new CRefusal("unsupported", at, name);
      }
      if (name === "packed") to.isPacked = true;
      const isAlignment = name === "aligned" || name === "align";
      if (isAlignment && tokens.peek().text === "(") {
        tokens.next();
        this.#setAlignment(to, this.#startsType() ? this.#alignOfType() : this.#constant(), at);
        tokens.expect(")");
      } else if (isAlignment) {
        // The largest of any type.
        this.#setAlignment(to, BigInt(Math.max(this.#target.longDouble.align, 8)), at);
      } else if (tokens.peek().text === "(") tokens.skipParentheses();
    }
  }

  #startsType(): boolean {
    const { kind, text } = this.#tokens.peek();
    if (kind !== "name" || this.#constants.has(text)) return false;
    return (
      /^(struct|union|enum)$/.test(text) ||
      WORDS.has(text) ||
      QUALIFIERS.has(text) ||
      this.#typedefs.has(text) ||
      plainType(text, this.#target) !== undefined
    );
  }

  #alignOfType(): bigint {
    const { type, at } = this.#specifiers();
    return BigInt(this.#complete(this.#declarator(0).apply(type), at).align);
  }

  #setAlignment(to: Attributes, value: bigint, at: number): void {
    const most = 4096;
    if (value === 0n) return;
    if (value < 0n || value > BigInt(most) || (value & (value - 1n)) !== 0n) {
      throw new CRefusal("badAlignment", at, most, value);
    }
    to.aligned = Math.max(to.aligned, Number(value));
  }

  #record(kind: "struct" | "union", outer: Attributes): AnyType {
    const tokens = this.#tokens;
    const { at } = tokens.next();
    const before = this.#attributes();
    const tag = this.#tag();
    const middle = this.#attributes();
    const key = `${kind} ${tag ?? ""}`;
    if (tokens.peek().text !== "{") {
      if (tag === undefined) tokens.refuse("{");
      return this.#tags.get(key) ?? { kind: "incomplete", name: key, isAnnounced: true };
    }
    tokens.next();
    const members: Declared[] = [];
    while (tokens.peek().text !== "}" || tokens.peek().kind !== "mark") {
      if (tokens.take(";") || this.#takeAssertion()) continue;
      if (tokens.peek().kind === "end") throw new CRefusal("unclosed", at, key.trim());
      this.#memberDeclaration(members);
    }
    const { pack } = tokens.next();
    const after = this.#attributes();
    this.#checkMembers(kind, members);
    // ARM's compilers have the word in front; gcc's attribute there is that of a variable.
    const isOuterPacked = outer.isPacked && members.length > 0;
    const record = layOut(
      {
        kind,
        tag,
        members,
        pack,
        isPacked:
          this.#isPacked || before.isPacked || middle.isPacked || after.isPacked || isOuterPacked,
        aligned: Math.max(before.aligned, middle.aligned, after.aligned),
      },
      this.#target,
    );
    if (isOuterPacked) outer.isPacked = false;
    if (tag !== undefined) {
      if (this.#tags.has(key)) throw new CRefusal("duplicate", at, key);
      this.#tags.set(key, record);
    }
    this.#keep(record);
    return record;
  }

  #tag(): string | undefined {
    return this.#tokens.peek().kind === "name" ? this.#tokens.next().text : undefined;
  }

  #checkMembers(kind: "struct" | "union", members: readonly Declared[]): void {
    const names = new Set<string>();
    for (const [index, { name, type, at }] of members.entries()) {
      if (name !== undefined && names.has(name)) throw new CRefusal("duplicate", at, name);
      if (name !== undefined) names.add(name);
      const isFlexible = type.kind === "array" && type.count === undefined;
      if (isFlexible && (kind === "union" || index < members.length - 1)) {
        throw new CRefusal("flexibleNotLast", at, name ?? "");
      }
    }
  }

  #memberDeclaration(members: Declared[]): void {
    const tokens = this.#tokens;
    const specifiers = this.#specifiers();
    const { type, at } = specifiers;
    const add = (declared: Omit<Declared, "isPacked" | "aligned">, own: Attributes): void => {
      if (++this.#members > MOST_MEMBERS) throw new CRefusal("tooManyMembers", at, MOST_MEMBERS);
      members.push({
        ...declared,
        isPacked: specifiers.isPacked || own.isPacked,
        aligned: Math.max(specifiers.aligned, own.aligned),
      });
    };
    if (tokens.take(";")) {
      // A struct that is only defined here has a name; one without is a member.
      if ((type.kind === "struct" || type.kind === "union") && type.tag === undefined) {
        add({ name: undefined, type, bitWidth: undefined, at }, { isPacked: false, aligned: 0 });
      }
      return;
    }
    for (;;) {
      const isUnnamed = tokens.peek().text === ":";
      const declarator = isUnnamed ? undefined : this.#declarator(0);
      const { name } = declarator ?? {};
      const place = declarator?.at ?? tokens.peek().at;
      if (!isUnnamed && name === undefined) tokens.refuse("a name");
      const whole = this.#complete(declarator?.apply(type) ?? type, place);
      const bitWidth = tokens.take(":") ? this.#width(whole, name) : undefined;
      const own = this.#attributes();
      if (bitWidth !== undefined && Math.max(own.aligned, specifiers.aligned) > 0) {
        throw new CRefusal("badBitFieldType", place, "aligned");
      }
      if (this.#hasPointer(whole) && name !== undefined) {
        this.#remark({ code: "pointer", arguments: [name] });
      }
      add({ name, type: whole, bitWidth, at: place }, own);
      if (tokens.take(";")) return;
      if (!tokens.take(",")) tokens.refuse(";");
    }
  }

  #hasPointer(type: CType): boolean {
    return type.kind === "array" ? this.#hasPointer(type.of) : type.kind === "pointer";
  }

  #width(type: CType, name: string | undefined): number {
    const { at } = this.#tokens.peek();
    const width = this.#constant();
    if (type.kind !== "integer" && type.kind !== "boolean" && type.kind !== "enum") {
      throw new CRefusal("badBitField", at, typeName(type));
    }
    if (type.kind === "integer" && type.endian) {
      throw new CRefusal("badBitFieldType", at, type.name);
    }
    const most = type.kind === "boolean" ? 1 : type.size * 8;
    const least = name === undefined ? 0 : 1;
    if (width < BigInt(least) || width > BigInt(most)) {
      throw new CRefusal("badWidth", at, width, typeName(type));
    }
    return Number(width);
  }

  /** A name with what is around it: `*p`, `x[3][4]`, `(*f)(int)`. */
  #declarator(depth: number): Declarator {
    const tokens = this.#tokens;
    if (depth > DEEPEST) throw new CRefusal("nestedTooDeep", tokens.peek().at, DEEPEST);
    let isPointer = false;
    for (;;) {
      if (tokens.take("*")) isPointer = true;
      else if (QUALIFIERS.has(tokens.peek().text)) tokens.next();
      else break;
    }
    const { at } = tokens.peek();
    let name: string | undefined;
    let inner: Declarator | undefined;
    const opens = tokens.peek().text === "(" && /^[*(]$/.test(tokens.peek(1).text);
    if (opens) {
      tokens.next();
      inner = this.#declarator(depth + 1);
      name = inner.name;
      tokens.expect(")");
    } else if (
      tokens.peek().kind === "name" &&
      !/^(__attribute__|__packed)$/.test(tokens.peek().text)
    ) {
      name = tokens.next().text;
    }
    const counts: (number | undefined)[] = [];
    let isFunction = false;
    for (;;) {
      if (tokens.peek().kind === "mark" && tokens.peek().text === "(") {
        tokens.skipParentheses();
        isFunction = true;
      } else if (tokens.peek().kind === "mark" && tokens.take("[")) {
        const place = tokens.peek().at;
        const count = tokens.peek().text === "]" ? undefined : this.#constant();
        tokens.expect("]");
        if (count !== undefined && (count < 0n || count > BigInt(MOST_BYTES))) {
          throw new CRefusal("badCount", place, count);
        }
        counts.push(count === undefined ? undefined : Number(count));
      } else break;
      if (counts.length > DEEPEST) throw new CRefusal("nestedTooDeep", at, DEEPEST);
    }
    const apply = (base: AnyType): AnyType => {
      let type = base;
      if (isPointer) type = this.#pointer();
      if (isFunction) type = { kind: "incomplete", name: "a function", isAnnounced: false };
      for (const count of counts.toReversed()) type = this.#array(type, count, at);
      return inner ? inner.apply(type) : type;
    };
    return { name, at, apply, isFunction: isFunction && !inner };
  }

  #pointer(): CType {
    const { pointer } = this.#target;
    return { kind: "pointer", name: "pointer", size: pointer, align: pointer, isSigned: false };
  }

  #array(type: AnyType, count: number | undefined, at: number): CType {
    const of = this.#complete(type, at);
    const size = of.size * (count ?? 0);
    if (of.kind === "array" && of.count === undefined) {
      throw new CRefusal("expected", at, "a count", "[]");
    }
    if (size > MOST_BYTES) throw new CRefusal("tooLarge", at, typeName(of), MOST_BYTES);
    return { kind: "array", of, count, size, align: of.align };
  }

  #enum(): AnyType {
    const tokens = this.#tokens;
    const { at } = tokens.next();
    const before = this.#attributes();
    const tag = this.#tag();
    const key = `enum ${tag ?? ""}`;
    // C23: a type of its own. A bit-field's width has no type.
    const nextIsType = tokens.peek().text === ":" && tokens.peek(1).kind === "name";
    let own: CType | undefined;
    if (nextIsType) {
      tokens.next();
      own = this.#complete(this.#specifiers().type, at);
      if (own.kind !== "integer") throw new CRefusal("badType", at, typeName(own));
    }
    if (tokens.peek().text !== "{") {
      if (tag === undefined) tokens.refuse("{");
      return this.#tags.get(key) ?? { kind: "incomplete", name: key, isAnnounced: true };
    }
    tokens.next();
    const members = new Map<string, bigint>();
    let next = 0n;
    while (!tokens.take("}")) {
      const name = tokens.next();
      if (name.kind !== "name") throw new CRefusal("expected", name.at, "a name", name.text);
      if (this.#constants.has(name.text)) throw new CRefusal("duplicate", name.at, name.text);
      this.#attributes();
      if (tokens.take("=")) next = this.#constant();
      if (++this.#members > MOST_MEMBERS) {
        throw new CRefusal("tooManyMembers", name.at, MOST_MEMBERS);
      }
      members.set(name.text, next);
      this.#constants.set(name.text, next);
      next++;
      if (tokens.peek().text !== "}") tokens.expect(",");
    }
    const isPacked = before.isPacked || this.#attributes().isPacked;
    const isSigned = own?.kind === "integer" ? own.isSigned : this.#isEnumSigned(members);
    const size = own?.size ?? this.#enumSize([...members.values()], isPacked);
    const align = own?.align ?? (size === 8 ? this.#target.align8 : size);
    const type: CEnum = { kind: "enum", tag, size, align, isSigned, members };
    if (tag !== undefined) {
      if (this.#tags.has(key)) throw new CRefusal("duplicate", at, key);
      this.#tags.set(key, type);
    }
    return type;
  }

  #isEnumSigned(members: ReadonlyMap<string, bigint>): boolean {
    return [...members.values()].some((value) => value < 0n);
  }

  #enumSize(values: readonly bigint[], isPacked: boolean): number {
    const isSigned = values.some((value) => value < 0n);
    const fits = (bytes: number) =>
      values.every((value) =>
        isSigned
          ? BigInt.asIntN(bytes * 8, value) === value
          : BigInt.asUintN(bytes * 8, value) === value,
      );
    if (this.#target.bitFields === "microsoft") return 4;
    const sizes = isPacked || this.#target.hasShortEnums ? [1, 2, 4] : [4];
    return sizes.find(fits) ?? 8;
  }
}

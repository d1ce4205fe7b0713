import { numberReader, numberTypeOf, valueTypeOf } from "../built_in.ts";
import type { EnumSpec, TypeSpec } from "../definition.ts";
import { encodingOf } from "../encodings.ts";
import { Misfit } from "../failure.ts";
import type { Int } from "../integers.ts";
import * as integers from "../integers.ts";
import { Refusal } from "../problem.ts";
import { type Evaluate, Items, type Run, Struct, slotValue } from "../run.ts";
import { Stream } from "../stream.ts";
import {
  ANY,
  BOOL,
  BYTE,
  BYTES,
  combine,
  FLOAT,
  fits,
  INT,
  IO,
  isNumber,
  STR,
  STRUCT,
  sameType,
  typeName,
  type ValueType,
} from "../types.ts";
import { element, methodOf } from "./methods.ts";
import type { Expression, TypePath } from "./syntax.ts";
import { areComparable, type Compare, comparison, hasOrder } from "./values.ts";

/** What an expression may name, as the compiler of definitions knows it. */
export interface Names {
  /** A parameter, field or instance of a type. */
  slot(
    type: TypeSpec,
    id: string,
  ): { readonly index: number; readonly type: ValueType } | undefined;
  /** The one type that a type is read within; undefined where there are several, or none. */
  parent(type: TypeSpec): TypeSpec | undefined;
  type(path: readonly string[], from: TypeSpec, isAbsolute: boolean): TypeSpec | undefined;
  enum(path: readonly string[], from: TypeSpec, isAbsolute: boolean): EnumSpec | undefined;
  /** `u2`, `str` and so on. */
  builtIn(name: string): ValueType | undefined;
  /** Bits of a built-in type, of a type, or of a field of one; undefined where that depends on what is read. */
  bits(of: string | TypeSpec, field?: string): number | undefined;
}

/** Where an expression stands. */
export interface Scope {
  readonly type: TypeSpec;
  readonly names: Names;
  /** Of `_`, where there is one. */
  readonly item?: ValueType | undefined;
  /** True where there is `_index`. */
  readonly hasIndex?: boolean | undefined;
  /** True where built-in numbers can be read at a byte of the stream: `u2le[0]`. */
  readonly readsBytes?: boolean | undefined;
  /** Told of what is doubtful, and can be compiled nevertheless. */
  readonly warn?: ((warning: Refusal) => void) | undefined;
}

/** An expression that was checked, and how its value is computed. */
export interface Typed {
  readonly type: ValueType;
  readonly evaluate: Evaluate;
  /** Its value, where that depends on nothing. */
  readonly constant?: unknown;
}

/**
 * Checks an expression and makes closures of it: nothing of it is ever run as code.
 * @throws {Refusal} With the place in the expression.
 */
export function compileExpression(expression: Expression, scope: Scope): Typed {
  return new Compiler(scope).compile(expression);
}

const constant = (type: ValueType, value: unknown): Typed => ({
  type,
  constant: value,
  evaluate: () => value,
});

const ARITHMETIC = {
  "+": [integers.add, (a: number, b: number) => a + b],
  "-": [integers.subtract, (a: number, b: number) => a - b],
  "*": [integers.multiply, (a: number, b: number) => a * b],
  "/": [integers.divide, (a: number, b: number) => a / b],
  "%": [integers.modulo, undefined],
  "|": [integers.or, undefined],
  "^": [integers.xor, undefined],
  "&": [integers.and, undefined],
  "<<": [integers.shiftLeft, undefined],
  ">>": [integers.shiftRight, undefined],
} as const satisfies Record<
  string,
  readonly [(a: Int, b: Int) => Int, ((a: number, b: number) => number) | undefined]
>;

const COMPARE: Readonly<Record<string, (difference: number) => boolean>> = {
  "==": (difference) => difference === 0,
  "!=": (difference) => difference !== 0,
  "<": (difference) => difference < 0,
  "<=": (difference) => difference <= 0,
  ">": (difference) => difference > 0,
  ">=": (difference) => difference >= 0,
};

class Compiler {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  compile(expression: Expression): Typed {
    switch (expression.kind) {
      case "int": {
        const { value } = expression;
        return constant(value >= 0 && value <= 255 ? BYTE : INT, value);
      }
      case "float":
        return constant(FLOAT, expression.value);
      case "bool":
        return constant(BOOL, expression.value);
      case "string":
        return constant(STR, expression.value);
      case "format":
        return this.#format(expression);
      case "list":
        return this.#list(expression);
      case "name":
        return this.#name(expression);
      case "member":
        return this.#member(expression.path);
      case "sizeof":
        return this.#sizeOf(expression);
      case "unary":
        return this.#unary(expression);
      case "binary":
        return this.#binary(expression);
      case "choice":
        return this.#choice(expression);
      case "index":
        return this.#index(expression);
      case "cast":
        return this.#cast(expression);
      case "attribute":
        return this.#attribute(expression);
    }
  }

  #wanted(expression: Expression, kind: ValueType["kind"], type: ValueType): Typed {
    const typed = this.compile(expression);
    if (typed.type.kind !== kind) {
      throw new Refusal("wrongType", [typeName(type), typeName(typed.type)], expression);
    }
    return typed;
  }

  #format({ parts }: Expression & { kind: "format" }): Typed {
    const compiled = parts.map((part): Evaluate => {
      if (typeof part === "string") return () => part;
      const { type, evaluate } = this.compile(part);
      if (type.kind === "str") return evaluate;
      if (type.kind !== "int")
        throw new Refusal("wrongType", [typeName(STR), typeName(type)], part);
      return (self, run) => String(evaluate(self, run));
    });
    return {
      type: STR,
      evaluate: (self, run) => {
        let text = "";
        for (const part of compiled) text = run.text(text + part(self, run));
        return text;
      },
    };
  }

  #list({ items }: Expression & { kind: "list" }): Typed {
    const compiled = items.map((item) => this.compile(item));
    let type: ValueType = compiled[0]?.type ?? BYTE;
    for (const [index, item] of compiled.entries()) {
      const both = combine(type, item.type);
      if (!both)
        throw new Refusal("mixedArray", [typeName(type), typeName(item.type)], items[index]);
      type = both;
    }
    const values = compiled.map(({ evaluate }) => evaluate);
    if (type.kind === "int" && type.byte) {
      const constants = compiled.map((item) => item.constant);
      if (constants.every((value) => typeof value === "number")) {
        return constant(BYTES, Uint8Array.from(constants));
      }
      return {
        type: BYTES,
        evaluate: (self, run) => Uint8Array.from(values, (value) => Number(value(self, run))),
      };
    }
    return {
      type: { kind: "array", of: type },
      evaluate: (self, run) => new Items(values.map((value) => value(self, run))),
    };
  }

  #name(expression: Expression & { kind: "name" }): Typed {
    const { name } = expression;
    const { type, item, hasIndex, names } = this.#scope;
    if (name === "_io") return { type: IO, evaluate: (self) => self.io };
    if (name === "_sizeof") return this.#fixedSize(names.bits(type), name, expression);
    if (name === "_") {
      if (!item) throw new Refusal("noItem", [name, "repeat-until, valid"], expression);
      return {
        type: item,
        evaluate: (_, run) => {
          if (run.item === null) throw new Misfit("missing", name);
          return run.item;
        },
      };
    }
    if (name === "_index") {
      if (!hasIndex) throw new Refusal("noItem", [name, "repeat"], expression);
      return { type: INT, evaluate: (_, run) => run.index };
    }
    return this.#slot(type, name, expression, (self) => self);
  }

  /** A field of a structure, or what every structure has. */
  #slot(
    type: TypeSpec | undefined,
    name: string,
    span: { readonly from: number; readonly to: number },
    structure: Evaluate,
  ): Typed {
    const { names } = this.#scope;
    if (name === "_io")
      return { type: IO, evaluate: (self, run) => structOf(structure(self, run)).io };
    if (name === "_root") {
      return {
        type: { kind: "struct", type: type && topOf(type) },
        evaluate: (self, run) => {
          const { root } = structOf(structure(self, run));
          if (!root) throw new Misfit("missing", "_root");
          return root;
        },
      };
    }
    if (name === "_parent") {
      return {
        type: { kind: "struct", type: type && names.parent(type) },
        evaluate: (self, run) => {
          const { parent } = structOf(structure(self, run));
          if (!parent) throw new Misfit("missing", "_parent");
          return parent;
        },
      };
    }
    const slot = type && names.slot(type, name);
    if (!slot) {
      const owner = type ? typeName({ kind: "struct", type }) : typeName(STRUCT);
      throw new Refusal("unknownField", [name, owner], span);
    }
    const { index } = slot;
    return {
      type: slot.type,
      evaluate: (self, run) => {
        const of = structOf(structure(self, run));
        if (of.plan.spec !== type) throw new Misfit("wrongCast", of.plan.spec.id, type.id);
        const value = slotValue(of, index, run);
        if (value === null) throw new Misfit("missing", name);
        return value;
      },
    };
  }

  #member(path: TypePath): Typed {
    const { names, type } = this.#scope;
    const member = path.names.at(-1) ?? "";
    const enumPath = path.names.slice(0, -1);
    const found = names.enum(enumPath, type, path.isAbsolute);
    if (!found) throw new Refusal("unknownEnum", [enumPath.join("::")], path);
    const value = found.byId.get(member);
    if (value === undefined) throw new Refusal("unknownMember", [member, found.id], path);
    return constant({ kind: "enum", enum: found }, value);
  }

  #sizeOf({ unit, type: path, from, to }: Expression & { kind: "sizeof" }): Typed {
    const name = path.names.join("::");
    const { names, type } = this.#scope;
    const isBuiltIn = path.names.length === 1 && names.builtIn(name) !== undefined;
    const spec = isBuiltIn ? name : names.type(path.names, type, path.isAbsolute);
    if (!spec) throw new Refusal("unknownType", [name], path);
    const bits = names.bits(spec);
    if (unit === "bytes" || bits === undefined) return this.#fixedSize(bits, name, { from, to });
    return constant(INT, bits);
  }

  #fixedSize(bits: number | undefined, name: string, span: { from: number; to: number }): Typed {
    if (bits === undefined) throw new Refusal("noFixedSize", [name], span);
    return constant(INT, Math.ceil(bits / 8));
  }

  #unary({ operator, of }: Expression & { kind: "unary" }): Typed {
    const operand = this.compile(of);
    const { type, evaluate } = operand;
    if (operator === "not") {
      if (type.kind !== "bool") throw new Refusal("cannotOperate", [operator, typeName(type)], of);
      return folded(BOOL, [operand], (self, run) => !evaluate(self, run));
    }
    if (type.kind === "float" && operator !== "~") {
      return folded(FLOAT, [operand], (self, run) =>
        operator === "-" ? -(evaluate(self, run) as number) : evaluate(self, run),
      );
    }
    if (type.kind !== "int") throw new Refusal("cannotOperate", [operator, typeName(type)], of);
    if (operator === "+") return operand;
    const apply = operator === "-" ? integers.negate : integers.invert;
    return folded(INT, [operand], (self, run) => apply(evaluate(self, run) as Int));
  }

  #binary(expression: Expression & { kind: "binary" }): Typed {
    const { operator, left, right } = expression;
    if (operator === "and" || operator === "or") {
      const a = this.#wanted(left, "bool", BOOL);
      const b = this.#wanted(right, "bool", BOOL);
      const [first, second] = [a.evaluate, b.evaluate];
      return folded(
        BOOL,
        [a, b],
        operator === "and"
          ? (self, run) => first(self, run) && second(self, run)
          : (self, run) => first(self, run) || second(self, run),
      );
    }
    const a = this.compile(left);
    const b = this.compile(right);
    const decide = COMPARE[operator];
    if (decide) return this.#compared(expression, a, b, decide);
    const [first, second] = [a.evaluate, b.evaluate];
    const names = `${typeName(a.type)}, ${typeName(b.type)}`;
    if (operator === "+" && a.type.kind === "str" && b.type.kind === "str") {
      return {
        type: STR,
        evaluate: (self, run) =>
          run.text((first(self, run) as string) + (second(self, run) as string)),
      };
    }
    const [ofIntegers, ofFloats] = ARITHMETIC[operator as keyof typeof ARITHMETIC];
    if (a.type.kind === "int" && b.type.kind === "int") {
      return folded(INT, [a, b], (self, run) =>
        ofIntegers(first(self, run) as Int, second(self, run) as Int),
      );
    }
    if (!ofFloats || !isNumber(a.type) || !isNumber(b.type)) {
      throw new Refusal("cannotOperate", [operator, names], expression);
    }
    return folded(FLOAT, [a, b], (self, run) =>
      ofFloats(Number(first(self, run)), Number(second(self, run))),
    );
  }

  #compared(
    expression: Expression & { kind: "binary" },
    a: Typed,
    b: Typed,
    decide: (difference: number) => boolean,
  ): Typed {
    const { operator } = expression;
    if (!areComparable(a.type, b.type)) {
      throw new Refusal("cannotCompare", [typeName(a.type), typeName(b.type)], expression);
    }
    if (operator !== "==" && operator !== "!=" && !hasOrder(a.type)) {
      throw new Refusal("cannotOrder", [typeName(a.type), operator], expression);
    }
    const compare: Compare = comparison(a.type);
    const [first, second] = [a.evaluate, b.evaluate];
    return folded(BOOL, [a, b], (self, run) =>
      decide(compare(first(self, run), second(self, run), run)),
    );
  }

  #choice(expression: Expression & { kind: "choice" }): Typed {
    const condition = this.#wanted(expression.condition, "bool", BOOL);
    const [yes, no] = [this.compile(expression.yes), this.compile(expression.no)];
    const type = combine(yes.type, no.type);
    if (!type) {
      throw new Refusal("mixedChoice", [typeName(yes.type), typeName(no.type)], expression);
    }
    const [decide, first, second] = [condition.evaluate, yes.evaluate, no.evaluate];
    return {
      type,
      evaluate: (self, run) => (decide(self, run) ? first(self, run) : second(self, run)),
    };
  }

  #index({ of, index }: Expression & { kind: "index" }): Typed {
    if (of.kind === "name" && this.#scope.readsBytes) return this.#numberAt(of, index);
    const list = this.compile(of);
    const { type } = list;
    if (type.kind !== "array" && type.kind !== "bytes") {
      throw new Refusal("cannotOperate", ["[]", typeName(type)], of);
    }
    const [all, at] = [list.evaluate, this.#wanted(index, "int", INT).evaluate];
    return {
      type: type.kind === "array" ? type.of : BYTE,
      evaluate: (self, run) => element(all(self, run), at(self, run) as Int),
    };
  }

  /** A number of the stream, by the name of its type and its first byte. */
  #numberAt({ name, from, to }: Expression & { kind: "name" }, index: Expression): Typed {
    const type = numberTypeOf(name);
    if (!type || type.kind === "bits") throw new Refusal("unknownType", [name], { from, to });
    if (type.size > 1 && !type.endian) throw new Refusal("noEndian", [name], { from, to });
    const read = numberReader(type, type.endian === "le");
    const at = this.#wanted(index, "int", INT).evaluate;
    return {
      type: valueTypeOf(type),
      evaluate: (self, run) => {
        const { io } = self;
        const place = at(self, run) as Int;
        if (place < 0 || place > io.size - type.size) {
          throw new Misfit("badPosition", name, place, io.size);
        }
        return read(io.view, io.from + Number(place));
      },
    };
  }

  #cast({ of, type: path }: Expression & { kind: "cast" }): Typed {
    const typed = this.compile(of);
    const { names, type: from } = this.#scope;
    const name = path.names.join("::");
    const builtIn = path.names.length === 1 ? names.builtIn(name) : undefined;
    const spec = builtIn ? undefined : names.type(path.names, from, path.isAbsolute);
    if (!builtIn && !spec) throw new Refusal("unknownType", [name], path);
    const single: ValueType = builtIn ?? { kind: "struct", type: spec };
    const type: ValueType = path.isArray ? { kind: "array", of: single } : single;
    const { evaluate } = typed;
    if (type.kind === "bytes" && typed.type.kind === "array" && typed.type.of.kind === "int") {
      return { type, evaluate: (self, run) => toBytes(evaluate(self, run) as Items, run) };
    }
    if (type.kind === "array" && typed.type.kind === "bytes" && isNumber(type.of)) {
      return {
        type,
        evaluate: (self, run) => {
          const bytes = evaluate(self, run) as Uint8Array;
          run.step(bytes.length);
          return new Items(Array.from(bytes));
        },
      };
    }
    const mayBe =
      typed.type.kind === "any" ||
      fits(typed.type, type) ||
      (typed.type.kind === "struct" && (type.kind === "struct" || type.kind === "bytes")) ||
      (isNumber(typed.type) && isNumber(type)) ||
      (typed.type.kind === "array" && type.kind === "array" && typed.type.of.kind === type.of.kind);
    if (!mayBe) throw new Refusal("wrongType", [typeName(type), typeName(typed.type)], of);
    if (sameType(typed.type, type)) return { ...typed, type };
    return {
      type,
      evaluate: (self, run) => {
        const value = evaluate(self, run);
        if (value instanceof Items) run.step(value.values.length);
        if (!isOfType(value, type))
          throw new Misfit("wrongCast", nameOfValue(value), typeName(type));
        return value;
      },
    };
  }

  #attribute(expression: Expression & { kind: "attribute" }): Typed {
    const { of, name, nameFrom } = expression;
    const span = { from: nameFrom, to: nameFrom + name.length };
    if (name === "_sizeof") return this.#sizeOfValue(of, expression);
    const owner = this.compile(of);
    const { type, evaluate } = owner;
    if (type.kind === "struct") {
      if (expression.arguments)
        throw new Refusal("unknownMethod", [`${name}()`, typeName(type)], span);
      return this.#slot(type.type, name, span, evaluate);
    }
    const method = methodOf(type, name);
    if (!method) throw new Refusal("unknownMethod", [name, typeName(type)], span);
    if ((name === "min" || name === "max") && type.kind === "array" && !hasOrder(type.of)) {
      throw new Refusal("cannotOrder", [typeName(type.of), name], span);
    }
    const [fewest, ...kinds] = method.arguments;
    const given = (expression.arguments ?? []).map((argument) => this.compile(argument));
    if (given.length < fewest || given.length > kinds.length) {
      const most = kinds.length === fewest ? `${fewest}` : `${fewest} – ${kinds.length}`;
      throw new Refusal("wrongCount", [name, most, given.length], span);
    }
    for (const [index, argument] of given.entries()) {
      const wanted = kinds[index] === "str" ? STR : INT;
      if (argument.type.kind === wanted.kind) continue;
      const at = expression.arguments?.[index];
      throw new Refusal("wrongArguments", [name, typeName(wanted), typeName(argument.type)], at);
    }
    if (type.kind === "bytes" && name === "to_s") {
      const encoding = given[0]?.constant;
      const at = expression.arguments?.[0];
      if (typeof encoding !== "string") throw new Refusal("literalOnly", [], at);
      if (!encodingOf(encoding)) this.#scope.warn?.(new Refusal("unknownEncoding", [encoding], at));
    }
    const { call } = method;
    const words = given.map((argument) => argument.evaluate);
    return {
      type: method.type(type),
      evaluate: (self, run) =>
        call(
          evaluate(self, run),
          words.map((word) => word(self, run)),
          run,
          type,
        ),
    };
  }

  /** `x._sizeof`, of a field of this or another structure. */
  #sizeOfValue(of: Expression, expression: Expression & { kind: "attribute" }): Typed {
    const { names, type } = this.#scope;
    const span = { from: of.from, to: of.to };
    if (of.kind === "name" && !of.name.startsWith("_")) {
      this.#name(of);
      return this.#fixedSize(names.bits(type, of.name), of.name, span);
    }
    if (of.kind === "attribute" && !of.name.startsWith("_")) {
      const owner = this.compile(of.of).type;
      if (owner.kind === "struct" && owner.type && names.slot(owner.type, of.name)) {
        return this.#fixedSize(names.bits(owner.type, of.name), of.name, span);
      }
    }
    const owner = this.compile(of).type;
    if (owner.kind === "struct" && owner.type) {
      return this.#fixedSize(names.bits(owner.type), owner.type.id, span);
    }
    throw new Refusal("noFixedSize", [typeName(owner)], expression);
  }
}

/** A `switch-on` without a fitting case leaves bytes where a structure was to be. */
function structOf(value: unknown): Struct {
  if (value instanceof Struct) return value;
  throw new Misfit("wrongCast", nameOfValue(value), typeName(STRUCT));
}

function topOf(type: TypeSpec): TypeSpec {
  let top = type;
  while (top.outer) top = top.outer;
  return top;
}

const NOBODY = undefined as unknown as Struct;
const NOTHING = undefined as unknown as Run;

/** Computed at once where all that it is made of is constant, unless that fails: then it fails where it is used. */
function folded(type: ValueType, parts: readonly Typed[], evaluate: Evaluate): Typed {
  if (type.kind === "str" || !parts.every((part) => "constant" in part)) return { type, evaluate };
  if (parts.some((part) => part.type.kind === "str" || part.type.kind === "bytes")) {
    return { type, evaluate };
  }
  try {
    return constant(type, evaluate(NOBODY, NOTHING));
  } catch {
    return { type, evaluate };
  }
}

function toBytes(items: Items, run: Run): Uint8Array {
  run.step(items.values.length);
  return Uint8Array.from(items.values, (value) => {
    if (typeof value !== "number" || value < 0 || value > 255) {
      throw new Misfit("wrongCast", String(value), typeName(BYTES));
    }
    return value;
  });
}

/** True where a value that was read is of a type; elements of lists are looked at when they are used. */
function isOfType(value: unknown, type: ValueType): boolean {
  switch (type.kind) {
    case "struct":
      return value instanceof Struct && (!type.type || value.plan.spec === type.type);
    case "int":
    case "enum":
      return typeof value === "bigint" || Number.isInteger(value);
    case "float":
      return typeof value === "number" || typeof value === "bigint";
    case "bool":
      return typeof value === "boolean";
    case "str":
      return typeof value === "string";
    case "bytes":
      return value instanceof Uint8Array;
    case "io":
      return value instanceof Stream;
    case "array":
      return value instanceof Items && value.values.every((one) => isOfType(one, type.of));
    case "any":
      return type === ANY;
  }
}

function nameOfValue(value: unknown): string {
  if (value instanceof Struct) return value.plan.spec.id;
  if (value instanceof Uint8Array) return typeName(BYTES);
  return typeof value === "object" ? typeName({ kind: "array", of: ANY }) : String(value);
}

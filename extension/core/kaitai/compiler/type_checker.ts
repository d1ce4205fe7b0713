import { builtInOf, valueTypeNamed, valueTypeOf } from "../built_in.ts";
import type {
  DefinitionFile,
  EnumSpec,
  FieldSpec,
  ParamSpec,
  Source,
  TypeSpec,
} from "../definition.ts";
import { compileExpression, type Names, type Scope, type Typed } from "../expression/compiler.ts";
import { parseExpression, parseTypeCall } from "../expression/parser.ts";
import type { Expression } from "../expression/syntax.ts";
import { TypeNames } from "../names.ts";
import type { SlotPlan } from "../plan.ts";
import { Refusal } from "../problem.ts";
import type { Evaluate } from "../run.ts";
import { ANY, BYTES, combine, typeName, type ValueType } from "../types.ts";
import { Parents } from "./parents.ts";
import { isSized } from "./read_bytes.ts";
import { Reported, type Reporter } from "./reporter.ts";

/** A named value of a type, by its number among parameters, fields and instances. */
export interface Slot {
  readonly index: number;
  readonly kind: SlotPlan["kind"];
  readonly spec: FieldSpec | ParamSpec;
}

/** Knows the types of all that has a name in some files, and checks expressions against them. */
export class TypeChecker implements Names {
  readonly #problems: Reporter;
  readonly #names: TypeNames;
  readonly #parents: Parents;
  readonly #slots = new Map<TypeSpec, ReadonlyMap<string, Slot>>();
  readonly #slotTypes = new Map<FieldSpec | ParamSpec, ValueType | "pending" | "unknown">();
  readonly #values = new Map<FieldSpec, Typed>();
  readonly #parsed = new Map<Source, Expression>();

  constructor(files: readonly DefinitionFile[], problems: Reporter) {
    this.#problems = problems;
    this.#names = new TypeNames(files);
    this.#parents = new Parents(files, this.#names, (source, type) => {
      const typed = this.expression(source, { type, names: this }, false);
      return typed?.type.kind === "struct" ? typed.type.type : undefined;
    });
  }

  // What expressions may name.

  slot(type: TypeSpec, id: string): { index: number; type: ValueType } | undefined {
    const slot = this.#slotsOf(type).get(id);
    return slot && { index: slot.index, type: this.slotType(slot, type) };
  }

  type(path: readonly string[], from: TypeSpec, isAbsolute: boolean): TypeSpec | undefined {
    return this.#names.type(path, from, isAbsolute);
  }

  enum(path: readonly string[], from: TypeSpec, isAbsolute: boolean): EnumSpec | undefined {
    return this.#names.enum(path, from, isAbsolute);
  }

  builtIn(name: string): ValueType | undefined {
    return this.#names.builtIn(name);
  }

  bits(of: string | TypeSpec, field?: string): number | undefined {
    return this.#names.bits(of, field);
  }

  parent(type: TypeSpec): TypeSpec | undefined {
    return this.#parents.of(type);
  }

  // Expressions.

  /** A text of the definition, checked; undefined where there is none, or it was refused. */
  expression(source: Source | undefined, scope: Scope, isTold = true): Typed | undefined {
    if (!source || source.text === "") return undefined;
    try {
      let parsed = this.#parsed.get(source);
      if (!parsed) {
        parsed = parseExpression(source.text);
        this.#parsed.set(source, parsed);
      }
      const warn = (warning: Refusal): void => this.#problems.caught(warning, source, "warning");
      return this.compile(parsed, { ...scope, warn }, source.text.length);
    } catch (error) {
      if (isTold) this.#problems.caught(error, source);
      else if (!(error instanceof Refusal || error instanceof Reported)) throw error;
      return undefined;
    }
  }

  /** An expression that was parsed, from a text of that length. */
  compile(expression: Expression, scope: Scope, length: number): Typed {
    return charged(compileExpression(expression, scope), length);
  }

  /** The type of an expression in a type; undefined where it means nothing there. */
  typeOf(expression: Expression, type: TypeSpec): ValueType | undefined {
    try {
      return compileExpression(expression, { type, names: this }).type;
    } catch (error) {
      if (error instanceof Refusal || error instanceof Reported) return undefined;
      throw error;
    }
  }

  /** An expression that has to be of a type. */
  wanted(source: Source | undefined, scope: Scope, type: ValueType): Evaluate | undefined {
    const typed = this.expression(source, scope);
    if (!source || !typed) return undefined;
    if (typed.type.kind !== type.kind) {
      this.#problems.refuse(source.place, "wrongType", typeName(type), typeName(typed.type));
    }
    return typed.evaluate;
  }

  /** The value of an instance that is computed, once its type was asked for. */
  valueOf(field: FieldSpec): Typed | undefined {
    return this.#values.get(field);
  }

  // Slots and their types.

  #slotsOf(type: TypeSpec): ReadonlyMap<string, Slot> {
    let slots = this.#slots.get(type);
    if (!slots) {
      const made = new Map<string, Slot>();
      let index = 0;
      const add = (kind: Slot["kind"], specs: readonly (FieldSpec | ParamSpec)[]): void => {
        for (const spec of specs) {
          if (!made.has(spec.id)) made.set(spec.id, { index, kind, spec });
          index++;
        }
      };
      add("param", type.params);
      add("field", type.seq);
      add("instance", type.instances);
      slots = made;
      this.#slots.set(type, slots);
    }
    return slots;
  }

  slotType({ kind, spec }: Pick<Slot, "kind" | "spec">, owner: TypeSpec): ValueType {
    const known = this.#slotTypes.get(spec);
    if (known === "pending") throw new Refusal("circularValue", [spec.id]);
    if (known === "unknown") throw new Reported();
    if (known) return known;
    this.#slotTypes.set(spec, "pending");
    let type: ValueType | undefined;
    try {
      type =
        kind === "param"
          ? this.#paramType(spec as ParamSpec, owner)
          : this.#fieldType(spec as FieldSpec, owner);
    } finally {
      this.#slotTypes.set(spec, type ?? "unknown");
    }
    if (!type) throw new Reported();
    return type;
  }

  #paramType(param: ParamSpec, owner: TypeSpec): ValueType | undefined {
    const { type: source } = param;
    if (param.enum)
      return this.#enumType(param.enum, source ? valueTypeNamed(source.text) : BYTES, owner);
    if (!source) return BYTES;
    const isArray = source.text.endsWith("[]");
    const name = isArray ? source.text.slice(0, -2) : source.text;
    const spec = this.#names.used(name, owner);
    const single = valueTypeNamed(name) ?? (spec && ({ kind: "struct", type: spec } as const));
    if (!single) {
      this.#unknownType(source, name, owner);
      return undefined;
    }
    return isArray ? { kind: "array", of: single } : single;
  }

  #unknownType(source: Source, name: string, owner: TypeSpec): void {
    const isOpaque = owner.file.allowsOpaque;
    this.#problems.refuse(source.place, isOpaque ? "needsCode" : "unknownType", name);
  }

  #enumType(source: Source, of: ValueType | undefined, owner: TypeSpec): ValueType | undefined {
    const isAbsolute = source.text.startsWith("::");
    const path = (isAbsolute ? source.text.slice(2) : source.text).split("::");
    const found = this.#names.enum(path, owner, isAbsolute);
    if (!found) {
      this.#problems.refuse(source.place, "unknownEnum", source.text);
      return undefined;
    }
    if (of && of.kind !== "int") {
      this.#problems.refuse(source.place, "enumOfNoInteger", typeName(of));
      return undefined;
    }
    return { kind: "enum", enum: found };
  }

  #fieldType(field: FieldSpec, owner: TypeSpec): ValueType | undefined {
    if (field.value) {
      const typed = this.expression(field.value, { type: owner, names: this });
      if (!typed) return undefined;
      this.#values.set(field, typed);
      return field.enum ? this.#enumType(field.enum, typed.type, owner) : typed.type;
    }
    const element = this.#elementType(field, owner);
    return element && field.repeat ? { kind: "array", of: element } : element;
  }

  /** Of one value of a field that is read. */
  #elementType(field: FieldSpec, owner: TypeSpec): ValueType | undefined {
    const { type } = field;
    let found: ValueType | undefined = BYTES;
    if (type && "on" in type) {
      const all = type.cases.map((one) => this.usedType(one.type, field, owner));
      if (all.includes(undefined)) return undefined;
      const hasRest = isSized(field) && !type.cases.some(({ key }) => !key);
      // Bytes stand for a structure that no case has chosen; beside anything else they are another kind of value.
      if (hasRest && !all.every((one) => one?.kind === "struct")) all.push(BYTES);
      found = (all as ValueType[]).reduce((a, b) => combine(a, b) ?? ANY, all[0] ?? BYTES);
    } else if (type) {
      found = this.usedType(type, field, owner);
    }
    return found && field.enum ? this.#enumType(field.enum, found, owner) : found;
  }

  usedType(source: Source, field: FieldSpec, owner: TypeSpec): ValueType | undefined {
    const builtIn = builtInOf(source.text);
    if (builtIn) return valueTypeOf(builtIn, field.enum !== undefined);
    try {
      const { path } = parseTypeCall(source.text);
      const spec = path.isArray ? undefined : this.#names.type(path.names, owner, path.isAbsolute);
      if (spec) return { kind: "struct", type: spec };
      this.#unknownType(source, path.names.join("::"), owner);
    } catch (error) {
      this.#problems.caught(error, source);
    }
    return undefined;
  }
}

/** Makes an expression pay for being computed, unless it is constant. */
function charged(typed: Typed, length: number): Typed {
  if ("constant" in typed) return typed;
  const steps = 1 + (length >> 5);
  const { evaluate } = typed;
  return {
    type: typed.type,
    evaluate: (self, run) => {
      run.step(steps);
      return evaluate(self, run);
    },
  };
}

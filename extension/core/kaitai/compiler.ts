import {
  type BuiltIn,
  builtInOf,
  numberReader,
  type ReadNumber,
  valueTypeNamed,
  valueTypeOf,
} from "./built_in.ts";
import {
  type Ending,
  type Inflate,
  inflated,
  rotated,
  takeRest,
  takeSized,
  takeTerminated,
  xored,
} from "./bytes.ts";
import type {
  DefinitionFile,
  Endian,
  EndianSwitch,
  EnumSpec,
  FieldSpec,
  ParamSpec,
  Place,
  Source,
  SwitchSpec,
  TypeSpec,
  ValidSpec,
} from "./definition.ts";
import { type Encoding, encodingOf } from "./encodings.ts";
import { compileExpression, type Names, type Scope, type Typed } from "./expression/compiler.ts";
import { parseExpression, parseTypeCall } from "./expression/parser.ts";
import type { Expression } from "./expression/syntax.ts";
import { areComparable, type Compare, comparison, hasOrder } from "./expression/values.ts";
import { Misfit } from "./failure.ts";
import type { Int } from "./integers.ts";
import { allTypes, isBitField, TypeNames, typeUses } from "./names.ts";
import type { SlotPlan, StructPlan } from "./plan.ts";
import { type DefinitionProblemCode, Refusal, type Report } from "./problem.ts";
import { type Evaluate, Items, type Run, Struct } from "./run.ts";
import type { Stream } from "./stream.ts";
import {
  ANY,
  BOOL,
  BYTES,
  combine,
  fits,
  INT,
  IO,
  STR,
  typeName,
  type ValueType,
} from "./types.ts";
import { valueText } from "./value_text.ts";

/** Reads one value of a field where a stream is. */
type Read = (self: Struct, io: Stream, run: Run) => unknown;
type ReadField = (self: Struct, run: Run) => void;
/** Throws where a value is not allowed. */
type CheckValue = (value: unknown, self: Struct, run: Run) => void;

/** Says that a type is not known because of something that was reported already. */
class Reported extends Error {}

export interface CompiledDefinition {
  /** The plan of each type; it may be run only where nothing but warnings was reported. */
  readonly plans: ReadonlyMap<TypeSpec, StructPlan>;
  /**
   * An expression over the fields of a type, for whoever asks about a structure.
   * @throws {Refusal} Where it is none.
   */
  readonly expression: (text: string, type: TypeSpec) => Typed;
}

/** Compiles all types of these files, the first one being the definition itself; what is wrong is reported. */
export function compileDefinition(
  files: readonly DefinitionFile[],
  inflate: Inflate | undefined,
  report: Report,
): CompiledDefinition {
  const compiler = new DefinitionCompiler(files, inflate, report);
  return {
    plans: compiler.all(),
    expression: (text, type) =>
      charged(compileExpression(parseExpression(text), { type, names: compiler }), text.length),
  };
}

interface Slot {
  readonly index: number;
  readonly kind: SlotPlan["kind"];
  readonly spec: FieldSpec | ParamSpec;
}

class DefinitionCompiler implements Names {
  readonly #files: readonly DefinitionFile[];
  readonly #inflate: Inflate | undefined;
  readonly #report: Report;
  readonly #names: TypeNames;
  readonly #plans = new Map<TypeSpec, StructPlan>();
  readonly #slots = new Map<TypeSpec, ReadonlyMap<string, Slot>>();
  readonly #slotTypes = new Map<FieldSpec | ParamSpec, ValueType | "pending" | "unknown">();
  readonly #values = new Map<FieldSpec, Typed>();
  readonly #parents = new Map<TypeSpec, TypeSpec | undefined>();
  readonly #users: ReadonlyMap<
    TypeSpec,
    readonly { readonly by: TypeSpec; readonly field: FieldSpec }[]
  >;
  readonly #parsed = new Map<Source, Expression>();
  readonly #reported = new Set<string>();

  constructor(files: readonly DefinitionFile[], inflate: Inflate | undefined, report: Report) {
    this.#files = files;
    this.#inflate = inflate;
    this.#report = report;
    this.#names = new TypeNames(files);
    this.#users = this.#findUsers();
  }

  all(): ReadonlyMap<TypeSpec, StructPlan> {
    for (const { top } of this.#files) {
      if (top) for (const type of allTypes(top)) this.#plan(type);
    }
    return this.#plans;
  }

  // What expressions may name.

  slot(type: TypeSpec, id: string): { index: number; type: ValueType } | undefined {
    const slot = this.#slotsOf(type).get(id);
    return slot && { index: slot.index, type: this.#slotType(slot, type) };
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

  /** The type of `_parent`: where the type is read within one type only, as the official compiler has it. */
  parent(type: TypeSpec): TypeSpec | undefined {
    if (this.#parents.has(type)) return this.#parents.get(type);
    // Asked for again while it is looked for, it says nothing.
    this.#parents.set(type, undefined);
    const found = new Set<TypeSpec | undefined>();
    for (const { by, field } of this.#users.get(type) ?? []) {
      if (field.parent === false) continue;
      found.add(field.parent ? this.#structTypeOf(field.parent, by) : by);
    }
    const [only] = found;
    const parent = found.size === 1 ? only : undefined;
    this.#parents.set(type, parent);
    return parent;
  }

  #structTypeOf(source: Source, type: TypeSpec): TypeSpec | undefined {
    const typed = this.#expression(source, { type, names: this }, false);
    return typed?.type.kind === "struct" ? typed.type.type : undefined;
  }

  #findUsers(): Map<TypeSpec, { by: TypeSpec; field: FieldSpec }[]> {
    const users = new Map<TypeSpec, { by: TypeSpec; field: FieldSpec }[]>();
    for (const { top } of this.#files) {
      for (const by of top ? allTypes(top) : []) {
        for (const field of [...by.seq, ...by.instances]) {
          for (const { source } of typeUses(field)) {
            const used = this.#names.used(source.text, by);
            // What is imported has no parent.
            if (!used || used.file !== by.file) continue;
            const all = users.get(used);
            if (all) all.push({ by, field });
            else users.set(used, [{ by, field }]);
          }
        }
      }
    }
    return users;
  }

  // Problems.

  #refuse(place: Place, code: DefinitionProblemCode, ...words: readonly (string | number)[]): void {
    this.#tell("error", place, code, words);
  }

  #tell(
    severity: "error" | "warning",
    place: Place,
    code: DefinitionProblemCode,
    words: readonly (string | number)[],
  ): void {
    const key = `${place.file}:${place.path}:${place.from}:${code}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#report(severity, code, place, words);
  }

  /** Reports what was thrown while a text of the definition was understood. */
  #caught(error: unknown, source: Source, severity: "error" | "warning" = "error"): void {
    if (error instanceof Reported) return;
    if (!(error instanceof Refusal)) throw error;
    const { code, words, from, to } = error;
    let { place } = source;
    if (from !== undefined && to !== undefined) {
      const start = source.offsetOf(from);
      place = { ...place, from: start, to: Math.max(source.offsetOf(to), start) };
    }
    this.#tell(severity, place, code, words);
  }

  #expression(source: Source | undefined, scope: Scope, isTold = true): Typed | undefined {
    if (!source || source.text === "") return undefined;
    try {
      let parsed = this.#parsed.get(source);
      if (!parsed) {
        parsed = parseExpression(source.text);
        this.#parsed.set(source, parsed);
      }
      const warn = (warning: Refusal): void => this.#caught(warning, source, "warning");
      return charged(compileExpression(parsed, { ...scope, warn }), source.text.length);
    } catch (error) {
      if (isTold) this.#caught(error, source);
      else if (!(error instanceof Refusal || error instanceof Reported)) throw error;
      return undefined;
    }
  }

  /** An expression that has to be of a type. */
  #wanted(source: Source | undefined, scope: Scope, type: ValueType): Evaluate | undefined {
    const typed = this.#expression(source, scope);
    if (!source || !typed) return undefined;
    if (typed.type.kind !== type.kind) {
      this.#refuse(source.place, "wrongType", typeName(type), typeName(typed.type));
    }
    return typed.evaluate;
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

  #slotType({ kind, spec }: Pick<Slot, "kind" | "spec">, owner: TypeSpec): ValueType {
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
    this.#refuse(source.place, isOpaque ? "needsCode" : "unknownType", name);
  }

  #enumType(source: Source, of: ValueType | undefined, owner: TypeSpec): ValueType | undefined {
    const isAbsolute = source.text.startsWith("::");
    const path = (isAbsolute ? source.text.slice(2) : source.text).split("::");
    const found = this.#names.enum(path, owner, isAbsolute);
    if (!found) {
      this.#refuse(source.place, "unknownEnum", source.text);
      return undefined;
    }
    if (of && of.kind !== "int") {
      this.#refuse(source.place, "enumOfNoInteger", typeName(of));
      return undefined;
    }
    return { kind: "enum", enum: found };
  }

  #fieldType(field: FieldSpec, owner: TypeSpec): ValueType | undefined {
    if (field.value) {
      const typed = this.#expression(field.value, { type: owner, names: this });
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
      const all = type.cases.map((one) => this.#usedType(one.type, field, owner));
      if (all.includes(undefined)) return undefined;
      const hasRest = isSized(field) && !type.cases.some(({ key }) => !key);
      // Bytes stand for a structure that no case has chosen; beside anything else they are another kind of value.
      if (hasRest && !all.every((one) => one?.kind === "struct")) all.push(BYTES);
      found = (all as ValueType[]).reduce((a, b) => combine(a, b) ?? ANY, all[0] ?? BYTES);
    } else if (type) {
      found = this.#usedType(type, field, owner);
    }
    return found && field.enum ? this.#enumType(field.enum, found, owner) : found;
  }

  #usedType(source: Source, field: FieldSpec, owner: TypeSpec): ValueType | undefined {
    const builtIn = builtInOf(source.text);
    if (builtIn) return valueTypeOf(builtIn, field.enum !== undefined);
    try {
      const { path } = parseTypeCall(source.text);
      const spec = path.isArray ? undefined : this.#names.type(path.names, owner, path.isAbsolute);
      if (spec) return { kind: "struct", type: spec };
      this.#unknownType(source, path.names.join("::"), owner);
    } catch (error) {
      this.#caught(error, source);
    }
    return undefined;
  }

  // Plans.

  #plan(type: TypeSpec): StructPlan {
    const known = this.#plans.get(type);
    if (known) return known;
    const slots: SlotPlan[] = [];
    const fields: ReadField[] = [];
    /** By the number of the field that each begins with. */
    const blocks: (FixedBlock | undefined)[] = [];
    let toText: Evaluate | undefined;
    let decideEndian: ((self: Struct, run: Run) => boolean | undefined) | undefined;
    const first = type.params.length;
    const plan: StructPlan = {
      spec: type,
      slots,
      get toText() {
        return toText;
      },
      read: (self, run) => {
        if (decideEndian) self.isLittle = decideEndian(self, run);
        let at = 0;
        try {
          while (at < fields.length) {
            const block = blocks[at];
            if (block && self.io.left >= block.size) {
              readBlock(block, first + at, self, run);
              at += block.fields.length;
            } else {
              fields[at]?.(self, run);
              at++;
            }
          }
        } catch (error) {
          if (error instanceof Misfit) keepUnfinished(error, self, first + at);
          throw error;
        }
      },
    };
    // There before it is complete: types may contain themselves.
    this.#plans.set(type, plan);
    this.#checkEncoding(type.encoding);
    const scope: Scope = { type, names: this };
    if (type.endian && typeof type.endian !== "string") {
      decideEndian = this.#endianSwitch(type.endian, scope);
    }
    const typeOf = (kind: Slot["kind"], spec: FieldSpec | ParamSpec): ValueType => {
      try {
        return this.#slotType({ kind, spec }, type);
      } catch (error) {
        if (!(error instanceof Reported || error instanceof Refusal)) throw error;
        return ANY;
      }
    };
    for (const param of type.params) {
      slots.push({
        id: param.id,
        kind: "param",
        doc: undefined,
        place: param.place,
        type: typeOf("param", param),
      });
    }
    let block: FixedBlock | undefined;
    for (const field of type.seq) {
      const fixed = this.#fixed(field, type);
      if (fixed && block) {
        block.fields.push({ ...fixed, offset: block.size });
        block.size += fixed.size;
      } else if (fixed) {
        block = { size: fixed.size, fields: [{ ...fixed, offset: 0 }] };
        blocks[fields.length] = block;
      } else {
        block = undefined;
      }
      fields.push(this.#field(field, slots.length, type));
      slots.push({
        id: field.id,
        kind: "field",
        doc: field.doc,
        place: field.idPlace,
        type: typeOf("field", field),
      });
    }
    for (const field of type.instances) {
      const compute = this.#instance(field, slots.length, type);
      const valueType = typeOf("instance", field);
      slots.push({
        id: field.id,
        kind: "instance",
        doc: field.doc,
        place: field.idPlace,
        type: valueType,
        compute,
      });
    }
    toText = this.#wanted(type.toText, scope, STR);
    return plan;
  }

  /** A number that is always there, as long, and in the same order; undefined for all else. */
  #fixed(field: FieldSpec, type: TypeSpec): Omit<FixedField, "offset"> | undefined {
    const { condition, repeat, valid, contents, type: how } = field;
    if (!how || "on" in how || condition || repeat || valid || contents) return undefined;
    const number = numberTypeOf(how.text);
    if (!number || number.kind === "bits") return undefined;
    const { size } = number;
    const endian = size === 1 ? "be" : (number.endian ?? inherited(type, (one) => one.endian));
    if (endian !== "le" && endian !== "be") return undefined;
    return { size, read: numberReader(number, endian === "le") };
  }

  #endianSwitch(
    { on, cases }: EndianSwitch,
    scope: Scope,
  ): ((self: Struct, run: Run) => boolean | undefined) | undefined {
    const choose = this.#choose(
      on,
      cases.map(({ key }) => key),
      scope,
    );
    if (!choose) return undefined;
    return (self, run) => {
      const chosen = cases[choose(self, run)];
      return chosen && chosen.endian === "le";
    };
  }

  /** The number of the case that fits, or of that without a key; -1 where none does. */
  #choose(
    on: Source,
    keys: readonly (Source | undefined)[],
    scope: Scope,
  ): ((self: Struct, run: Run) => number) | undefined {
    const value = this.#expression(on, scope);
    const otherwise = keys.indexOf(undefined);
    const compiled: { index: number; typed: Typed }[] = [];
    for (const [index, key] of keys.entries()) {
      const typed = this.#expression(key, scope);
      if (!key || !typed || !value) continue;
      if (areComparable(value.type, typed.type)) compiled.push({ index, typed });
      else this.#refuse(key.place, "cannotCompare", typeName(value.type), typeName(typed.type));
    }
    if (!value) return undefined;
    const { evaluate } = value;
    const isSimple = value.type.kind !== "bytes" && value.type.kind !== "float";
    if (isSimple && compiled.every(({ typed }) => "constant" in typed)) {
      const byValue = new Map<unknown, number>();
      for (const { index, typed } of compiled) {
        if (!byValue.has(typed.constant)) byValue.set(typed.constant, index);
      }
      return (self, run) => byValue.get(evaluate(self, run)) ?? otherwise;
    }
    const compare = comparison(value.type);
    return (self, run) => {
      const chosen = evaluate(self, run);
      for (const { index, typed } of compiled) {
        run.step();
        if (compare(chosen, typed.evaluate(self, run), run) === 0) return index;
      }
      return otherwise;
    };
  }

  #field(field: FieldSpec, slot: number, type: TypeSpec): ReadField {
    const scope: Scope = { type, names: this };
    const condition = this.#wanted(field.condition, scope, BOOL);
    const read = this.#readAll(field, slot, type);
    return (self, run) => {
      run.step();
      if (condition && !condition(self, run)) self.values[slot] = null;
      else read(self, self.io, run);
    };
  }

  #instance(field: FieldSpec, slot: number, type: TypeSpec): ReadField {
    const scope: Scope = { type, names: this };
    const condition = this.#wanted(field.condition, scope, BOOL);
    const set = field.value
      ? this.#setValue(field, slot, type)
      : this.#setParsed(field, slot, type);
    return (self, run) => {
      run.step();
      if (condition && !condition(self, run)) self.values[slot] = null;
      else set(self, run);
    };
  }

  #setValue(field: FieldSpec, slot: number, type: TypeSpec): ReadField {
    let valueType: ValueType | undefined;
    try {
      valueType = this.#slotType({ kind: "instance", spec: field }, type);
    } catch (error) {
      this.#caught(error, field.value as Source);
    }
    const check = valueType && this.#valid(field, valueType, type);
    const evaluate = this.#values.get(field)?.evaluate;
    return (self, run) => {
      const value = evaluate?.(self, run);
      check?.(value, self, run);
      self.values[slot] = value;
    };
  }

  #setParsed(field: FieldSpec, slot: number, type: TypeSpec): ReadField {
    const scope: Scope = { type, names: this };
    const pos = this.#wanted(field.pos, scope, INT);
    const streamOf = this.#wanted(field.io, scope, IO);
    const read = this.#readAll(field, slot, type);
    return (self, run) => {
      const io = streamOf ? (streamOf(self, run) as Stream) : self.io;
      if (!pos) {
        read(self, io, run);
        return;
      }
      const at = pos(self, run) as Int;
      if (at < 0 || at > io.size) throw new Misfit("badPosition", field.id, at, io.size);
      const { pos: before, bitsLeft } = io;
      io.pos = io.from + Number(at);
      io.bitsLeft = 0;
      try {
        read(self, io, run);
      } finally {
        io.pos = before;
        io.bitsLeft = bitsLeft;
      }
    };
  }

  /** Reads a field as often as it is repeated, into its slot. */
  #readAll(field: FieldSpec, slot: number, type: TypeSpec): Read {
    const { id } = field;
    const isBits = isBitField(field);
    const inRepeat: Scope = { type, names: this, hasIndex: field.repeat !== undefined };
    let elementType: ValueType | undefined;
    try {
      const slotType = this.#slotType({ kind: "field", spec: field }, type);
      elementType = slotType.kind === "array" && field.repeat ? slotType.of : slotType;
    } catch (error) {
      if (!(error instanceof Reported)) throw error;
    }
    const read = this.#readOne(field, type, inRepeat);
    const check = elementType && this.#valid(field, elementType, type);
    const startOf = (io: Stream): number => (isBits && io.bitsLeft > 0 ? io.pos - 1 : io.pos);
    if (!field.repeat) {
      return (self, io, run) => {
        self.starts[slot] = io.originOf(startOf(io));
        const value = read(self, io, run);
        self.values[slot] = value;
        self.ends[slot] = io.originEnd(io.pos);
        check?.(value, self, run);
      };
    }
    const count = this.#wanted(field.count, { type, names: this }, INT);
    const until =
      elementType && this.#wanted(field.until, { ...inRepeat, item: elementType }, BOOL);
    const { repeat } = field;
    return (self, io, run) => {
      const items = new Items();
      self.values[slot] = items;
      self.starts[slot] = io.originOf(startOf(io));
      self.ends[slot] = io.originEnd(io.pos);
      const times = count ? (count(self, run) as Int) : Number.POSITIVE_INFINITY;
      if (times < 0) throw new Misfit("badCount", id, times);
      for (let index = 0; index < times; index++) {
        if (repeat === "eos" && io.isAtEnd) return;
        run.step();
        run.index = index;
        const { pos, bitsLeft } = io;
        items.starts.push(io.originOf(startOf(io)));
        const value = read(self, io, run);
        items.ends.push(io.originEnd(io.pos));
        items.values.push(value);
        self.ends[slot] = io.originEnd(io.pos);
        run.index = index;
        check?.(value, self, run);
        if (repeat === "eos" && io.pos === pos && io.bitsLeft === bitsLeft) {
          throw new Misfit("noProgress", id);
        }
        if (repeat !== "until") continue;
        run.item = value;
        run.index = index;
        if (!until || until(self, run)) return;
      }
    };
  }

  #valid(field: FieldSpec, type: ValueType, owner: TypeSpec): CheckValue | undefined {
    const { valid, contents, id } = field;
    if (contents) return this.#validContents(contents, id);
    if (!valid) return undefined;
    const scope: Scope = {
      type: owner,
      names: this,
      item: type,
      hasIndex: field.repeat !== undefined,
    };
    const checks: CheckValue[] = [];
    const add = (
      source: Source | undefined,
      code: "notEqual" | "tooSmall" | "tooLarge",
      isAllowed: (difference: number) => boolean,
    ): void => {
      const compared = source && this.#comparable(source, type, scope, code !== "notEqual");
      if (!compared) return;
      const { compare, evaluate } = compared;
      checks.push((value, self, run) => {
        const wanted = evaluate(self, run);
        if (isAllowed(compare(value, wanted, run))) return;
        throw new Misfit(code, id, valueText(value, type), valueText(wanted, type));
      });
    };
    add(valid.equal, "notEqual", (difference) => difference === 0);
    add(valid.min, "tooSmall", (difference) => difference >= 0);
    add(valid.max, "tooLarge", (difference) => difference <= 0);
    this.#validOthers(valid, type, scope, id, checks);
    return (value, self, run) => {
      if (value === null) return;
      run.item = value;
      for (const check of checks) check(value, self, run);
    };
  }

  #validContents(contents: Uint8Array, id: string): CheckValue {
    const compare = comparison(BYTES);
    return (value, _, run) => {
      if (compare(value, contents, run) === 0) return;
      throw new Misfit("notEqual", id, valueText(value, BYTES), valueText(contents, BYTES));
    };
  }

  #validOthers(
    valid: ValidSpec,
    type: ValueType,
    scope: Scope,
    id: string,
    checks: CheckValue[],
  ): void {
    if (valid.anyOf) {
      const all = valid.anyOf.flatMap(
        (source) => this.#comparable(source, type, scope, false) ?? [],
      );
      checks.push((value, self, run) => {
        for (const { compare, evaluate } of all) {
          run.step();
          if (compare(value, evaluate(self, run), run) === 0) return;
        }
        throw new Misfit("notAnyOf", id, valueText(value, type));
      });
    }
    const holds = this.#wanted(valid.expression, scope, BOOL);
    if (holds) {
      checks.push((value, self, run) => {
        if (!holds(self, run)) throw new Misfit("notValid", id, valueText(value, type));
      });
    }
    if (valid.inEnum && type.kind === "enum") {
      const { members } = type.enum;
      checks.push((value) => {
        if (!members.has(value as Int)) throw new Misfit("notInEnum", id, valueText(value, type));
      });
    }
  }

  #comparable(
    source: Source,
    type: ValueType,
    scope: Scope,
    isOrdered: boolean,
  ): { compare: Compare; evaluate: Evaluate } | undefined {
    const typed = this.#expression(source, scope);
    if (!typed) return undefined;
    if (!areComparable(type, typed.type)) {
      this.#refuse(source.place, "cannotCompare", typeName(type), typeName(typed.type));
    } else if (isOrdered && !hasOrder(type)) {
      this.#refuse(source.place, "cannotOrder", typeName(type), "min, max");
    }
    return { compare: comparison(type), evaluate: typed.evaluate };
  }

  // One value.

  #readOne(field: FieldSpec, type: TypeSpec, scope: Scope): Read {
    const { type: how } = field;
    if (how && "on" in how) return this.#readSwitch(field, how, type, scope);
    const number = how && numberTypeOf(how.text);
    if (number) return this.#readNumber(number, how, field, type);
    return this.#readUsed(field, how, type, scope);
  }

  #readSwitch(field: FieldSpec, { on, cases }: SwitchSpec, type: TypeSpec, scope: Scope): Read {
    const choose = this.#choose(
      on,
      cases.map(({ key }) => key),
      scope,
    );
    const reads = cases.map((one): Read => {
      const number = numberTypeOf(one.type.text);
      return number
        ? this.#readNumber(number, one.type, field, type)
        : this.#readUsed(field, one.type, type, scope);
    });
    const rest = isSized(field) ? this.#region(field, scope, undefined) : undefined;
    return (self, io, run) => {
      const chosen = reads[choose?.(self, run) ?? -1];
      if (chosen) return chosen(self, io, run);
      if (!rest) return null;
      const part = rest(self, io, run);
      return part.bytes.subarray(part.from, part.end);
    };
  }

  #readNumber(builtIn: NumberType, source: Source, field: FieldSpec, type: TypeSpec): Read {
    const name = field.id;
    if (builtIn.kind === "bits") {
      const endian = builtIn.endian ?? inherited(type, ({ bitEndian }) => bitEndian) ?? "be";
      const { count } = builtIn;
      if (count === 1 && !field.enum) {
        return (_, io) => io.readBits(1, endian, name) === 1;
      }
      return (_, io) => io.readBits(count, endian, name);
    }
    const { size } = builtIn;
    const take = (io: Stream): number => {
      io.bitsLeft = 0;
      return io.take(size, name);
    };
    const endian: Endian | EndianSwitch | undefined =
      size === 1 ? "be" : (builtIn.endian ?? inherited(type, (one) => one.endian));
    if (!endian) this.#refuse(source.place, "noEndian", source.text);
    if (typeof endian === "string") {
      const read = numberReader(builtIn, endian === "le");
      return (_, io) => read(io.view, take(io));
    }
    const [little, big] = [numberReader(builtIn, true), numberReader(builtIn, false)];
    return (self, io) => {
      if (self.isLittle === undefined) throw new Misfit("undecidedEndian", name);
      return (self.isLittle ? little : big)(io.view, take(io));
    };
  }

  /** Bytes, a text, or a structure. */
  #readUsed(field: FieldSpec, how: Source | undefined, type: TypeSpec, scope: Scope): Read {
    const name = field.id;
    const builtIn = how && builtInOf(how.text);
    if (how && !builtIn) return this.#readStruct(field, how, type, scope);
    const source = builtIn && this.#encodingOf(field, type);
    const encoding = source && encodingOf(source.text);
    const isZeroEnded = builtIn?.kind === "strz";
    const region = this.#region(field, scope, encoding, isZeroEnded);
    if (!region) {
      if (!field.isBroken) this.#refuse(field.place, "noLength", name);
      return () => undefined;
    }
    if (source && !encoding) {
      return () => {
        throw new Misfit("unknownEncoding", source.text);
      };
    }
    if (!encoding) {
      return (self, io, run) => {
        const part = region(self, io, run);
        return part.bytes.subarray(part.from, part.end);
      };
    }
    return (self, io, run) => {
      const part = region(self, io, run);
      run.step(1 + (part.size >> 4));
      return encoding.decode(part.bytes.subarray(part.from, part.end));
    };
  }

  #encodingOf(field: FieldSpec, type: TypeSpec): Source | undefined {
    if (field.encoding) this.#checkEncoding(field.encoding);
    const source = field.encoding ?? inherited(type, ({ encoding }) => encoding);
    if (!source) this.#refuse(field.place, "noEncoding");
    return source;
  }

  #checkEncoding(source: Source | undefined): void {
    if (!source) return;
    const encoding = encodingOf(source.text);
    if (!encoding) this.#tell("warning", source.place, "unknownEncoding", [source.text]);
    else if (encoding.name !== source.text) {
      this.#tell("warning", source.place, "encodingName", [source.text, encoding.name]);
    }
  }

  /** The bytes of a field that says where they end, unpacked; undefined where nothing says that. */
  #region(
    field: FieldSpec,
    scope: Scope,
    encoding: Encoding | undefined,
    isZeroEnded = false,
  ): ((self: Struct, io: Stream, run: Run) => Stream) | undefined {
    const name = field.id;
    const ending: Ending = {
      terminator: field.terminator ?? (isZeroEnded ? 0 : undefined),
      unit: encoding?.unit ?? 1,
      include: field.include,
      consume: field.consume,
      isNeeded: field.eosError,
      padRight: field.padRight,
    };
    const size = this.#wanted(field.size, scope, INT);
    const { contents } = field;
    const process = this.#process(field, scope);
    let take: ((self: Struct, io: Stream, run: Run) => Stream) | undefined;
    if (contents) take = (_, io, run) => takeSized(io, contents.length, ending, name, run);
    else if (field.size) {
      take = (self, io, run) => takeSized(io, (size?.(self, run) as Int) ?? 0, ending, name, run);
    } else if (field.sizeEos) take = (_, io, run) => takeRest(io, ending, run);
    else if (ending.terminator !== undefined) {
      take = (_, io, run) => takeTerminated(io, ending, name, run);
    }
    if (!take) return undefined;
    const taken = take;
    return (self, io, run) => {
      io.align();
      const part = taken(self, io, run);
      return process ? process(self, part, run) : part;
    };
  }

  #process(field: FieldSpec, scope: Scope): Unpack | undefined {
    const { process: source, id } = field;
    if (!source || source.text === "") return undefined;
    const [, name = ""] = /^([\w.]+)/.exec(source.text) ?? [];
    const isKnown = ["xor", "rol", "ror", "zlib"].includes(name);
    if (!isKnown) {
      this.#refuse(source.place, "needsCode", source.text);
      return undefined;
    }
    let words: readonly Typed[];
    try {
      const { path, arguments: given = [] } = parseTypeCall(source.text);
      if (path.names.length !== 1) throw new Refusal("needsCode", [source.text]);
      words = given.map((one) => charged(compileExpression(one, scope), source.text.length));
      const wanted = name === "zlib" ? 0 : 1;
      if (words.length !== wanted) throw new Refusal("wrongCount", [name, wanted, words.length]);
      const kind = words[0]?.type.kind;
      if (wanted === 1 && kind !== "int" && !(name === "xor" && kind === "bytes")) {
        const allowed = name === "xor" ? "int, bytes" : typeName(INT);
        throw new Refusal("wrongType", [allowed, typeName(words[0]?.type ?? ANY)]);
      }
    } catch (error) {
      this.#caught(error, source);
      return undefined;
    }
    const word = words[0]?.evaluate;
    const inflate = this.#inflate;
    if (name === "zlib") {
      if (!inflate) this.#refuse(source.place, "noInflate");
      return inflate && ((_, part, run) => inflated(part, inflate, id, run));
    }
    if (name === "xor") {
      return (self, part, run) => xored(part, word?.(self, run) as Int | Uint8Array, id, run);
    }
    const sign = name === "rol" ? 1n : -1n;
    return (self, part, run) => rotated(part, sign * BigInt(word?.(self, run) as Int), run);
  }

  #readStruct(field: FieldSpec, source: Source, type: TypeSpec, scope: Scope): Read {
    const used = this.#usedType(source, field, type);
    const spec = used?.kind === "struct" ? used.type : undefined;
    const given = this.#arguments(source, spec, scope);
    const region = this.#region(field, scope, undefined);
    const { parent } = field;
    const parentOf = parent ? this.#parentOf(parent, scope) : undefined;
    if (!spec) return () => undefined;
    const plan = this.#plan(spec);
    const isForeign = spec.file !== type.file;
    const foreignRoot = spec.outer ? undefined : "itself";
    return (self, io, run) => {
      io.align();
      const inner = region ? region(self, io, run) : io;
      const isOrphan = isForeign || parent === false;
      const above = isOrphan ? undefined : parentOf ? (parentOf(self, run) as Struct) : self;
      const child = new Struct(plan, inner, above, isForeign ? foreignRoot : self.root);
      child.isLittle = self.isLittle;
      for (let index = 0; index < given.length; index++) {
        child.values[index] = given[index]?.(self, run);
      }
      run.enter(spec.id);
      plan.read(child, run);
      run.leave();
      return child;
    };
  }

  #parentOf(source: Source, scope: Scope): Evaluate | undefined {
    const typed = this.#expression(source, scope);
    if (!typed) return undefined;
    if (typed.type.kind !== "struct") {
      this.#refuse(source.place, "wrongType", "struct", typeName(typed.type));
    }
    return typed.evaluate;
  }

  #arguments(source: Source, spec: TypeSpec | undefined, scope: Scope): readonly Evaluate[] {
    try {
      const { arguments: given = [] } = parseTypeCall(source.text);
      const words = given.map((one) => charged(compileExpression(one, scope), source.text.length));
      if (!spec) return [];
      const { params } = spec;
      if (words.length !== params.length) {
        throw new Refusal("wrongCount", [spec.id, params.length, words.length]);
      }
      for (const [index, word] of words.entries()) {
        const param = params[index];
        if (!param) continue;
        const wanted = this.#slotType({ kind: "param", spec: param }, spec);
        if (fits(word.type, wanted)) continue;
        const names = [param.id, typeName(wanted), typeName(word.type)];
        throw new Refusal("wrongArgument", names, given[index]);
      }
      return words.map(({ evaluate }, index) => {
        const param = params[index];
        const wanted = param && this.#slotType({ kind: "param", spec: param }, spec);
        // Bytes that are given as a list become one.
        if (wanted?.kind !== "array" || words[index]?.type.kind !== "bytes") return evaluate;
        return (self, run) => new Items(Array.from(evaluate(self, run) as Uint8Array));
      });
    } catch (error) {
      this.#caught(error, source);
      return [];
    }
  }
}

type NumberType = Exclude<BuiltIn, { kind: "str" | "strz" }>;

function numberTypeOf(name: string): NumberType | undefined {
  const type = builtInOf(name);
  return type && type.kind !== "str" && type.kind !== "strz" ? type : undefined;
}

/** Unpacks bytes that were read. */
type Unpack = (self: Struct, part: Stream, run: Run) => Stream;

function isSized({ size, sizeEos, terminator }: FieldSpec): boolean {
  return size !== undefined || sizeEos || terminator !== undefined;
}

/** What a type has from the `meta` of its own or of the nearest type around it. */
function inherited<T>(type: TypeSpec, of: (type: TypeSpec) => T | undefined): T | undefined {
  for (let around: TypeSpec | undefined = type; around; around = around.outer) {
    const found = of(around);
    if (found !== undefined) return found;
  }
  return undefined;
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

/** A number at a place of its block. */
interface FixedField {
  readonly offset: number;
  readonly size: number;
  readonly read: ReadNumber;
}

/** Numbers one after another, whose places are known before anything is read: their bytes are looked for once. */
interface FixedBlock {
  size: number;
  readonly fields: FixedField[];
}

function readBlock({ size, fields }: FixedBlock, first: number, self: Struct, run: Run): void {
  const { io, values, starts, ends } = self;
  run.step(fields.length);
  io.bitsLeft = 0;
  const { pos, view } = io;
  const start = io.originOf(pos);
  const isByteByByte = io.originEnd(pos) === start;
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index];
    if (!field) continue;
    const slot = first + index;
    values[slot] = field.read(view, pos + field.offset);
    starts[slot] = isByteByByte ? start + field.offset : start;
    ends[slot] = isByteByByte ? start + field.offset + field.size : io.originEnd(pos);
  }
  io.pos = pos + size;
}

/** Puts what was being read where it belongs, so that it can be seen how far that came. */
function keepUnfinished(error: Misfit, self: Struct, slot: number): void {
  error.place ??= { struct: self, slot };
  const { unfinished } = error;
  const value = self.values[slot];
  if (unfinished !== undefined) {
    if (value instanceof Items) {
      value.values.push(unfinished);
      value.ends.push(self.io.originEnd(self.io.pos));
      self.ends[slot] = self.io.originEnd(self.io.pos);
    } else if (value === undefined) {
      self.values[slot] = unfinished;
    }
  }
  self.ends[slot] ??= self.io.originEnd(self.io.pos);
  error.unfinished = self;
}

import { ByteWriter } from "../../payload/byte_writer.ts";
import { type Hole, Unwritable } from "../../payload/encoded.ts";
import { readComputed } from "../../payload/template.ts";
import type { WrittenFields, WrittenValue } from "../../payload/written_fields.ts";
import {
  quotedBytes,
  shown,
  writtenBytes,
  writtenFlag,
  writtenInteger,
  writtenNumber,
} from "../../payload/written_value.ts";
import { builtInOf, type NumberType, numberTypeOf } from "../built_in.ts";
import { rotated, xored } from "../bytes.ts";
import { inherited } from "../compiler/compilation.ts";
import { isSized } from "../compiler/read_bytes.ts";
import type { TypeChecker } from "../compiler/type_checker.ts";
import type { Endian, FieldSpec, Source, TypeSpec } from "../definition.ts";
import { encodingOf } from "../encodings.ts";
import type { Scope, Typed } from "../expression/compiler.ts";
import { parseTypeCall } from "../expression/parser.ts";
import type { Expression } from "../expression/syntax.ts";
import { comparison } from "../expression/values.ts";
import { type Int, int } from "../integers.ts";
import type { StructPlan } from "../plan.ts";
import { Refusal } from "../problem.ts";
import { Items, Run, Struct } from "../run.ts";
import { Stream } from "../stream.ts";
import type { ValueType } from "../types.ts";
import { valueText } from "../value_text.ts";
import { derive, expressionOf, type Unknowns } from "./derived_values.ts";
import { textBytes } from "./text_bytes.ts";

/** A structure that is written as fields, and the types that it may be made of. */
export interface WritableType {
  readonly plan: StructPlan;
  readonly plans: ReadonlyMap<TypeSpec, StructPlan>;
  readonly checker: TypeChecker;
}

/** What each turn of the writing hands on to the next one. */
export class Memory {
  /** By the path of a field that nobody has written: what others ask for. */
  readonly derived = new Map<string, Int | boolean>();
  /** By the path of a structure with bytes of its own: these, as they were written last. */
  readonly regions = new Map<string, Uint8Array>();
  /** Expressions that were compiled, by where they stand in which type. */
  readonly typed = new Map<Source | Expression, Typed | undefined>();
}

/**
 * Writes a structure and what is in it, once, in the order in which it is read. A field that nobody has written has the
 * value that others ask for, else the first one that its definition allows. What follows from what is written behind is
 * kept for the next turn: {@link ./encode.ts} lets there be turns until nothing changes.
 */
export class PayloadWriter implements Unknowns {
  readonly #type: WritableType;
  readonly #memory: Memory;
  readonly #run = new Run();
  readonly #paths = new Map<Struct, string>();
  readonly #writers = new Map<Stream, ByteWriter>();
  readonly #arguments = new Map<
    Struct,
    { readonly in: Struct; readonly given: readonly Expression[] }
  >();
  /** Paths of fields that nobody has written, and that may be given a value. */
  readonly #omitted = new Map<string, ValueType>();
  /** Paths of fields whose value is as good as any. */
  readonly filled = new Set<string>();
  readonly holes: Hole[] = [];
  /** Something was derived that was not known before. */
  isChanged = false;
  /** What is wrong unless another turn mends it. */
  problem: Unwritable | undefined;

  constructor(type: WritableType, memory: Memory) {
    this.#type = type;
    this.#memory = memory;
  }

  /** All of it. */
  write(given: WrittenFields): { readonly root: Struct; readonly bytes: Uint8Array } {
    const out = new ByteWriter();
    const io = this.#streamOf("", out);
    const root = new Struct(this.#type.plan, io, undefined, "itself");
    this.#writeStruct(root, given, "", out, this.holes);
    this.#keepRegion("", out);
    return { root, bytes: out.bytes };
  }

  // What follows from what.

  valueOf(expression: Expression, self: Struct): unknown {
    const { typed } = this.#memory;
    if (!typed.has(expression)) typed.set(expression, this.#compiled(expression, self));
    const found = typed.get(expression);
    return found && this.#evaluated(found, self);
  }

  #compiled(expression: Expression, self: Struct): Typed | undefined {
    const { checker } = this.#type;
    try {
      const scope: Scope = { type: self.plan.spec, names: checker, hasIndex: true };
      return checker.compile(expression, scope, 0);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  set(self: Struct, slot: number, value: Int | boolean): boolean {
    const name = self.plan.slots[slot]?.id ?? "";
    const path = joined(this.#paths.get(self) ?? "", name);
    const type = this.#omitted.get(path);
    if (!type) return false;
    const own = type.kind === "bool" ? Boolean(value) : int(BigInt(value));
    this.#isDerived(path, own);
    self.values[slot] = own;
    return true;
  }

  argument(self: Struct, slot: number): { of: Expression; in: Struct } | undefined {
    const known = this.#arguments.get(self);
    const of = known?.given[slot];
    return known && of && { of, in: known.in };
  }

  #isDerived(path: string, value: Int | boolean): void {
    const { derived } = this.#memory;
    if (derived.get(path) === value) return;
    derived.set(path, value);
    this.isChanged = true;
  }

  #evaluated({ evaluate }: Typed, self: Struct): unknown {
    const writer = this.#writers.get(self.io);
    if (writer) self.io.pos = Math.min(self.io.from + writer.length, self.io.end);
    let value: unknown;
    const misfit = this.#run.attempt(() => {
      value = evaluate(self, this.#run);
    }, self.plan.spec.id);
    if (misfit?.code === "tooManySteps") throw misfit;
    return misfit ? undefined : value;
  }

  #value(source: Source | undefined, self: Struct): unknown {
    const typed = source && this.#typed(source, self);
    return typed && this.#evaluated(typed, self);
  }

  #typed(source: Source, self: Struct): Typed | undefined {
    const { typed } = this.#memory;
    if (!typed.has(source)) {
      const { checker } = this.#type;
      const scope = { type: self.plan.spec, names: checker, hasIndex: true };
      typed.set(source, checker.expression(source, scope, false));
    }
    return typed.get(source);
  }

  /** What is wrong, unless a field that nobody has written can be what is wanted here. */
  #ask(source: Source, self: Struct, wanted: Int | boolean, otherwise: () => Unwritable): void {
    if (derive(expressionOf(source), self, wanted, this)) return;
    this.problem ??= otherwise();
  }

  #streamOf(path: string, out: ByteWriter): Stream {
    const io = new Stream(this.#memory.regions.get(path) ?? new Uint8Array());
    this.#writers.set(io, out);
    return io;
  }

  /** False where it is another than in the turn before. */
  #keepRegion(path: string, out: ByteWriter): void {
    const before = this.#memory.regions.get(path);
    const now = out.bytes;
    const isSame = before?.length === now.length && before.every((byte, at) => byte === now[at]);
    if (isSame) return;
    this.#memory.regions.set(path, now.slice());
    this.isChanged = true;
  }

  // Structures and their fields.

  #writeStruct(
    self: Struct,
    given: WrittenFields | undefined,
    path: string,
    out: ByteWriter,
    holes: Hole[],
  ): void {
    const { spec } = self.plan;
    this.#paths.set(self, path);
    if (given?.name !== undefined && path !== "" && given.name !== spec.id) {
      throw new Unwritable("notThisType", path, spec.id, given.name);
    }
    const values = new Map(given?.fields.map(({ name, value }) => [name, value]));
    refuseOthers(spec, values, path);
    this.#decideEndian(self);
    for (const [index, field] of spec.seq.entries()) {
      const slot = spec.params.length + index;
      this.#writeField(self, slot, field, values.get(field.id), out, holes);
    }
  }

  #decideEndian(self: Struct): void {
    const { endian } = self.plan.spec;
    if (!endian || typeof endian === "string") return;
    const chosen = this.#case(endian.on, endian.cases, self);
    if (chosen) self.isLittle = chosen.endian === "le";
  }

  #writeField(
    self: Struct,
    slot: number,
    field: FieldSpec,
    given: WrittenValue | undefined,
    out: ByteWriter,
    holes: Hole[],
  ): void {
    this.#run.step();
    const path = joined(this.#paths.get(self) ?? "", field.id);
    if (!this.#isThere(self, field, given, path)) {
      self.values[slot] = null;
      return;
    }
    const type = self.plan.slots[slot]?.type ?? { kind: "any" };
    if (!field.repeat) {
      self.values[slot] = this.#writeOne({ self, field, type, path, given, out, holes });
      return;
    }
    if (given && given.kind !== "list") throw new Unwritable("wantsList", path, shown(given));
    const items = new Items();
    self.values[slot] = items;
    const count = this.#countOf(self, field, given?.items.length, path);
    const element = type.kind === "array" ? type.of : type;
    for (let index = 0; index < count; index++) {
      this.#run.step();
      this.#run.index = index;
      const at = `${path}[${index}]`;
      const value = given?.items[index];
      items.values.push(
        this.#writeOne({ self, field, type: element, path: at, given: value, out, holes }),
      );
    }
  }

  #isThere(
    self: Struct,
    { condition }: FieldSpec,
    given: WrittenValue | undefined,
    path: string,
  ): boolean {
    if (!condition) return true;
    // What depends on how much there is depends on what was written.
    if (/\b_io\b/.test(condition.text)) return given !== undefined;
    if (this.#value(condition, self) === true) return true;
    if (!given) return false;
    this.#ask(condition, self, true, () => new Unwritable("notThere", path, condition.text));
    return true;
  }

  #countOf(self: Struct, field: FieldSpec, given: number | undefined, path: string): number {
    const { repeat, count } = field;
    if (repeat !== "expr" || !count) return given ?? (repeat === "until" ? 1 : 0);
    const told = this.#value(count, self);
    if (given === undefined) return typeof told === "number" ? told : 0;
    if (told !== given) {
      const problem = () => new Unwritable("wrongCount", path, given, String(told ?? 0));
      this.#ask(count, self, given, problem);
    }
    return given;
  }

  /** The case that its value chooses. */
  #case<T extends { readonly key: Source | undefined }>(
    on: Source,
    cases: readonly T[],
    self: Struct,
  ): T | undefined {
    const type = this.#typed(on, self)?.type;
    const value = this.#value(on, self);
    const otherwise = cases.find(({ key }) => key === undefined);
    if (!type || value === undefined) return otherwise;
    const compare = comparison(type);
    const isCase = ({ key }: T) =>
      key !== undefined && compare(value, this.#value(key, self), this.#run) === 0;
    return cases.find(isCase) ?? otherwise;
  }

  #writeOne(one: One): unknown {
    const { self, field, path, given } = one;
    const { contents, type: how } = field;
    if (contents) return this.#writeContents(contents, one);
    let source = how && "on" in how ? undefined : how;
    if (how && "on" in how) {
      const name = given?.kind === "fields" ? given.name : undefined;
      let chosen = this.#case(how.on, how.cases, self);
      const named = how.cases.find(({ key, type }) => key && type.text === name);
      if (named?.key && named !== chosen && name !== chosen?.type.text) {
        const key = this.#value(named.key, self);
        const isKey =
          typeof key === "number" || typeof key === "bigint" || typeof key === "boolean";
        if (isKey && derive(expressionOf(how.on), self, key, this)) chosen = named;
      }
      source = chosen?.type;
      if (!source && !isSized(field)) {
        if (given) {
          const value = this.#value(how.on, self);
          this.problem ??= new Unwritable("noCase", path, how.on.text, told(value));
        }
        return null;
      }
    }
    const number = source && numberTypeOf(source.text);
    if (number) return this.#writeNumber(number, one);
    const builtIn = source && builtInOf(source.text);
    if (source && !builtIn) return this.#writeInner(source, one);
    return this.#writeBytes(builtIn?.kind === "strz", builtIn !== undefined, one);
  }

  #writeContents(contents: Uint8Array, { given, path, out }: One): Uint8Array {
    const own = given && writtenBytes(given, path);
    if (own && valueText(own, { kind: "bytes" }) !== valueText(contents, { kind: "bytes" })) {
      const [is, was] = [contents, own].map((bytes) => valueText(bytes, { kind: "bytes" }));
      throw new Unwritable("readOtherwise", path, is ?? "", was ?? "");
    }
    out.write(contents);
    return contents;
  }

  // Numbers.

  #writeNumber(number: NumberType, one: One): unknown {
    const { self, given, path, out, type, field } = one;
    const endian = this.#endianOf(number, self);
    if (given?.kind === "computed" && number.kind !== "bits") {
      const name = `u${8 * number.size}${number.size === 1 ? "" : endian}`;
      return this.#dig(given, number.size, name, one);
    }
    if (number.kind === "float") {
      const value = given ? writtenNumber(given, path) : Number(this.#allowed(field, self) ?? 0);
      const { size } = number;
      const bytes = new Uint8Array(size);
      const view = new DataView(bytes.buffer);
      if (size === 4) view.setFloat32(0, value, endian === "le");
      else view.setFloat64(0, value, endian === "le");
      out.write(bytes);
      return size === 4 ? Math.fround(value) : value;
    }
    const value = this.#integer(number, one);
    const bits = number.kind === "bits" ? number.count : 8 * number.size;
    const pattern = BigInt.asUintN(bits, BigInt(value));
    if (number.kind === "bits") out.writeBits(pattern, bits, endian);
    else {
      out.align();
      const count = number.size;
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at++) {
        const shift = BigInt(8 * (endian === "le" ? at : count - 1 - at));
        bytes[at] = Number((pattern >> shift) & 255n);
      }
      out.write(bytes);
    }
    return type.kind === "bool" ? value === 1 : value;
  }

  #endianOf(number: NumberType, self: Struct): Endian {
    const { spec } = self.plan;
    if (number.kind === "bits") {
      return number.endian ?? inherited(spec, ({ bitEndian }) => bitEndian) ?? "be";
    }
    if (number.size === 1) return "be";
    const endian = number.endian ?? inherited(spec, (one) => one.endian);
    return typeof endian === "string" ? endian : self.isLittle ? "le" : "be";
  }

  #integer(number: Exclude<NumberType, { kind: "float" }>, one: One): Int {
    const { self, field, given, path, type } = one;
    const isSigned = number.kind === "int" && number.isSigned;
    const bits = number.kind === "bits" ? number.count : 8 * number.size;
    const isFlag = type.kind === "bool";
    let value: Int;
    if (given && isFlag) value = Number(writtenFlag(given, path));
    else if (given) {
      value = int(writtenInteger(given, path, type.kind === "enum" ? type.enum.byId : undefined));
    } else {
      this.#omitted.set(path, type);
      const known = this.#memory.derived.get(path) ?? this.#allowed(field, self) ?? 0;
      value = typeof known === "bigint" ? known : Number(known);
    }
    const most = 2n ** BigInt(isSigned ? bits - 1 : bits) - 1n;
    const least = isSigned ? -most - 1n : 0n;
    if (value < least || value > most) throw new Unwritable("outOfRange", path, value, least, most);
    return value;
  }

  /** The first value that a field may have, where its definition restricts that. */
  #allowed(field: FieldSpec, self: Struct): Int | boolean | undefined {
    const { valid } = field;
    const value = (source: Source | undefined) => {
      const found = source && this.#value(source, self);
      return typeof found === "number" || typeof found === "bigint" || typeof found === "boolean"
        ? found
        : undefined;
    };
    const [first] = valid?.anyOf ?? [];
    const told = value(valid?.equal) ?? value(first);
    if (told !== undefined) return told;
    const [least, most] = [value(valid?.min), value(valid?.max)];
    if (least !== undefined && Number(least) > 0) return least;
    if (most !== undefined && Number(most) < 0) return most;
    const slot = self.plan.slots.find(({ id, kind }) => id === field.id && kind === "field");
    if (!valid?.inEnum || slot?.type.kind !== "enum") return undefined;
    const [member] = slot.type.enum.members.keys();
    return member;
  }

  /** Leaves room for bytes that are computed when the payload is sent. */
  #dig(
    given: WrittenValue & { kind: "computed" },
    size: number,
    type: string | undefined,
    one: One,
  ): unknown {
    const computed = readComputed(given.text, type);
    if ("code" in computed) throw new Unwritable(computed.code, ...computed.arguments);
    const { path, out, holes } = one;
    if (computed.length !== size) {
      throw new Unwritable("computedSize", path, given.text, computed.length, size);
    }
    holes.push({ at: out.reserve(size), computed });
    this.filled.add(path);
    return type === undefined ? new Uint8Array(size) : 0;
  }

  // Bytes and texts.

  #writeBytes(isZeroEnded: boolean, isText: boolean, one: One): unknown {
    const { self, field, given, path, type } = one;
    const encoding = isText ? this.#encodingOf(field, self, path) : undefined;
    if (given?.kind === "computed") return this.#writeComputedBytes(given, isText, one);
    let content = given && (encoding ? writtenText(given, path) : writtenBytes(given, path));
    if (content && encoding && encoding.name !== "UTF-8") {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
      content = textBytes(text, encoding);
      if (!content) throw new Unwritable("noCharacter", path, encoding.name);
    }
    if (!content) {
      this.filled.add(path);
      const equal = field.valid?.equal && this.#value(field.valid.equal, self);
      if (equal instanceof Uint8Array) content = equal;
      else if (typeof equal === "string" && encoding) content = textBytes(equal, encoding);
    }
    const laid = this.#layOut(content, isZeroEnded, encoding?.unit ?? 1, false, one);
    const own = content ?? laid;
    return encoding && type.kind === "str" ? encoding.decode(own) : own.slice();
  }

  #encodingOf(field: FieldSpec, self: Struct, path: string) {
    const source = field.encoding ?? inherited(self.plan.spec, ({ encoding }) => encoding);
    const encoding = source && encodingOf(source.text);
    if (!encoding) throw new Unwritable("unknownEncoding", path, source?.text ?? "");
    return encoding;
  }

  #writeComputedBytes(
    given: WrittenValue & { kind: "computed" },
    isText: boolean,
    one: One,
  ): unknown {
    const { self, field, path } = one;
    const size = this.#value(field.size, self);
    if (isText || field.process || typeof size !== "number") {
      throw new Unwritable("computedHere", path, given.text);
    }
    return this.#dig(given, size, undefined, one);
  }

  /**
   * Puts bytes where their field says that they are: with what ends them, and what fills them up. Without `content` they are
   * as many zeros as there have to be.
   */
  #layOut(
    content: Uint8Array | undefined,
    isZeroEnded: boolean,
    unit: number,
    mayBeFilled: boolean,
    { self, field, path, out }: One,
  ): Uint8Array {
    const { size, sizeEos, include, consume, padRight } = field;
    const terminator = field.terminator ?? (isZeroEnded ? 0 : undefined);
    const end = terminator === undefined ? undefined : new Uint8Array(unit).fill(terminator);
    const packed = content && this.#pack(field, self, content, path);
    if (size) {
      const told = this.#value(size, self);
      const wanted = typeof told === "number" && told >= 0 ? told : 0;
      if (!packed) {
        const at = out.reserve(wanted);
        return out.bytes.subarray(at).fill(padRight ?? 0);
      }
      // Where its size is free, a text has its zero.
      const own = end && isZeroEnded && !include ? concat(packed, end) : packed;
      const canBeFilled = end !== undefined || padRight !== undefined || mayBeFilled;
      const isExact = wanted === packed.length || wanted === own.length;
      if (!isExact && derive(expressionOf(size), self, own.length, this)) out.write(own);
      else if (packed.length < wanted && canBeFilled) {
        const at = out.reserve(wanted);
        const bytes = out.bytes.subarray(at);
        bytes.fill(padRight ?? 0);
        bytes.set(packed);
        if (end && !include) bytes.set(end.subarray(0, wanted - packed.length), packed.length);
      } else {
        if (!isExact) this.problem ??= new Unwritable("wrongSize", path, packed.length, wanted);
        out.write(packed);
      }
      return packed;
    }
    const bytes = packed ?? new Uint8Array();
    out.write(bytes);
    if (sizeEos || terminator === undefined || !end) return bytes;
    const isEnded = include && bytes.length >= unit && bytes.at(-1) === terminator;
    if (consume && !isEnded) out.write(end);
    return bytes;
  }

  /** What is unpacked when it is read. */
  #pack({ process }: FieldSpec, self: Struct, content: Uint8Array, path: string): Uint8Array {
    if (!process || process.text === "") return content;
    const { path: name, arguments: given = [] } = parseTypeCall(process.text);
    const [word] = given;
    const key = word && this.valueOf(word, self);
    const part = new Stream(content);
    const [how = ""] = name.names;
    let packed: Stream | undefined;
    if (how === "xor" && (typeof key === "number" || key instanceof Uint8Array)) {
      packed = xored(part, key, path, this.#run);
    } else if (/^ro[lr]$/.test(how) && typeof key === "number") {
      packed = rotated(part, how === "rol" ? -key : key, this.#run);
    }
    if (!packed) throw new Unwritable("isPacked", path, process.text);
    return packed.bytes;
  }

  // Structures in structures.

  #writeInner(source: Source, one: One): Struct {
    const { self, field, given, path, out, holes } = one;
    if (given && given.kind !== "fields") throw new Unwritable("wantsFields", path, shown(given));
    const used = this.#type.checker.usedType(source, field, self.plan.spec);
    const spec = used?.kind === "struct" ? used.type : undefined;
    const plan = spec && this.#type.plans.get(spec);
    if (!spec || !plan) throw new Unwritable("notWritable", path);
    out.align();
    const hasRegion = isSized(field);
    const inner = hasRegion ? new ByteWriter() : out;
    const io = hasRegion ? this.#streamOf(path, inner) : self.io;
    const isForeign = spec.file !== self.plan.spec.file;
    const above = this.#parentOf(self, field, isForeign);
    const child = new Struct(
      plan,
      io,
      above,
      isForeign ? (spec.outer ? undefined : "itself") : self.root,
    );
    child.isLittle = self.isLittle;
    const { arguments: words = [] } = parseTypeCall(source.text);
    this.#arguments.set(child, { in: self, given: words });
    for (const [index, word] of words.entries()) {
      const value = this.valueOf(word, self);
      const isList = spec.params[index]?.type?.text.endsWith("[]") && value instanceof Uint8Array;
      child.values[index] = isList ? new Items(Array.from(value)) : value;
    }
    const own: Hole[] = [];
    this.#run.enter(spec.id);
    this.#writeStruct(child, given, path, inner, hasRegion ? own : holes);
    this.#run.leave();
    if (!hasRegion) return child;
    this.#keepRegion(path, inner);
    const [hole] = own;
    if (hole && field.process) throw new Unwritable("computedHere", path, hole.computed.source);
    const at = out.length;
    this.#layOut(inner.bytes, false, 1, true, one);
    for (const { at: from, computed } of own) holes.push({ at: at + from, computed });
    return child;
  }

  #parentOf(self: Struct, { parent }: FieldSpec, isForeign: boolean): Struct | undefined {
    if (isForeign || parent === false) return undefined;
    if (!parent) return self;
    const told = this.#value(parent, self);
    return told instanceof Struct ? told : undefined;
  }
}

/** A value that is to be written. */
interface One {
  readonly self: Struct;
  readonly field: FieldSpec;
  readonly type: ValueType;
  readonly path: string;
  readonly given: WrittenValue | undefined;
  readonly out: ByteWriter;
  readonly holes: Hole[];
}

function joined(before: string, name: string): string {
  return before === "" ? name : `${before}.${name}`;
}

/** Names that are no fields, and those of what has no bytes here. */
function refuseOthers(
  { seq, instances, id }: TypeSpec,
  values: ReadonlyMap<string, WrittenValue>,
  path: string,
): void {
  const names = new Set(seq.map((field) => field.id));
  for (const name of values.keys()) {
    if (names.has(name)) continue;
    const instance = instances.find((one) => one.id === name);
    if (instance)
      throw new Unwritable(instance.value ? "isComputed" : "elsewhere", joined(path, name));
    throw new Unwritable("noField", name, id, [...names].slice(0, 30).join(", "));
  }
}

/** A text in UTF-8: in quotes. */
function writtenText(value: WrittenValue, path: string): Uint8Array {
  if (value.kind === "quoted") return quotedBytes(value.text);
  throw new Unwritable("wantsText", path, shown(value));
}

function told(value: unknown): string {
  return value === undefined ? "?" : String(value);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

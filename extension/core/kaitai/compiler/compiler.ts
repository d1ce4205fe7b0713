import type { DefinedAt } from "../../decode/decoded.ts";
import type { Inflate } from "../bytes.ts";
import type { DefinitionFile, FieldSpec, ParamSpec, Place, TypeSpec } from "../definition.ts";
import type { Scope, Typed } from "../expression/compiler.ts";
import { parseExpression } from "../expression/parser.ts";
import { Misfit } from "../failure.ts";
import { allTypes } from "../names.ts";
import type { SlotPlan, StructPlan } from "../plan.ts";
import { type Position, Refusal, type Report } from "../problem.ts";
import { type Evaluate, Items, type Run, type Struct } from "../run.ts";
import { ANY, STR, type ValueType } from "../types.ts";
import { compileEndianSwitch } from "./choice.ts";
import type { Compilation, ReadField } from "./compilation.ts";
import { type FixedBlock, fixedNumber, readBlock } from "./fixed_numbers.ts";
import { compileField, compileInstance } from "./read_field.ts";
import { checkEncoding } from "./read_value.ts";
import { Reported, Reporter } from "./reporter.ts";
import { type Slot, TypeChecker } from "./type_checker.ts";

export interface CompiledDefinition {
  /** The plan of each type; it may be run only where nothing but warnings was reported. */
  readonly plans: ReadonlyMap<TypeSpec, StructPlan>;
  /**
   * An expression over the fields of a type, for whoever asks about a structure.
   * @throws {Refusal} Where it is none.
   */
  readonly expression: (text: string, type: TypeSpec) => Typed;
  /** Knows what is named in the definition, and of what type it is. */
  readonly checker: TypeChecker;
}

interface CompileOptions {
  readonly inflate: Inflate | undefined;
  readonly report: Report;
  /** Where something stands in its file. */
  readonly positionOf: (place: Place) => Position | undefined;
}

/** Compiles all types of these files, the first one being the definition itself; what is wrong is reported. */
export function compileDefinition(
  files: readonly DefinitionFile[],
  how: CompileOptions,
): CompiledDefinition {
  const compiler = new DefinitionCompiler(files, how);
  const { checker } = compiler;
  return {
    plans: compiler.all(files),
    checker,
    expression: (text, type) =>
      checker.compile(parseExpression(text), { type, names: checker }, text.length),
  };
}

class DefinitionCompiler implements Compilation {
  readonly checker: TypeChecker;
  readonly problems: Reporter;
  readonly inflate: Inflate | undefined;
  readonly #positionOf: CompileOptions["positionOf"];
  readonly #plans = new Map<TypeSpec, StructPlan>();

  constructor(files: readonly DefinitionFile[], { inflate, report, positionOf }: CompileOptions) {
    this.#positionOf = positionOf;
    this.problems = new Reporter(report);
    this.checker = new TypeChecker(files, this.problems);
    this.inflate = inflate;
  }

  all(files: readonly DefinitionFile[]): ReadonlyMap<TypeSpec, StructPlan> {
    for (const { top } of files) {
      if (top) for (const type of allTypes(top)) this.plan(type);
    }
    return this.#plans;
  }

  plan(type: TypeSpec): StructPlan {
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
    checkEncoding(this, type.encoding);
    const scope: Scope = { type, names: this.checker };
    if (type.endian && typeof type.endian !== "string") {
      decideEndian = compileEndianSwitch(this, type.endian, scope);
    }
    const typeOf = (kind: Slot["kind"], spec: FieldSpec | ParamSpec): ValueType => {
      try {
        return this.checker.slotType({ kind, spec }, type);
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
        bytesPlace: param.place,
        definedAt: this.#definedAt(param.place),
        type: typeOf("param", param),
      });
    }
    let block: FixedBlock | undefined;
    for (const field of type.seq) {
      const fixed = fixedNumber(field, type);
      if (fixed && block) {
        block.fields.push({ ...fixed, offset: block.size });
        block.size += fixed.size;
      } else if (fixed) {
        block = { size: fixed.size, fields: [{ ...fixed, offset: 0 }] };
        blocks[fields.length] = block;
      } else {
        block = undefined;
      }
      fields.push(compileField(this, field, slots.length, type));
      slots.push({
        id: field.id,
        kind: "field",
        doc: field.doc,
        ...this.#placesOf(field),
        type: typeOf("field", field),
      });
    }
    for (const field of type.instances) {
      const compute = compileInstance(this, field, slots.length, type);
      const valueType = typeOf("instance", field);
      slots.push({
        id: field.id,
        kind: "instance",
        doc: field.doc,
        ...this.#placesOf(field),
        type: valueType,
        compute,
      });
    }
    toText = this.checker.wanted(type.toText, scope, STR);
    return plan;
  }

  #placesOf(field: FieldSpec): Pick<SlotPlan, "place" | "bytesPlace" | "definedAt"> {
    const { type, size, idPlace } = field;
    const bytes = type && !("on" in type) ? type : size;
    return {
      place: idPlace,
      bytesPlace: bytes?.place ?? idPlace,
      definedAt: this.#definedAt(idPlace),
    };
  }

  #definedAt(place: Place): DefinedAt {
    return { file: place.file, line: this.#positionOf(place)?.line ?? 1 };
  }
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

import type { FieldSpec, Source, TypeSpec } from "../definition.ts";
import type { Scope } from "../expression/compiler.ts";
import { parseTypeCall } from "../expression/parser.ts";
import { Refusal } from "../problem.ts";
import { type Evaluate, Items, Struct } from "../run.ts";
import { fits, typeName } from "../types.ts";
import type { Compilation, Read } from "./compilation.ts";
import { compileRegion } from "./read_bytes.ts";

/** Reads a structure of another type, or of the same. */
export function compileStruct(
  compilation: Compilation,
  field: FieldSpec,
  source: Source,
  type: TypeSpec,
  scope: Scope,
): Read {
  const used = compilation.checker.usedType(source, field, type);
  const spec = used?.kind === "struct" ? used.type : undefined;
  const given = compileArguments(compilation, source, spec, scope);
  const region = compileRegion(compilation, field, scope, undefined);
  const { parent } = field;
  const parentOf = parent ? compileParent(compilation, parent, scope) : undefined;
  if (!spec) return () => undefined;
  const plan = compilation.plan(spec);
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

function compileParent(
  compilation: Compilation,
  source: Source,
  scope: Scope,
): Evaluate | undefined {
  const typed = compilation.checker.expression(source, scope);
  if (!typed) return undefined;
  if (typed.type.kind !== "struct") {
    compilation.problems.refuse(source.place, "wrongType", "struct", typeName(typed.type));
  }
  return typed.evaluate;
}

function compileArguments(
  compilation: Compilation,
  source: Source,
  spec: TypeSpec | undefined,
  scope: Scope,
): readonly Evaluate[] {
  try {
    const { arguments: given = [] } = parseTypeCall(source.text);
    const words = given.map((one) => compilation.checker.compile(one, scope, source.text.length));
    if (!spec) return [];
    const { params } = spec;
    if (words.length !== params.length) {
      throw new Refusal("wrongCount", [spec.id, params.length, words.length]);
    }
    for (const [index, word] of words.entries()) {
      const param = params[index];
      if (!param) continue;
      const wanted = compilation.checker.slotType({ kind: "param", spec: param }, spec);
      if (fits(word.type, wanted)) continue;
      const names = [param.id, typeName(wanted), typeName(word.type)];
      throw new Refusal("wrongArgument", names, given[index]);
    }
    return words.map(({ evaluate }, index) => {
      const param = params[index];
      const wanted = param && compilation.checker.slotType({ kind: "param", spec: param }, spec);
      // Bytes that are given as a list become one.
      if (wanted?.kind !== "array" || words[index]?.type.kind !== "bytes") return evaluate;
      return (self, run) => new Items(Array.from(evaluate(self, run) as Uint8Array));
    });
  } catch (error) {
    compilation.problems.caught(error, source);
    return [];
  }
}

import type { FieldSpec, Source, TypeSpec, ValidSpec } from "../definition.ts";
import type { Scope } from "../expression/compiler.ts";
import { areComparable, type Compare, comparison, hasOrder } from "../expression/values.ts";
import { Misfit } from "../failure.ts";
import type { Int } from "../integers.ts";
import type { Evaluate, Run, Struct } from "../run.ts";
import { BOOL, BYTES, typeName, type ValueType } from "../types.ts";
import { valueText } from "../value_text.ts";
import type { Compilation } from "./compilation.ts";

/** Throws where a value is not allowed. */
export type CheckValue = (value: unknown, self: Struct, run: Run) => void;

/** What `valid` or `contents` asks of a value; undefined where nothing is asked. */
export function compileValid(
  compilation: Compilation,
  field: FieldSpec,
  type: ValueType,
  owner: TypeSpec,
): CheckValue | undefined {
  const { valid, contents, id } = field;
  if (contents) return contentsRule(contents, id);
  if (!valid) return undefined;
  const scope: Scope = {
    type: owner,
    names: compilation.checker,
    item: type,
    hasIndex: field.repeat !== undefined,
  };
  const checks: CheckValue[] = [];
  const add = (
    source: Source | undefined,
    code: "notEqual" | "tooSmall" | "tooLarge",
    isAllowed: (difference: number) => boolean,
  ): void => {
    const compared =
      source && compileComparison(compilation, source, type, scope, code !== "notEqual");
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
  compileOtherRules(compilation, valid, type, scope, id, checks);
  return (value, self, run) => {
    if (value === null) return;
    run.item = value;
    for (const check of checks) check(value, self, run);
  };
}

function contentsRule(contents: Uint8Array, id: string): CheckValue {
  const compare = comparison(BYTES);
  return (value, _, run) => {
    if (compare(value, contents, run) === 0) return;
    throw new Misfit("notEqual", id, valueText(value, BYTES), valueText(contents, BYTES));
  };
}

function compileOtherRules(
  compilation: Compilation,
  valid: ValidSpec,
  type: ValueType,
  scope: Scope,
  id: string,
  checks: CheckValue[],
): void {
  if (valid.anyOf) {
    const all = valid.anyOf.flatMap(
      (source) => compileComparison(compilation, source, type, scope, false) ?? [],
    );
    checks.push((value, self, run) => {
      for (const { compare, evaluate } of all) {
        run.step();
        if (compare(value, evaluate(self, run), run) === 0) return;
      }
      throw new Misfit("notAnyOf", id, valueText(value, type));
    });
  }
  const holds = compilation.checker.wanted(valid.expression, scope, BOOL);
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

function compileComparison(
  compilation: Compilation,
  source: Source,
  type: ValueType,
  scope: Scope,
  isOrdered: boolean,
): { compare: Compare; evaluate: Evaluate } | undefined {
  const typed = compilation.checker.expression(source, scope);
  if (!typed) return undefined;
  if (!areComparable(type, typed.type)) {
    compilation.problems.refuse(
      source.place,
      "cannotCompare",
      typeName(type),
      typeName(typed.type),
    );
  } else if (isOrdered && !hasOrder(type)) {
    compilation.problems.refuse(source.place, "cannotOrder", typeName(type), "min, max");
  }
  return { compare: comparison(type), evaluate: typed.evaluate };
}

import type { EndianSwitch, Source } from "../definition.ts";
import type { Scope, Typed } from "../expression/compiler.ts";
import { areComparable, comparison } from "../expression/values.ts";
import type { Run, Struct } from "../run.ts";
import { typeName } from "../types.ts";
import type { Compilation } from "./compilation.ts";

/** The number of the case that fits, or of that without a key; -1 where none does. */
export function compileChoice(
  { checker, problems }: Compilation,
  on: Source,
  keys: readonly (Source | undefined)[],
  scope: Scope,
): ((self: Struct, run: Run) => number) | undefined {
  const value = checker.expression(on, scope);
  const otherwise = keys.indexOf(undefined);
  const compiled: { index: number; typed: Typed }[] = [];
  for (const [index, key] of keys.entries()) {
    const typed = checker.expression(key, scope);
    if (!key || !typed || !value) continue;
    if (areComparable(value.type, typed.type)) compiled.push({ index, typed });
    else problems.refuse(key.place, "cannotCompare", typeName(value.type), typeName(typed.type));
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

/** True for little endian; undefined where no case fits. */
export function compileEndianSwitch(
  compilation: Compilation,
  { on, cases }: EndianSwitch,
  scope: Scope,
): ((self: Struct, run: Run) => boolean | undefined) | undefined {
  const choose = compileChoice(
    compilation,
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

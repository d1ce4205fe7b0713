import type { Inflate } from "../bytes.ts";
import type { TypeSpec } from "../definition.ts";
import type { StructPlan } from "../plan.ts";
import type { Run, Struct } from "../run.ts";
import type { Stream } from "../stream.ts";
import type { Reporter } from "./reporter.ts";
import type { TypeChecker } from "./type_checker.ts";

/** Reads one value of a field where a stream is. */
export type Read = (self: Struct, io: Stream, run: Run) => unknown;
/** Puts the value of a field, and its bytes, into its slot. */
export type ReadField = (self: Struct, run: Run) => void;

/** What every part of a definition is compiled with. */
export interface Compilation {
  readonly checker: TypeChecker;
  readonly problems: Reporter;
  readonly inflate: Inflate | undefined;
  /** The plan of a type, which may not be complete yet: types may contain themselves. */
  plan(type: TypeSpec): StructPlan;
}

/** What a type has from the `meta` of its own or of the nearest type around it. */
export function inherited<T>(type: TypeSpec, of: (type: TypeSpec) => T | undefined): T | undefined {
  for (let around: TypeSpec | undefined = type; around; around = around.outer) {
    const found = of(around);
    if (found !== undefined) return found;
  }
  return undefined;
}

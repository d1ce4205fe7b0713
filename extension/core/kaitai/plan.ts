import type { DefinedAt } from "../decode/decoded.ts";
import type { Place, TypeSpec } from "./definition.ts";
import type { Evaluate, Run, Struct } from "./run.ts";
import type { ValueType } from "./types.ts";

/** A named value of a structure, by its place in the arrays of a {@link Struct}. */
export interface SlotPlan {
  readonly id: string;
  readonly kind: "param" | "field" | "instance";
  readonly doc: string | undefined;
  /** Where its name stands in the definition. */
  readonly place: Place;
  /** What says how many bytes it needs: its type, or its size. */
  readonly bytesPlace: Place;
  readonly definedAt: DefinedAt;
  readonly type: ValueType;
  /** Of an instance: puts its value, and its bytes, into the structure. */
  readonly compute?: ((self: Struct, run: Run) => void) | undefined;
}

/** A type of a definition, ready to read. */
export interface StructPlan {
  readonly spec: TypeSpec;
  readonly slots: readonly SlotPlan[];
  /** Reads the sequence at the place where the structure's stream is. */
  readonly read: (self: Struct, run: Run) => void;
  /** The value in words, where the definition has `to-string`. */
  readonly toText: Evaluate | undefined;
}

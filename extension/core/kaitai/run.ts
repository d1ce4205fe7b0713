import { Misfit } from "./failure.ts";
import type { StructPlan } from "./plan.ts";
import type { Stream } from "./stream.ts";

/** Most steps of one decoding, which are about as many reads, comparisons or bytes looked at: well below a second. */
export const MOST_STEPS = 300_000;
/** Deepest structures in one another. */
const DEEPEST = 64;
/** Longest text that an expression makes, in UTF-16 units. */
export const LONGEST_TEXT = 65_536;

/** Computes a value in a structure. */
export type Evaluate = (self: Struct, run: Run) => unknown;

/** The values of a repeated field, each with its bytes in the payload; a list of an expression has none. */
export class Items {
  readonly values: unknown[];
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  constructor(values: unknown[] = []) {
    this.values = values;
  }
}

/** A structure that was read, or as much of it as there was. */
export class Struct {
  readonly plan: StructPlan;
  readonly io: Stream;
  readonly parent: Struct | undefined;
  /** The structure of the top type of its file; undefined where that was not read, as the type is imported. */
  readonly root: Struct | undefined;
  /** Its order of bytes, where that was decided while reading. */
  isLittle: boolean | undefined;
  /** By slot: undefined is not read, null is left out by its `if`. */
  readonly values: unknown[];
  /** By slot: the first byte of the payload, and the one behind the last. Undefined: not read, or no bytes. */
  readonly starts: (number | undefined)[];
  readonly ends: (number | undefined)[];

  constructor(
    plan: StructPlan,
    io: Stream,
    parent: Struct | undefined,
    root: Struct | undefined | "itself",
  ) {
    this.plan = plan;
    this.io = io;
    this.parent = parent;
    this.root = root === "itself" ? this : root;
    this.values = new Array(plan.slots.length);
    this.starts = new Array(plan.slots.length);
    this.ends = new Array(plan.slots.length);
  }
}

/** Marks an instance whose value is being computed. */
export const COMPUTING = Symbol("computing");

/** One decoding: what it may still use up, and where it is. */
export class Run {
  #steps = MOST_STEPS;
  #depth = 0;
  /** `_` and `_index` of the field that is being read. */
  item: unknown;
  index = 0;

  /** Those that were taken. */
  get steps(): number {
    return MOST_STEPS - this.#steps;
  }

  step(count = 1): void {
    this.#steps -= count;
    if (this.#steps < 0) throw new Misfit("tooManySteps", MOST_STEPS);
  }

  enter(name: string): void {
    if (++this.#depth > DEEPEST) throw new Misfit("tooDeep", name);
  }

  leave(): void {
    this.#depth--;
  }

  /** What is thrown while something is read or computed; undefined where nothing is. What it began is over then. */
  attempt(action: () => void, name: string): Misfit | undefined {
    const { item, index } = this;
    const depth = this.#depth;
    try {
      action();
      return undefined;
    } catch (error) {
      if (error instanceof Misfit) return error;
      // The stack has an end: structures, instances and expressions in one another reached it first.
      if (error instanceof RangeError) return new Misfit("tooDeep", name);
      throw error;
    } finally {
      this.#depth = depth;
      this.item = item;
      this.index = index;
    }
  }

  /** Charges for a text that was made. */
  text(text: string): string {
    if (text.length > LONGEST_TEXT) throw new Misfit("textTooLong", LONGEST_TEXT);
    this.step(1 + (text.length >> 4));
    return text;
  }
}

/** A value of a slot; instances are computed when they are first asked for. */
export function slotValue(self: Struct, slot: number, run: Run): unknown {
  const value = self.values[slot];
  if (value !== undefined && value !== COMPUTING) return value;
  const { id, compute } = self.plan.slots[slot] ?? { id: "" };
  if (value === COMPUTING) throw new Misfit("circular", id);
  if (!compute) throw new Misfit("missing", id);
  self.values[slot] = COMPUTING;
  const { item, index } = run;
  run.enter(id);
  try {
    compute(self, run);
  } catch (error) {
    if (self.values[slot] === COMPUTING) self.values[slot] = undefined;
    if (error instanceof Misfit) {
      error.place ??= { struct: self, slot };
      error.unfinished = undefined;
    }
    throw error;
  }
  run.leave();
  run.item = item;
  run.index = index;
  return self.values[slot];
}

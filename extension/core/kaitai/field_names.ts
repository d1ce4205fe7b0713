import type { TypeSpec } from "./definition.ts";
import type { StructPlan } from "./plan.ts";
import type { ValueType } from "./types.ts";

/** The fields that a type has, as paths without indices: `points.x`. */
export interface FieldNameSet {
  readonly names: ReadonlySet<string>;
  /** True for a path below a structure whose type depends on what is read: there may be anything. */
  isOpen(path: string): boolean;
}

/** Types can hold each other without end: these are enough to tell a slip from a name. */
const MOST_NAMES = 2000;
const DEEPEST = 8;

/** @param plans Of all types of the definition. */
export function fieldNames(
  plan: StructPlan,
  plans: ReadonlyMap<TypeSpec, StructPlan>,
): FieldNameSet {
  const names = new Set<string>();
  const open: string[] = [];
  const add = ({ slots }: StructPlan, before: string, depth: number) => {
    for (const { id, kind, type } of slots) {
      if (kind === "param") continue;
      if (names.size >= MOST_NAMES) return;
      const path = `${before}${id}`;
      names.add(path);
      const item = itemType(type);
      if (item.kind !== "struct" && item.kind !== "any") continue;
      const known = item.kind === "struct" && item.type ? plans.get(item.type) : undefined;
      if (known && depth < DEEPEST) add(known, `${path}.`, depth + 1);
      else open.push(`${path}.`);
    }
  };
  add(plan, "", 0);
  return {
    names,
    isOpen: (path) => names.size >= MOST_NAMES || open.some((before) => path.startsWith(before)),
  };
}

function itemType(type: ValueType): ValueType {
  return type.kind === "array" ? itemType(type.of) : type;
}

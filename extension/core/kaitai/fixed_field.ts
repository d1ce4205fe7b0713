import type { FieldPath } from "../decode/field_path.ts";
import { fixedNumber } from "./compiler/fixed_numbers.ts";
import type { FieldSpec, TypeSpec } from "./definition.ts";
import type { Int } from "./integers.ts";
import type { StructPlan } from "./plan.ts";
import { valueText } from "./value_text.ts";

/** A number that is at the same place in every payload. */
export interface FixedField {
  /** Its first byte, and the one behind the last: shorter payloads do not have it. */
  readonly from: number;
  readonly to: number;
  /** @param at Where the field begins in `view`. */
  readonly read: (view: DataView, at: number) => Int;
  /** What kind of number it is; an enum's has a name. */
  readonly kind: "int" | "float" | "enum";
  /** As a person reads it. */
  readonly text: (value: Int) => string;
}

/** Structures within structures that are looked into. */
const DEEPEST = 16;

/**
 * Where a field is that only numbers of fixed size stand before, so that a filter reads nothing else; undefined where its
 * place depends on what is read, or a check before it may end the reading.
 */
export function fixedField(
  plan: StructPlan,
  plans: ReadonlyMap<TypeSpec, StructPlan>,
  path: FieldPath,
): FixedField | undefined {
  let offset = 0;
  let within = plan;
  for (const [depth, { name, indices }] of path.entries()) {
    if (indices.length > 0 || !isPlain(within)) return undefined;
    const { seq } = within.spec;
    const place = seq.findIndex(({ id }) => id === name);
    const field = seq[place];
    if (!field) return undefined;
    for (const before of seq.slice(0, place)) {
      const size = sizeOf(before, within, plans, 0);
      if (size === undefined) return undefined;
      offset += size;
    }
    const number = fixedNumber(field, within.spec);
    if (number && depth === path.length - 1) {
      const { type } = within.slots[place] ?? { type: { kind: "any" } as const };
      const text = (value: Int) => valueText(value, type);
      const kind = type.kind === "float" || type.kind === "enum" ? type.kind : "int";
      return { from: offset, to: offset + number.size, read: number.read, kind, text };
    }
    const inner = structOf(field, within, plans);
    if (!inner) return undefined;
    within = inner;
  }
  return undefined;
}

function sizeOf(
  field: FieldSpec,
  within: StructPlan,
  plans: ReadonlyMap<TypeSpec, StructPlan>,
  depth: number,
): number | undefined {
  const number = fixedNumber(field, within.spec);
  if (number) return number.size;
  const inner = depth < DEEPEST ? structOf(field, within, plans) : undefined;
  if (!inner || !isPlain(inner)) return undefined;
  let sum = 0;
  for (const one of inner.spec.seq) {
    const size = sizeOf(one, inner, plans, depth + 1);
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}

function isPlain({ spec }: StructPlan): boolean {
  return spec.params.length === 0 && (spec.endian === undefined || typeof spec.endian === "string");
}

/** A structure that is read as it stands: always, once, and with all the bytes that it wants. */
function structOf(
  field: FieldSpec,
  within: StructPlan,
  plans: ReadonlyMap<TypeSpec, StructPlan>,
): StructPlan | undefined {
  const { condition, repeat, valid, contents, size, sizeEos, process, terminator, parent } = field;
  if (condition || repeat || valid || contents || size || sizeEos || process) return undefined;
  if (terminator !== undefined || parent !== undefined) return undefined;
  if (!field.type || "on" in field.type) return undefined;
  const type = within.slots.find(({ id, kind }) => id === field.id && kind === "field")?.type;
  return type?.kind === "struct" && type.type ? plans.get(type.type) : undefined;
}

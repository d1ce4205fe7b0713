import { quoted } from "../../payload/fields_text.ts";
import type { FieldSpec, TypeSpec } from "../definition.ts";
import type { Expression } from "../expression/syntax.ts";
import { Items, Struct } from "../run.ts";
import type { ValueType } from "../types.ts";
import { valueText } from "../value_text.ts";
import { expressionOf } from "./derived_values.ts";

/**
 * A structure that was read as it is written: `sensor { id: 7, temp: 21.5 }`.
 *
 * @param leaveOut fields that are not to be written
 * @param last what is written for the last field, in the place of its value
 */
export function structText(
  struct: Struct,
  leaveOut: ReadonlySet<FieldSpec>,
  last: string | undefined,
): string {
  const { spec, slots } = struct.plan;
  const fields: string[] = [];
  for (const [index, field] of spec.seq.entries()) {
    const slot = spec.params.length + index;
    const value = struct.values[slot];
    if (value === null || value === undefined || leaveOut.has(field) || field.contents) continue;
    const type = slots[slot]?.type ?? { kind: "any" };
    const ofLast = index === spec.seq.length - 1 ? last : undefined;
    const isDouble = /^f8/.test(field.type && !("on" in field.type) ? field.type.text : "");
    const text =
      ofLast !== undefined && !(value instanceof Struct)
        ? ofLast
        : textOf(value, type, leaveOut, ofLast, isDouble);
    fields.push(`${field.id}: ${text}`);
  }
  const inner = fields.length === 0 ? "" : ` ${fields.join(", ")} `;
  return `${spec.id} {${inner}}`;
}

function textOf(
  value: unknown,
  type: ValueType,
  leaveOut: ReadonlySet<FieldSpec>,
  last: string | undefined,
  isDouble: boolean,
): string {
  if (value instanceof Struct) return structText(value, leaveOut, last);
  if (value instanceof Items) {
    const element = type.kind === "array" ? type.of : type;
    const items = value.values.map((one) => textOf(one, element, leaveOut, undefined, isDouble));
    return `[${items.join(", ")}]`;
  }
  if (typeof value === "string") return quoted(value);
  if (value instanceof Uint8Array) {
    const digits = Array.from(value, (byte) => byte.toString(16).padStart(2, "0"));
    return `hex ${digits.join(" ")}`.trimEnd();
  }
  if (Object.is(value, -0)) return "-0";
  // One of eight bytes has all its digits: of the others nobody needs more than tell them apart.
  if (isDouble && typeof value === "number") return String(value);
  // Of an enum the name alone.
  return valueText(value, type).replace(/ \(-?\d+\)$/, "");
}

/** Fields whose value says how long, or how many, others are: what the writing derives. */
export function lengthFields(
  types: Iterable<TypeSpec>,
  typeOf: (of: Expression, within: TypeSpec) => TypeSpec | undefined,
): ReadonlySet<FieldSpec> {
  const found = new Set<FieldSpec>();
  const note = (expression: Expression, type: TypeSpec, depth = 0): void => {
    if (depth > 64) return;
    const add = (owner: TypeSpec | undefined, name: string): void => {
      const field = owner?.seq.find(({ id }) => id === name);
      if (field) found.add(field);
      const value = owner?.instances.find(({ id }) => id === name)?.value;
      if (owner && value) note(expressionOf(value), owner, depth + 1);
    };
    switch (expression.kind) {
      case "name":
        add(type, expression.name);
        break;
      case "attribute":
        add(typeOf(expression.of, type), expression.name);
        break;
      case "binary":
        note(expression.left, type, depth + 1);
        note(expression.right, type, depth + 1);
        break;
      case "cast":
        note(expression.of, type, depth + 1);
    }
  };
  for (const type of types) {
    for (const { size, count } of type.seq) {
      for (const source of [size, count]) if (source) note(expressionOf(source), type);
    }
  }
  return found;
}

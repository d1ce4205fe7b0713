import { cut } from "./cut.ts";
import type { DecodedField } from "./decoded.ts";
import { Undecodable } from "./problem.ts";

/** A value of JSON, MessagePack or CBOR, with the bytes that it takes. */
export interface ValueNode {
  readonly from: number;
  readonly to: number;
  /** A scalar as it is shown, printable; of a container, what stands before its bracket, mostly nothing. */
  readonly text: string;
  /** What a person reads it as, for instance a date. */
  readonly note?: string;
  /** What encloses the entries; none of a scalar. */
  readonly brackets?: "[]" | "{}" | "()";
  readonly entries: readonly ValueEntry[];
}

export interface ValueEntry {
  /** The key, or the index, printable. */
  readonly name: string;
  /** Where the key starts; of an array, where the value does. */
  readonly from: number;
  readonly value: ValueNode;
}

/** Nobody nests deeper by intent; every decoder recurses, and the stack is finite. */
export const MOST_NESTING = 64;

/** Throws where a value would be nested too deep; `depth` 0 is the outermost. */
export function checkDepth(depth: number, at: number): void {
  if (depth > MOST_NESTING) throw new Undecodable("tooDeep", MOST_NESTING, at);
}

export function scalar(text: string, from: number, to: number): ValueNode {
  return { text, from, to, entries: [] };
}

/** The entries of a top-level value as fields; a scalar is one field of its own. */
export function topFields(node: ValueNode): DecodedField[] {
  return node.brackets === "{}" || node.brackets === "[]"
    ? node.entries.map(entryField)
    : [valueField("value", node, node.from)];
}

function entryField({ name, from, value }: ValueEntry): DecodedField {
  return valueField(name, value, from);
}

/** A scalar as it is; of a container how many it holds: `{3}`; of what wraps one value, all: `1(1700000000)`. */
function valueText(node: ValueNode): string {
  const { text, note, brackets, entries } = node;
  if (!brackets) return text;
  if (brackets === "()") return note ? `${notation(node)} ${note}` : notation(node);
  return `${text}${brackets[0]}${entries.length}${brackets[1]}`;
}

function valueField(name: string, node: ValueNode, from: number): DecodedField {
  return {
    name,
    value: valueText(node),
    from,
    to: node.to,
    fields: node.entries.map(entryField),
  };
}

/** A value as the name of what it is the key of. */
export function keyText(key: ValueNode): string {
  return notation(key);
}

/** The value in one line, `{"a": [1, 2]}`; what is beyond `limit` characters is left out. */
export function notation(node: ValueNode, limit = 100): string {
  return cut(write(node, limit), limit);
}

function write(node: ValueNode, room: number): string {
  if (!node.brackets) return node.text;
  const isMap = node.brackets === "{}";
  let text = node.text + node.brackets[0];
  for (const [index, { name, value }] of node.entries.entries()) {
    if (text.length > room) return text;
    if (index > 0) text += ", ";
    if (isMap) text += `${name}: `;
    text += write(value, room - text.length);
  }
  return text + node.brackets[1];
}

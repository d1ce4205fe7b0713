import type { DecodedField } from "../../../core/decode/decoded.ts";
import type { ByteRange } from "./byte_selection.ts";

/** A field that shows, as one line of a tree. */
export interface TreeLine {
  readonly field: DecodedField;
  /** The names from the outermost field to this one, with the place among fields of the same name. */
  readonly path: string;
  /** From 1. */
  readonly level: number;
  /** From 1, of `count`, among the fields of its parent. */
  readonly position: number;
  readonly count: number;
  /** Undefined where there is nothing within. */
  readonly isOpen: boolean | undefined;
  /** The line of the field that it lies in. */
  readonly parent: number | undefined;
}

/** The fields that show, from the upper to the lower; those within a closed one do not. */
export function treeLines(
  fields: readonly DecodedField[],
  closed: ReadonlySet<string>,
): readonly TreeLine[] {
  const lines: TreeLine[] = [];
  const add = (list: readonly DecodedField[], parent: number | undefined) => {
    const outer = parent === undefined ? undefined : lines[parent];
    for (const [index, field] of list.entries()) {
      const path = `${outer?.path ?? ""}/${index} ${field.name}`;
      const isOpen = field.fields.length === 0 ? undefined : !closed.has(path);
      lines.push({
        field,
        path,
        level: (outer?.level ?? 0) + 1,
        position: index + 1,
        count: list.length,
        isOpen,
        parent,
      });
      if (isOpen) add(field.fields, lines.length - 1);
    }
  };
  add(fields, undefined);
  return lines;
}

/** The innermost line whose field holds all these bytes; -1 where none does. */
export function fieldAt(lines: readonly TreeLine[], { from, to }: ByteRange): number {
  let best = -1;
  for (const [index, { field }] of lines.entries()) {
    if (field.from > from || field.to < to) continue;
    const other = lines[best]?.field;
    if (!other || field.to - field.from <= other.to - other.from) best = index;
  }
  return best;
}

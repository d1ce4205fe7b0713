import type { TreeRow } from "./tree_view.ts";

/** The rows of Bound Ports that are about tapped programs: those before "Other processes". */
export function tappedRows(rows: readonly TreeRow[]): readonly TreeRow[] {
  const others = rows.findIndex(isOthers);
  return others < 0 ? rows : rows.slice(0, others);
}

/** The rows below "Other processes". */
export function otherRows(rows: readonly TreeRow[]): readonly TreeRow[] {
  const others = rows.findIndex(isOthers);
  return others < 0 ? [] : rows.slice(others + 1);
}

export function isOthers({ label, level }: TreeRow): boolean {
  return level === 1 && /^Other processes \(/.test(label);
}

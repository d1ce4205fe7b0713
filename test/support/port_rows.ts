import type { TreeRow, TreeView } from "./tree_view.ts";

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

/** Opens "Other processes" where it is closed, and waits for the lines below it. Its label tells how many, which changes. */
export async function openOthers(tree: TreeView): Promise<void> {
  const shown = await tree.waitForRows('"Other processes"', (rows) => rows.some(isOthers));
  if (!shown.find(isOthers)?.expanded) await tree.row(OTHERS).click();
  await tree.waitForRows("other processes", (rows) => otherRows(rows).length > 0);
}

const OTHERS = /^Other processes \(/;

export function isOthers({ label, level }: TreeRow): boolean {
  return level === 1 && OTHERS.test(label);
}

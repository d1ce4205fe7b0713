import type { DefinitionFile, FieldSpec } from "./definition.ts";
import { allTypes } from "./names.ts";
import type { Report } from "./problem.ts";

/** Names that Kaitai Struct's style guide (section "Attribute ID") would have otherwise: what is nothing but a length or a count. */
export function reportStyle({ text, top }: DefinitionFile, report: Report): void {
  if (!top) return;
  const uses = new Map<string, number>();
  const withoutComments = text.replace(/(?:^|\s)#.*/gm, "");
  for (const [word] of withoutComments.matchAll(/[a-z][a-z0-9_]*/g))
    uses.set(word, (uses.get(word) ?? 0) + 1);
  for (const type of allTypes(top)) {
    const fields = [...type.seq, ...type.instances];
    const byId = new Map(fields.map((field) => [field.id, field]));
    const suggest = (id: string | undefined, of: FieldSpec, prefix: string, what: string): void => {
      const field = id === undefined ? undefined : byId.get(id);
      const better = `${prefix}_${of.id}`;
      // Where it is written, and where it is used.
      if (!field || of.id.startsWith("_") || field.id === better || uses.get(field.id) !== 2)
        return;
      report("warning", "betterName", field.idPlace, [field.id, better, what, of.id]);
    };
    for (const field of fields) {
      suggest(field.size?.text, field, "len", "size");
      suggest(field.count?.text, field, "num", "repeat-expr");
    }
  }
}

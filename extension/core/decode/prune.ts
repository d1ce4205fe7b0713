import { cut } from "./cut.ts";
import type { DecodedField } from "./decoded.ts";

/** More fields than this say nothing to a reader, and cost the page its smoothness. */
export const MOST_FIELDS = 5000;

const NAME_LIMIT = 200;
/** Above what a decoder cuts itself, so that its note about the cut stays. */
const VALUE_LIMIT = 1500;

/** The first {@link MOST_FIELDS} fields; what is left out of a list is counted in its last field, with its bytes. */
export function prune(fields: readonly DecodedField[]): readonly DecodedField[] {
  let room = MOST_FIELDS;
  const keep = (list: readonly DecodedField[]): readonly DecodedField[] => {
    const kept: DecodedField[] = [];
    for (const [index, field] of list.entries()) {
      if (room <= 0) {
        const { from } = field;
        const to = list.at(-1)?.to ?? field.to;
        kept.push({ name: "…", value: `+${list.length - index}`, from, to, fields: [] });
        break;
      }
      room--;
      kept.push({
        name: cut(field.name, NAME_LIMIT),
        value: cut(field.value, VALUE_LIMIT),
        from: field.from,
        to: field.to,
        fields: keep(field.fields),
      });
    }
    return kept;
  };
  return keep(fields);
}

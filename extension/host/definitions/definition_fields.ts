import { type DecoderFields, pathBehind } from "../../core/decode/decoder_fields.ts";
import { parsePath } from "../../core/decode/field_path.ts";
import { fieldNames } from "../../core/kaitai/field_names.ts";
import type { LoadedUse } from "./definitions.ts";

const NONE: DecoderFields = { names: [], find: () => undefined };

/** The fields of a definition: `tracker.body.x`; none where it cannot be used. */
export function definitionFields({ use, loaded }: LoadedUse): DecoderFields {
  const definition = loaded?.definition;
  const plan = definition?.types.get(use.type ?? definition.id);
  if (!definition || !plan) return NONE;
  const id = plan.spec.id;
  const { names, isOpen } = fieldNames(plan, definition.plans);
  return {
    names: [...names].map((name) => `${id}.${name}`),
    find(name) {
      const path = pathBehind(name, id);
      const parsed = path === undefined ? undefined : parsePath(path);
      if (path === undefined || !parsed) return undefined;
      const plain = path.replace(/\[\d+\]/g, "");
      return names.has(plain) || isOpen(plain) ? { paths: [parsed] } : undefined;
    },
  };
}

import type { DecodedFieldNames } from "../../core/filter/decoded_fields.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";

/** The fields of all decoders, as filters ask for them. */
export function decodedFieldNames({ all }: LoadedDecoders): DecodedFieldNames {
  const names = new Set(all.flatMap(({ fields }) => fields.names));
  return {
    find(name) {
      if (!/[.[]/.test(name)) return undefined;
      if (names.has(name.replace(/\[\d+\]/g, ""))) return "known";
      return all.some(({ fields }) => fields.find(name)) ? "open" : undefined;
    },
    namesOf(decoder) {
      const named = all.filter(({ id }) => id === decoder);
      return [...new Set(named.flatMap(({ fields }) => fields.names))];
    },
  };
}

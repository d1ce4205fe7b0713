import type { Place, TypeSpec } from "./definition.ts";
import { readDefinitionFile } from "./reader.ts";
import { YamlFile } from "./yaml_file.ts";

/** A named part of a definition, with what it holds. */
export interface OutlineItem {
  readonly name: string;
  /** What it is, as it is written: "u2". */
  readonly detail: string;
  readonly kind: "type" | "param" | "field" | "instance" | "enum";
  /** All of it; what it holds lies within. */
  readonly place: Place;
  /** Its name, or where that would be. */
  readonly namePlace: Place;
  readonly items: readonly OutlineItem[];
}

/** Types with their fields, and enums; undefined where the text cannot be read as a definition. */
export function outlineOf(text: string): readonly OutlineItem[] | undefined {
  const { top } = readDefinitionFile(new YamlFile("", text));
  return top && itemsOf(top);
}

function itemsOf({ params, seq, instances, types, enums }: TypeSpec): OutlineItem[] {
  return [
    ...params.map(({ id, place, type }) => leaf("param", id, type?.text ?? "", place)),
    ...seq.map(({ id, idPlace, type, extent }) => leaf("field", id, used(type), extent, idPlace)),
    ...instances.map(({ id, idPlace, type, value, extent }) =>
      leaf("instance", id, value?.text ?? used(type), extent, idPlace),
    ),
    ...Array.from(types, ([name, type]): OutlineItem => {
      const { place, doc = "" } = type;
      return {
        ...{ name, detail: doc.split("\n")[0] ?? "", kind: "type", place },
        ...{ namePlace: { ...place, to: place.from }, items: itemsOf(type) },
      };
    }),
    ...Array.from(enums, ([name, { place }]) => leaf("enum", name, "", place)),
  ];
}

function used(type: TypeSpec["seq"][number]["type"]): string {
  return type ? ("on" in type ? `switch-on ${type.on.text}` : type.text) : "";
}

function leaf(
  kind: OutlineItem["kind"],
  name: string,
  detail: string,
  place: Place,
  at = place,
): OutlineItem {
  const namePlace = at.from >= place.from && at.to <= place.to ? at : { ...place, to: place.from };
  return { name, detail, kind, place, namePlace, items: [] };
}

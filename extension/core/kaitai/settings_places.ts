import { YamlFile, type YamlValue } from "./yaml_file.ts";

/** Where a part of a file of settings stands: UTF-16 units of its text, `to` exclusive. */
interface TextRange {
  readonly from: number;
  readonly to: number;
}

export interface EntryPlace extends TextRange {
  /** Where the value of each key stands. */
  readonly keys: ReadonlyMap<string, TextRange>;
}

/**
 * Where the entries of a setting stand that is a list, in a settings.json or a .code-workspace file: JSON with comments
 * (VS Code's documentation, "JSON with Comments"). None where the text is no such file.
 */
export function entryPlaces(text: string, setting: string): readonly EntryPlace[] {
  // Without comments, JSON is YAML (YAML 1.2.2, section 1.2); a tab is no white space there in every place.
  const json = text.replace(COMMENTS, (found) =>
    found.startsWith('"') ? found : found.replace(/[^\n]/g, " "),
  );
  const yaml = new YamlFile("", json);
  const entriesOf = (value: YamlValue | undefined) =>
    value && yaml.isMap(value) ? yaml.entries(value) : [];
  const entryOf = (value: YamlValue | undefined, key: string) =>
    entriesOf(value).find((entry) => entry.key === key);
  const places = yaml.read((top) => {
    const list = entryOf(top, setting) ?? entryOf(entryOf(top, "settings"), setting);
    if (!list || !yaml.isList(list)) return [];
    return yaml.items(list).map((item) => ({
      ...rangeOf(item),
      keys: new Map(entriesOf(item).map((entry) => [entry.key, rangeOf(entry)])),
    }));
  });
  return places ?? [];
}

const COMMENTS = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\t/g;

function rangeOf({ place: { from, to } }: YamlValue): TextRange {
  return { from, to };
}

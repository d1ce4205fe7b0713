import type { DefinitionFile, TypeSpec } from "./definition.ts";
import { readDefinitionFile } from "./reader.ts";
import { pathTo, YamlFile } from "./yaml_file.ts";

/** A name that no definition has. */
const MARKER = "zz_cursor_zz";

/** What is being written at a place of a definition. */
export interface Cursor {
  /** The word before the place, which what is chosen replaces: UTF-16 units of the text. */
  readonly from: number;
  /** Keys and indexes that lead to the map that a key is for, or to a value, from the top. */
  readonly path: readonly (string | number)[];
  readonly isKey: boolean;
  /** The value is an expression, of which only a part is being written. */
  readonly isPart: boolean;
  /** The definition as it would be with something there; without a top type where it cannot be read. */
  readonly file: DefinitionFile;
}

/** Undefined where nothing can be said of the place: in a comment, or where the file is no YAML before it. */
export function cursorAt(text: string, offset: number): Cursor | undefined {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  const [word = ""] = /[\w-]*$/.exec(before) ?? [];
  const lead = before.slice(0, before.length - word.length);
  if (/(^|\s)#/.test(lead)) return undefined;
  const from = offset - word.length;
  const [rest = ""] = /^[\w-]*/.exec(text.slice(offset)) ?? [];
  const behind = text.slice(offset + rest.length);
  const isKey = /^\s*(?:- +)*$|[{,]\s*$/.test(lead);
  const isNamed = /^\s*:/.test(behind);
  // A key needs a value, and a place that is nothing yet has to be something.
  const marker = isKey && !isNamed ? `${MARKER}: 0` : MARKER;
  const whole = text.slice(0, from) + marker + behind;
  const found = pathTo(whole, MARKER);
  if (!found) return undefined;
  const last = found.at(-1);
  return {
    from,
    path: last === MARKER ? found.slice(0, -1) : found,
    isKey: last === MARKER,
    isPart: !/:\s+$|\[\s*$|,\s*$|-\s+$/.test(lead),
    file: readDefinitionFile(new YamlFile("", whole)),
  };
}

/** The type that a path leads into; undefined where the file cannot be read. */
export function typeAlong(
  { top }: DefinitionFile,
  path: readonly (string | number)[],
): { readonly type: TypeSpec | undefined; readonly rest: readonly (string | number)[] } {
  let type = top;
  let at = 0;
  while (path[at] === "types" && at + 1 < path.length) {
    type = type?.types.get(String(path[at + 1]));
    at += 2;
  }
  return { type, rest: path.slice(at) };
}

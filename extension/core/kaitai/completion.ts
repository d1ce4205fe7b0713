import { cursorAt, typeAlong } from "./cursor.ts";
import type { TypeSpec } from "./definition.ts";
import { ENCODING_NAMES } from "./encodings.ts";
import {
  FIELD_KEYS,
  INSTANCE_KEYS,
  MEMBER_KEYS,
  META_KEYS,
  PARAM_KEYS,
  SWITCH_KEYS,
  TYPE_KEYS,
  VALID_KEYS,
} from "./keys.ts";

/** What can be written at a place of a definition. */
export interface DefinitionCompletions {
  /** Where the word begins that is replaced, in UTF-16 units of the text. */
  readonly from: number;
  readonly items: readonly {
    readonly text: string;
    readonly kind: "key" | "type" | "enum" | "field" | "value";
  }[];
}

type Kind = DefinitionCompletions["items"][number]["kind"];

/** Whole numbers and floats, bits, and texts. */
const BUILT_IN = ["u", "s"]
  .flatMap((sign) => [1, 2, 4, 8].map((size) => `${sign}${size}`))
  .concat("f4", "f8", "b1", "str", "strz");
const WITH_ENDIAN = BUILT_IN.filter((name) => /^[usf][248]$/.test(name));

const VALUES: Readonly<Record<string, readonly string[]>> = {
  endian: ["le", "be"],
  "bit-endian": ["le", "be"],
  repeat: ["eos", "expr", "until"],
  encoding: ENCODING_NAMES,
  process: ["xor()", "rol()", "ror()", "zlib"],
};
const FLAGS = ["size-eos", "consume", "include", "eos-error", "in-enum", "ks-opaque-types"];
const EXPRESSIONS = ["size", "if", "repeat-expr", "repeat-until", "value", "pos", "io"].concat([
  "switch-on",
  "eq",
  "min",
  "max",
  "expr",
  "to-string",
  "valid",
  "parent",
]);
/** What every expression may name. */
const SPECIAL = ["_io", "_root", "_parent", "_index", "_", "true", "false"];

/** Keys, types, enums, fields and values, whichever are meant at a place; none where that cannot be told. */
export function completeDefinition(text: string, offset: number): DefinitionCompletions {
  const cursor = cursorAt(text, offset);
  if (!cursor) return { from: offset, items: [] };
  const { from, path, isKey, isPart, file } = cursor;
  const { type, rest } = typeAlong(file, path);
  const items = isKey
    ? keysAt(rest).map((key) => ({ text: key, kind: "key" as const }))
    : valuesAt(rest, type, isPart);
  return { from, items };
}

/** The keys of a map, by what leads there from its type. */
function keysAt(rest: readonly (string | number)[]): readonly string[] {
  const [first, second, ...more] = rest;
  const last = rest.at(-1);
  if (first === undefined) return TYPE_KEYS;
  if (first === "meta") return last === "endian" ? SWITCH_KEYS : rest.length === 1 ? META_KEYS : [];
  if (second === undefined) return [];
  if (first === "params") return more.length === 0 ? PARAM_KEYS : [];
  if (first === "enums") return more.length === 1 ? MEMBER_KEYS : [];
  if (first !== "seq" && first !== "instances") return [];
  if (more.length === 0) return first === "seq" ? FIELD_KEYS : [...INSTANCE_KEYS, "value"];
  if (more.length > 1) return [];
  return last === "type" ? SWITCH_KEYS : last === "valid" ? VALID_KEYS : [];
}

function valuesAt(
  rest: readonly (string | number)[],
  type: TypeSpec | undefined,
  isPart: boolean,
): DefinitionCompletions["items"] {
  const key = rest.findLast((one): one is string => typeof one === "string") ?? "";
  const isCase = rest.at(-2) === "cases";
  const as = (kind: Kind, texts: Iterable<string>) => [...texts].map((text) => ({ text, kind }));
  if ((isCase && rest[0] !== "meta") || (key === "type" && rest.length > 1)) {
    const names = [...BUILT_IN, ...WITH_ENDIAN.flatMap((name) => [`${name}le`, `${name}be`])];
    return [
      ...as(
        "type",
        namesOutwards(type, ({ types }) => types),
      ),
      ...as("value", names),
    ];
  }
  if (key === "enum")
    return as(
      "enum",
      namesOutwards(type, ({ enums }) => enums),
    );
  if (FLAGS.includes(key)) return as("value", ["true", "false"]);
  const values = Object.hasOwn(VALUES, key) && !isPart ? VALUES[key] : undefined;
  if (values) return as("value", values);
  if (!EXPRESSIONS.includes(key) || !type) return [];
  const fields = [...type.params, ...type.seq, ...type.instances].map(({ id }) => id);
  return [
    ...as(
      "field",
      fields.filter((id) => id !== "" && !id.startsWith("_")),
    ),
    ...as("value", SPECIAL),
  ];
}

/** What has a name in a type, or in those around it. */
function namesOutwards(
  type: TypeSpec | undefined,
  of: (type: TypeSpec) => ReadonlyMap<string, unknown>,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (let around = type; around; around = around.outer) {
    for (const name of of(around).keys()) names.add(name);
  }
  return names;
}

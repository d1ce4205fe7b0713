/** Which keys can stand where (User Guide, appendix "Formal specification"; ksy_schema of Kaitai). */

export const META_KEYS = [
  "application",
  "bit-endian",
  "encoding",
  "endian",
  "file-extension",
  "id",
  "imports",
].concat([
  "ks-debug",
  "ks-opaque-types",
  "ks-version",
  "ks-zero-copy-substream",
  "license",
  "tags",
  "title",
  "xref",
]);
export const TYPE_KEYS = [
  "doc",
  "doc-ref",
  "enums",
  "instances",
  "meta",
  "params",
  "seq",
  "to-string",
  "types",
];
export const FIELD_KEYS = [
  "id",
  "doc",
  "doc-ref",
  "type",
  "size",
  "size-eos",
  "if",
  "repeat",
  "repeat-expr",
].concat(
  ["repeat-until", "contents", "valid", "process", "enum", "encoding", "terminator", "consume"],
  ["include", "eos-error", "pad-right", "parent"],
);
export const INSTANCE_KEYS = FIELD_KEYS.filter((key) => key !== "id").concat("io", "pos");
export const VALUE_KEYS = ["doc", "doc-ref", "enum", "if", "valid", "value"];
export const PARAM_KEYS = ["id", "type", "doc", "doc-ref", "enum"];
export const VALID_KEYS = ["any-of", "eq", "expr", "in-enum", "max", "min"];
export const SWITCH_KEYS = ["cases", "switch-on"];
export const MEMBER_KEYS = ["id", "doc", "doc-ref"];

/**
 * What each key is for, in English, in our own words (User Guide, chapters 4 to 7); whoever shows one translates it. Those of
 * `meta` that mean something else than elsewhere have that in front.
 */
export const KEY_DOCS = {
  "meta/id": "Name of the definition.",
  application: "Programs that use it.",
  "bit-endian": "Which bits of a byte come first: be from the highest on, le from the lowest.",
  endian: "Order of the bytes of numbers: le or be; with switch-on as what is read says.",
  "file-extension": "Of files that hold it.",
  imports: "Other definitions whose types are used here, without .ksy.",
  "ks-debug": "Means nothing here.",
  "ks-opaque-types": "Types may be classes of a program; these cannot be read here.",
  "ks-version": "Version of the language that is needed.",
  "ks-zero-copy-substream": "Means nothing here.",
  license: "License of the definition.",
  tags: "Words to find it by.",
  title: "What it defines, in a few words.",
  xref: "What others call it.",
  meta: "What holds in the whole file, or in this type: order of bytes, encoding, name.",
  seq: "Fields, one behind the other.",
  instances: "Fields that have a place of their own, and values that are computed.",
  types: "Types that can be used here and further inside.",
  enums: "Names of numbers.",
  params: "What a type is given where it is used.",
  "to-string": "The whole in words: an expression that is a text.",
  id: "Name: letters from a to z, digits and _.",
  doc: "What it is, for people.",
  "doc-ref": "Where it is documented.",
  type: "What is read: a number (u2, s4le, f4, b3), a text (str, strz), or a type of this file.",
  size: "How many bytes it has.",
  "size-eos": "True: it has all bytes that are left.",
  if: "It is there only where this is true.",
  repeat:
    "How often it is there: to the end (eos), a number of times (expr), or until something is true (until).",
  "repeat-expr": "How many times.",
  "repeat-until": "True for the last one, which is _.",
  contents: "The bytes that have to be there.",
  valid: "What the value has to be.",
  process: "How its bytes are unpacked: xor, rol, ror or zlib.",
  enum: "Where its numbers have their names.",
  encoding: "How its bytes are characters: ASCII, UTF-8, UTF-16LE and so on.",
  terminator: "The byte that ends it.",
  consume: "False: what ends it is read again as what comes next.",
  include: "True: what ends it is a part of it.",
  "eos-error": "False: what ends it may be missing.",
  "pad-right": "The byte that fills the rest of its size.",
  parent: "What _parent is within it.",
  io: "The stream that it is read from.",
  pos: "Its first byte, from 0.",
  value: "An expression; it has no bytes.",
  "switch-on": "What is looked for among the cases.",
  cases: "What is read for each value; _ for all others.",
  eq: "The value.",
  min: "The lowest value.",
  max: "The highest value.",
  "any-of": "A list of values, of which it has to be one.",
  expr: "True where the value, which is _, is allowed.",
  "in-enum": "True: the enum has to name it.",
} as const;

export type DocumentedKey = keyof typeof KEY_DOCS;

import type { Place } from "./definition.ts";

/**
 * What can be wrong with a definition, in English; `{0}` and so on stand for the arguments. Whoever shows one translates
 * the sentence by its code.
 */
export const DEFINITION_PROBLEMS = {
  // YAML and what it holds.
  badYaml: "This is not valid YAML: {0}.",
  nestedTooDeep: "The file is nested too deep.",
  duplicateKey: "The key {0} is there twice.",
  tooManyNodes: "The file has more than {0} values.",
  fileTooLong: "The file has more than {0} characters.",
  expectedKind: "Expected {0}, found {1}.",
  unknownKey: "{0} is no key that can stand here; those that can: {1}.",
  missingKey: "The key {0} is missing.",
  badId: "{0} is no name: names begin with a letter from a to z, then letters, digits and _.",
  badValue: "Expected {0}, found {1}.",
  duplicateId: "The name {0} is taken already, at {1}.",
  needsKey: "{0} needs the key {1}.",
  withoutKey: "{0} means nothing without {1}.",
  badVersion: "{0} is no version: expected X.Y or X.Y.Z.",
  newVersion: "The definition asks for version {0} of the language; known here is {1}.",
  oldVersion:
    "Version {0} of the language never was: the first is {1}. Versions such as 0.10 need quotes.",
  // Imports.
  importNotFound: "There is no file {0} that could be imported.",
  importsTooMany: "More than {0} files are imported.",
  // Names.
  unknownType: "There is no type {0} here.",
  unknownEnum: "There is no enum {0} here.",
  unknownMember: "The enum {1} has no {0}.",
  unknownField: "{1} has no field {0}.",
  unknownMethod: "{1} has no {0}.",
  noItem: "{0} means something only in {1}.",
  // Types of values.
  wrongType: "Expected {0}, got {1}.",
  cannotCompare: "{0} and {1} cannot be compared.",
  cannotOrder: "{0} has no order: {1} cannot be used on it.",
  cannotOperate: "{0} cannot be used on {1}.",
  wrongArguments: "{0} takes {1}, not {2}.",
  wrongArgument: "The parameter {0} takes {1}, not {2}.",
  wrongCount: "{0} takes {1} arguments, not {2}.",
  mixedArray: "{0} and {1} cannot be elements of one list.",
  mixedChoice: "{0} and {1} cannot be the two results of a choice.",
  enumOfNoInteger: "Only integers have an enum; this is {0}.",
  noFixedSize: "{0} has no fixed size.",
  circularValue: "The value of {0} depends on itself.",
  noEndian: "{0} needs an order of bytes: add endian to meta, or write {0}le or {0}be.",
  noEncoding: "A text needs an encoding: add encoding here or to meta.",
  unknownEncoding: "The encoding {0} is not known.",
  encodingName: "Write {1} instead of {0}.",
  noLength: "Nothing says where {0} ends: add size, size-eos or terminator.",
  literalOnly: "Expected a text in quotes.",
  // Expressions.
  emptyExpression: "The expression is empty.",
  unexpected: "{0} cannot stand here.",
  endsEarly: "The expression ends here, but is not complete.",
  unclosed: "{0} is not closed.",
  useWord: "{0} is no operator: write {1}.",
  chainedComparison: 'Comparisons cannot be chained: use parentheses and "and".',
  badNumber: "{0} is no number.",
  badEscape: "{0} is no escape.",
  expressionTooLong: "The expression has more than {0} parts.",
  expressionTooDeep: "The expression is nested deeper than {0}.",
  // What is outside of what is interpreted here.
  needsCode: "{0} needs code of a program, which is not run here.",
  noInflate: "zlib cannot be unpacked here.",
  tooDeepTypes: "Types are nested deeper than {0}.",
  // Style.
  betterName: "{1} would be a better name than {0}, which is nothing but the {2} of {3}.",
} as const;

export type DefinitionProblemCode = keyof typeof DEFINITION_PROBLEMS;

/** Where something stands in a file. */
export interface Position {
  /** From 1, as editors count. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** In UTF-16 units; may go over the end of the line; 0 at the end of a file. */
  readonly length: number;
}

/** What is wrong with a definition, and where. */
export interface DefinitionProblem extends Position {
  /** The file's name as it was handed in or imported. */
  readonly file: string;
  /** Where in the definition: "/seq/0/size". */
  readonly path: string;
  /** Only an error keeps a definition from being used. */
  readonly severity: "error" | "warning";
  readonly code: DefinitionProblemCode;
  /** For the placeholders of `DEFINITION_PROBLEMS[code]`: parts of the definition as they are, not made printable. */
  readonly arguments: readonly string[];
  /** One sentence, in English. */
  readonly problem: string;
}

/** Where a problem that was found goes. */
export type Report = (
  severity: DefinitionProblem["severity"],
  code: DefinitionProblemCode,
  place: Place,
  words: readonly (string | number)[],
) => void;

/** A problem without its place, which whoever catches it knows. */
export class Refusal extends Error {
  readonly code: DefinitionProblemCode;
  readonly words: readonly string[];
  /** UTF-16 units of the expression that it is about; undefined: all of it. */
  readonly from: number | undefined;
  readonly to: number | undefined;

  constructor(
    code: DefinitionProblemCode,
    words: readonly (string | number)[] = [],
    at?: { readonly from: number; readonly to: number },
  ) {
    super(code);
    this.code = code;
    this.words = words.map((word) => shortened(String(word)));
    this.from = at?.from;
    this.to = at?.to;
  }
}

/** A piece of a definition, short enough to be a part of a sentence. */
export function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

export function sentence(code: DefinitionProblemCode, words: readonly string[]): string {
  return DEFINITION_PROBLEMS[code].replace(/\{(\d)\}/g, (_, index) => words[Number(index)] ?? "");
}

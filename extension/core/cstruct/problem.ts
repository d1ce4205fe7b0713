/**
 * What can be wrong with C structs that were pasted, in English; `{0}` and so on stand for the arguments. Whoever shows
 * one translates the sentence by its code.
 */
export const C_PROBLEMS = {
  // The text.
  textTooLong: "There are more than {0} characters.",
  tooManyTokens: "There are more than {0} words and signs, with what macros stand for.",
  nestedTooDeep: "This is nested deeper than {0}.",
  notC: "{0} is nothing that C knows.",
  unclosed: "{0} is not closed.",
  expected: "Expected {0}, found {1}.",
  endOfText: "Expected {0}, but the text ends here.",
  // Directives.
  badDirective: "{0} is no directive that is understood here.",
  badPack: "A packing is 1, 2, 4, 8 or 16, not {0}.",
  errorDirective: "The text says that it is an error to be here: {0}.",
  // Constants.
  badNumber: "{0} is no whole number.",
  notConstant: "{0} is not known here: add its #define, or its enum.",
  divisionByZero: "This divides by zero.",
  numberTooLarge: "{0} does not fit into 64 bits.",
  macroWithParameters:
    "The macro {0} has parameters, which is not supported: write what it stands for.",
  // Types.
  unknownType: "{0} is no type that is known here: paste its typedef as well.",
  badType: "{0} is no type of C.",
  unknownTag: "{0} is only announced here: paste its definition as well.",
  unsupported: "{0} is not supported in a struct that is sent.",
  duplicate: "{0} is there twice.",
  badCount: "An array cannot have {0} elements.",
  flexibleNotLast: "Only the last member can be an array without a count; {0} is not.",
  badWidth: "{0} bits are no width that {1} can have.",
  badBitField: "Only integers can be bit-fields; {0} is none.",
  badBitFieldType: "A bit-field with {0} is not supported.",
  badAlignment: "An alignment is a power of two up to {0}, not {1}.",
  tooLarge: "{0} has more than {1} bytes, and no datagram carries so many.",
  tooManyMembers: "There are more than {0} members.",
  // The choice.
  noStruct: "There is no struct with members in the text.",
  noSuchStruct: "There is no struct {0} in the text; those that there are: {1}.",
} as const;

export type CProblemCode = keyof typeof C_PROBLEMS;

/** What may be other than it was meant, and does not keep a definition from being made. */
export const DOUBTFUL_C_PROBLEMS = {
  pointer: "{0} is a pointer: its value means nothing to whoever receives it.",
  undefinedMacro: "{0} is not defined in the text: taken as not defined.",
  functionSkipped: "{0} is a function, and left out.",
  assertionFails: "The static assertion of line {0} does not hold for this target.",
  packedIgnored:
    "Behind the name of the typedef {0} packed means nothing, as in gcc: write it behind the closing brace.",
  include: "{0} is not read: what it defines is not known here.",
} as const;

export type CRemarkCode = keyof typeof DOUBTFUL_C_PROBLEMS;

export interface CRemark {
  readonly code: CRemarkCode;
  /** For the placeholders of `DOUBTFUL_C_PROBLEMS[code]`: parts of the text as they are. */
  readonly arguments: readonly string[];
}

/** Why C text is refused, and where. */
export class CRefusal extends Error {
  readonly code: CProblemCode;
  /** For the placeholders of `C_PROBLEMS[code]`: parts of the text as they are. */
  readonly words: readonly string[];
  /** UTF-16 units of the text. */
  readonly at: number;

  constructor(code: CProblemCode, at: number, ...words: readonly (string | number | bigint)[]) {
    super(code);
    this.code = code;
    this.at = at;
    this.words = words.map((word) => shortened(String(word)));
  }
}

/** From 1, as editors count; columns are UTF-16 units. */
export function lineAndColumn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return { line, column: at - before.lastIndexOf("\n") };
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

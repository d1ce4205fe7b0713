/** What can be wrong with a filter, in English; `{0}` and so on stand for {@link FilterProblem.arguments}. */
export const FILTER_PROBLEMS = {
  tooLong: "The filter is longer than {0} characters.",
  tooDeep: "Parentheses are nested deeper than {0}.",
  tooManyTerms: "The filter has more than {0} conditions.",
  tooManyTexts: "The filter looks for more than {0} different texts.",
  openQuote: "The quote is not closed.",
  openParenthesis: "The parenthesis is not closed.",
  openSet: "The set is not closed: write {0}.",
  emptySet: "The set is empty: write {0}.",
  closingParenthesis: "There is no opening parenthesis for this one.",
  notText: "These bytes are no text in UTF-8; only payloads can be searched for them.",
  emptyText: "There is no text between the quotes.",
  badEscape: '{0} is no escape: use \\n, \\r, \\t, \\\\, \\", \\xNN or \\u{N}.',
  missingOperand: "A condition is missing beside {0}; put it in quotes to look for it as text.",
  missingValue: "{0} needs a value right behind it, for instance {1}.",
  unexpected: "{0} cannot stand here; put text that contains it in quotes.",
  unknownQualifier: "{0} is unknown; write {1}, or put it in quotes to look for it as text.",
  unknownField: "{0} is no field that can be filtered by; put it in quotes to look for it as text.",
  unknownDecodedField: "{0} is no field of {1}, which has {2}.",
  notNumber: "{0} is no number, and {1} compares only numbers.",
  badOperator: "{0} cannot be compared with {1}; use {2}.",
  badNumber: "{0} is no whole number from {1} to {2}.",
  badRange: "The range {0} ends before it starts.",
  badTime: "{0} is no time; write seconds such as 1.5, or 20ms, 3m, 1h.",
  badAddress: "{0} is no address; write for instance {1}.",
  badPrefix: "{0} is no prefix length from 0 to {1}.",
  badChoice: "{0} is none of {1}.",
  badBytes: "{0} is no sequence of bytes; write pairs of hexadecimal digits, for instance {1}.",
  badSlice: "{0} is no part of a payload; write [first:count], for instance [0:2].",
  headerSlice:
    "In Wireshark {0} begins with the header, which cannot be filtered by; write udp.payload{1} for the payload.",
  protocol:
    "{0} is a protocol that cannot be filtered by; filter by its port, or put it in quotes to look for it as text.",
  bareWord: "{0} is nothing that can be filtered by; put it in quotes to look for it as text.",
  regexpSyntax:
    "The regular expression is not complete: {0} is not closed or has nothing before it.",
  regexpUnsupported: "{0} is not supported in regular expressions, which search in linear time.",
  regexpTooLarge: "The regular expression is too large; use smaller repetitions.",
} as const;

export type FilterProblemCode = keyof typeof FILTER_PROBLEMS;

/** Why a text is no filter. */
export interface FilterProblem {
  /** What to underline: characters from `start` up to, but not including, `end`. Never empty. */
  readonly start: number;
  readonly end: number;
  readonly code: FilterProblemCode;
  /** For the placeholders of the sentence. They hold what the user typed: not printable yet. */
  readonly arguments: readonly string[];
  /** The sentence in English. */
  readonly reason: string;
}

/** A stretch of the filter's text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Carries a problem from where it is found to compileFilter(), which returns it; nobody else sees it. */
export class WrongFilter extends Error {
  readonly problem: FilterProblem;

  constructor({ start, end }: Span, code: FilterProblemCode, ...words: string[]) {
    const reason = FILTER_PROBLEMS[code].replace(
      /\{(\d)\}/g,
      (_all, index: string) => words[Number(index)] ?? "",
    );
    super(reason);
    this.problem = { start, end, code, arguments: words, reason };
  }
}

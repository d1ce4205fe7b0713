/** Why bytes do not fit a definition, in English; `{0}` and so on stand for the arguments. Bytes count from 0. */
export const FIT_PROBLEMS = {
  bytesLeft: "{0} bytes left, {1} needs {2}.",
  bitsLeft: "{0} bits left, {1} needs {2}.",
  noTerminator: "{0} ends without the byte {1} that ends it.",
  notEqual: "{0} is {1}; it has to be {2}.",
  tooSmall: "{0} is {1}; it has to be {2} or more.",
  tooLarge: "{0} is {1}; it has to be {2} or less.",
  notAnyOf: "{0} is {1}, which is none of the values that it may have.",
  notInEnum: "{0} is {1}, which its enum does not name.",
  notValid: "{0} is {1}, which its definition does not allow.",
  undecidedEndian: "The order of the bytes of {0} is not decided.",
  negativeSize: "The size of {0} is {1}.",
  badPosition: "{0} is at byte {1} of {2}.",
  badCount: "{0} is repeated {1} times.",
  noProgress: "{0} is repeated to the end, but takes no bytes.",
  missing: "{0} is used, but is not there.",
  circular: "The value of {0} depends on itself.",
  noIndex: "There is no element {0}: there are {1}.",
  emptyList: "An empty list has no {0}.",
  divideByZero: "An integer is divided by 0.",
  integerTooBig: "An integer gets longer than {0} bits.",
  badShift: "A shift by {0} bits is none.",
  noInteger: "{0} is no integer.",
  wrongCast: "{0} is taken for {1}, which it is not.",
  unknownEncoding: "The encoding {0} is not known.",
  badKey: "The key of {0} is empty.",
  badPacked: "{0} cannot be unpacked.",
  textTooLong: "A text gets longer than {0} characters.",
  tooDeep: "{0} is nested too deep.",
  tooManySteps: "The definition needs more than {0} steps for these bytes.",
} as const;

export type FitProblemCode = keyof typeof FIT_PROBLEMS;

/** Carries why bytes do not fit from where it is found to where the decoding began; nobody else sees it. */
export class Misfit extends Error {
  readonly code: FitProblemCode;
  readonly words: readonly string[];
  /** The innermost field that it was found in: a structure, and the number of the field's slot. */
  place: { readonly struct: object; readonly slot: number } | undefined;
  /** The structure that was being read; those around it take it as it is. */
  unfinished: object | undefined;

  constructor(code: FitProblemCode, ...words: readonly (string | number | bigint)[]) {
    const texts = words.map(String);
    super(FIT_PROBLEMS[code].replace(/\{(\d)\}/g, (_, index) => texts[Number(index)] ?? ""));
    this.code = code;
    this.words = texts;
  }
}

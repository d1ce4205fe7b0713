/** What can be wrong with a message, in English; `{0}` and so on stand for the arguments. Bytes count from 0. */
export const DECODE_PROBLEMS = {
  empty: "The payload is empty.",
  endsWithin: "The payload ends within {0}, which starts at byte {1}.",
  captureEnds: "The capture ends within {0}, which starts at byte {1}.",
  endsBefore: "{0} at byte {1} says that it ends at byte {2}, behind what contains it.",
  wrongValue: "{0} at byte {1} is {2}; it has to be {3}.",
  noMeaning: "Byte {0} is {1}, which has no meaning there.",
  badPointer: "The name at byte {0} points to byte {1}, which is not before it.",
  nameTooLong: "The name at byte {0} is longer than {1} bytes.",
  tooDeep: "Values are nested deeper than {0} at byte {1}.",
} as const;

export type DecodeProblemCode = keyof typeof DECODE_PROBLEMS;

/** Carries a problem from where it is found to decode(), which returns it; nobody else sees it. */
export class Undecodable extends Error {
  readonly code: DecodeProblemCode;
  readonly words: readonly string[];

  /** @param words For the placeholders; printable. */
  constructor(code: DecodeProblemCode, ...words: (string | number)[]) {
    const texts = words.map(String);
    super(DECODE_PROBLEMS[code].replace(/\{(\d)\}/g, (_, index) => texts[Number(index)] ?? ""));
    this.code = code;
    this.words = texts;
  }
}

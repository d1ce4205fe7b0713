import type { CAPTURE_PROBLEMS } from "./problem_sentences.ts";

export type CaptureProblemCode = keyof typeof CAPTURE_PROBLEMS;

/** As many words as a sentence has places. */
type WordsFor<Sentence extends string> = Sentence extends `${string}{2}${string}`
  ? readonly [Word, Word, Word]
  : Sentence extends `${string}{1}${string}`
    ? readonly [Word, Word]
    : Sentence extends `${string}{0}${string}`
      ? readonly [Word]
      : readonly [];
type Word = string | number;

/**
 * What is wrong with a capture file. Never a sentence: whoever shows it says it in the language of the editor. Its words
 * are numbers and names of formats and errors, printable in every language.
 */
export type CaptureProblem = {
  readonly [Code in CaptureProblemCode]: {
    readonly code: Code;
    readonly arguments: WordsFor<(typeof CAPTURE_PROBLEMS)[Code]>;
  };
}[CaptureProblemCode];

/** A problem with the words for the placeholders of its sentence. */
export function captureProblem<Code extends CaptureProblemCode>(
  code: Code,
  ...words: WordsFor<(typeof CAPTURE_PROBLEMS)[Code]>
): CaptureProblem {
  return { code, arguments: words } as CaptureProblem;
}

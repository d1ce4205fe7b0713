import type { SILENCE_DOCS } from "./sentences.ts";

/** What was found; in English in {@link SILENCE_DOCS}. */
export type Reason = keyof typeof SILENCE_DOCS;

/**
 * `cause`: this keeps datagrams away, for certain. `possible`: it does where things are as they often are, and nobody can
 * see whether they are. `unknown`: nothing that can be read here tells. `ruledOut`: it is not this.
 */
export type Found = "cause" | "possible" | "unknown" | "ruledOut";

export const FOUND: readonly Found[] = ["cause", "possible", "unknown", "ruledOut"];

/** What one check came to. Never a sentence: whoever shows it says it in the language of the editor. */
export interface Finding {
  readonly found: Found;
  readonly reason: Reason;
  /** For the places of the sentence: numbers, addresses, names of programs and devices. Hostile text. */
  readonly arguments: readonly string[];
}

type Maker = (reason: Reason, ...words: readonly (string | number)[]) => Finding;

const maker =
  (found: Found): Maker =>
  (reason, ...words) => ({ found, reason, arguments: words.map(String) });

export const cause = maker("cause");
export const possible = maker("possible");
export const unknown = maker("unknown");
export const ruledOut = maker("ruledOut");

import type { CaptureProblem } from "../../../extension/core/files/problem.ts";
import { CAPTURE_PROBLEMS } from "../../../extension/core/files/problem_sentences.ts";

/** What an editor that speaks English would say of it; "" where there is none. */
export function sentence(problem: CaptureProblem | undefined): string {
  if (!problem) return "";
  const words: readonly (string | number)[] = problem.arguments;
  return CAPTURE_PROBLEMS[problem.code].replace(/\{(\d)\}/g, (_, at) => String(words[Number(at)]));
}

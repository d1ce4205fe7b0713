import { CAPTURE_PROBLEMS, type CaptureProblem } from "../../../extension/core/files/problem.ts";

/** What an editor that speaks English would say of it; "" where there is none. */
export function sentence(problem: CaptureProblem | undefined): string {
  if (!problem) return "";
  const words: readonly (string | number)[] = problem.arguments;
  return CAPTURE_PROBLEMS[problem.code].replace(/\{(\d)\}/g, (_, at) => String(words[Number(at)]));
}

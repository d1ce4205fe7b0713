import * as vscode from "vscode";
import type { CaptureProblem } from "../../core/files/problem.ts";
import { CAPTURE_PROBLEMS } from "../../core/files/problem_sentences.ts";

/** What keeps us from reading all of a capture file, in the editor's language. */
export function captureProblemText({ code, arguments: words }: CaptureProblem): string {
  return vscode.l10n.t(CAPTURE_PROBLEMS[code], ...words);
}

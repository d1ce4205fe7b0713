import * as vscode from "vscode";
import { CAPTURE_PROBLEMS, type CaptureProblem } from "../../core/files/problem.ts";

/** What keeps us from reading all of a capture file, in the editor's language. */
export function captureProblemText({ code, arguments: words }: CaptureProblem): string {
  return vscode.l10n.t(CAPTURE_PROBLEMS[code], ...words);
}

import * as vscode from "vscode";
import type { DecodeProblem } from "../../core/decode/decoded.ts";
import { DECODE_PROBLEMS } from "../../core/decode/problem.ts";

/** Why a payload could not be decoded, in the editor's language. */
export function decodeProblemText(problem: DecodeProblem): string {
  return vscode.l10n.t(DECODE_PROBLEMS[problem.code], ...problem.arguments);
}

import * as vscode from "vscode";
import type { DecodeProblem } from "../../core/decode/decoded.ts";
import { DECODE_PROBLEMS } from "../../core/decode/problem.ts";
import type { PayloadMisfit } from "../../core/kaitai/decode.ts";
import { FIT_PROBLEMS } from "../../core/kaitai/failure.ts";
import {
  DEFINITION_PROBLEMS,
  type DefinitionProblem,
  type Refusal,
} from "../../core/kaitai/problem.ts";
import { printable } from "../../core/text/printable.ts";

/** Why a payload could not be decoded, in the editor's language. */
export function decodeProblemText(problem: Pick<DecodeProblem, "code" | "arguments">): string {
  return vscode.l10n.t(DECODE_PROBLEMS[problem.code], ...problem.arguments);
}

/**
 * Why a payload does not fit a definition, in the editor's language.
 *
 * @param isCut these are only the first bytes of the payload: where it ends too early, that is the capture's end
 */
export function misfitText(misfit: PayloadMisfit, isCut: boolean): string {
  const { code, arguments: words, from } = misfit;
  const ended =
    code === "bytesLeft" || code === "bitsLeft"
      ? words[1]
      : code === "noTerminator"
        ? words[0]
        : undefined;
  if (isCut && ended !== undefined && from !== undefined) {
    return decodeProblemText({ code: "captureEnds", arguments: [ended, String(from)] });
  }
  return vscode.l10n.t("Does not fit: {0}", misfitSentence(misfit));
}

/** The same sentence alone, of a whole payload. */
export function misfitSentence({ code, arguments: words }: PayloadMisfit): string {
  return vscode.l10n.t(FIT_PROBLEMS[code], ...words);
}

/** What is wrong with a definition, in the editor's language: with its place, as editors write it. */
export function definitionProblemText(problem: DefinitionProblem): string {
  const { file, line, column } = problem;
  return `${printable(file)}:${line}:${column}: ${definitionSentence(problem)}`;
}

/** The same without its place, for where that is shown otherwise. */
export function definitionSentence({
  code,
  arguments: words,
}: Pick<DefinitionProblem, "code" | "arguments">): string {
  return vscode.l10n.t(DEFINITION_PROBLEMS[code], ...words.map((word) => printable(word)));
}

/** Why an expression is none, in the editor's language. */
export function refusalText({ code, words }: Refusal): string {
  return definitionSentence({ code, arguments: words });
}

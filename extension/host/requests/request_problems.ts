import * as vscode from "vscode";
import { type Problem, REQUEST_PROBLEMS } from "../../../scripts/udp_run.ts";
import { printable } from "../../core/text/printable.ts";

/** What is wrong with a request file, in the editor's language. */
export function problemText({ code, given }: Problem): string {
  return vscode.l10n.t(REQUEST_PROBLEMS[code], ...given.map((text) => printable(text)));
}

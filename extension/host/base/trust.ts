import * as vscode from "vscode";
import { HumanError } from "./human_error.ts";

/** A terminal runs code: in a window that the user does not trust yet, nothing starts. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new HumanError(
    vscode.l10n.t("Cannot start a program in Restricted Mode: trust this workspace first."),
  );
}

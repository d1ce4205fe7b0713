import * as vscode from "vscode";
import { HumanError } from "./human_error.ts";

/** The error for an option of a caller's, a key binding's or a task's that cannot be right. */
export function optionError(name: string, expected: string): HumanError {
  return new HumanError(
    vscode.l10n.t("Cannot use the option {0}: it must be {1}.", name, expected),
  );
}

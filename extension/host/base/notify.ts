import * as vscode from "vscode";
import { withoutIcons, withoutLinks } from "../../core/text/printable.ts";

// Notifications, the only places that make them. VS Code makes links of `[text](command:id)` in a message, and runs the
// command when it is clicked. No sentence of ours has one: what looks like a link is the name of a file or a program.

/** What stands on a button. */
export type Button = string & { readonly [IS_BUTTON]: true };
declare const IS_BUTTON: unique symbol;

/** The only maker of buttons: from its calls a test reads which there are, and looks who presses each. */
export function button(text: string): Button {
  return text as Button;
}

export function showError(message: string, ...choices: Button[]): Thenable<string | undefined> {
  return vscode.window.showErrorMessage(withoutLinks(message), ...choices);
}

export function showWarning(message: string, ...choices: Button[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(withoutLinks(message), ...choices);
}

export function showInformation(message: string): void {
  void vscode.window.showInformationMessage(withoutLinks(message));
}

/** Asks in a dialog that has to be answered. */
export function askFirst(
  message: string,
  detail: string,
  choice: Button,
): Thenable<string | undefined> {
  const options = { modal: true, detail };
  return vscode.window.showWarningMessage(withoutLinks(message), options, choice);
}

/** Says something in the status bar for so many milliseconds. */
export function tellInStatusBar(text: string, durationMs: number): void {
  vscode.window.setStatusBarMessage(withoutIcons(text), durationMs);
}

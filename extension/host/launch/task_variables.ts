import * as vscode from "vscode";
import type { ClientOptions } from "../../api.ts";
import { printable } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import { optionError } from "../base/option_error.ts";

/**
 * What VS Code puts something else for in the command line of a task, or runs: `${env:HOME}`, `${command:...}`. It
 * knows no escape, and reads a command line more than once.
 */
const VARIABLE = /\$\{.*\}/s;

/** The same client, its messages written so that they arrive as they are; what cannot be written so stays. */
export function withLiteralMessages(options: ClientOptions): ClientOptions {
  const { messages, format = "text" } = options;
  if (!messages?.some((text) => VARIABLE.test(text))) return options;
  if (format !== "text" && format !== "escape") return options;
  const escaped =
    format === "escape" ? messages : messages.map((text) => text.replaceAll("\\", "\\\\"));
  return {
    ...options,
    format: "escape",
    // Behind an odd number of backslashes it belongs to an escape, which the client complains of.
    messages: escaped.map((text) => text.replace(/(?<!\\)((?:\\\\)*)\$\{/g, "$1\\x24{")),
  };
}

/** Throws a {@link HumanError} where VS Code would change, or run, a part of what a program is given. */
export function refuseVariables(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (![value].flat().some((text) => typeof text === "string" && VARIABLE.test(text))) continue;
    throw optionError(name, vscode.l10n.t("a text without {0}: VS Code replaces that", `\${...}`));
  }
}

/** {@link refuseVariables} for the path of a file. */
export function refuseVariablesInPath(path: string): void {
  if (!VARIABLE.test(path)) return;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot run {0}: VS Code would replace {1} in its path; rename it.",
      printable(path, { limit: 200 }),
      `\${...}`,
    ),
  );
}

import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import { optionError } from "./option_error.ts";

/** A list of texts without NUL; throws a {@link HumanError} that names the option. */
export function checkTexts(name: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw optionError(name, vscode.l10n.t("a list of texts"));
  return value.map((item) => checkText(name, item));
}

/** A text without NUL; throws a {@link HumanError} that names the option. */
export function checkText(name: string, value: unknown): string {
  // A NUL ends an argument early for the system, so what starts would not be what was asked for.
  if (typeof value === "string" && !value.includes("\0")) return value;
  throw optionError(name, vscode.l10n.t("a text without NUL"));
}

/** A file as its Uri, which key bindings cannot say: as that in text, or as an absolute path, they can. */
export function checkFile(name: string, value: unknown): vscode.Uri {
  if (value instanceof vscode.Uri) return value;
  if (typeof value === "string" && !value.includes("\0")) {
    if (isAbsolute(value)) return vscode.Uri.file(value);
    if (/^file:/.test(value)) return vscode.Uri.parse(value);
  }
  throw optionError(name, vscode.l10n.t("a file"));
}

/** The id of a process. */
export function checkProcessId(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && Number(value) > 0) return Number(value);
  throw optionError(name, vscode.l10n.t("a process id"));
}

/** Whether something is so; left out, it is not said. */
export function checkFlag(name: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw optionError(name, vscode.l10n.t("true or false"));
}

/** What a caller gave, to be told that it is wrong: printable, and not too long. */
export function givenText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return printable(text ?? typeof value, { limit: 60 });
}

/** One of these texts. */
export function checkOneOf<T extends string>(name: string, value: unknown, texts: readonly T[]): T {
  const found = texts.find((text) => text === value);
  if (found !== undefined) return found;
  throw optionError(name, texts.join(", "));
}

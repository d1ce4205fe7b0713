import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import { optionError } from "../base/option_error.ts";
import type { Flags, FlagValues, OptionKind } from "./script_options.ts";

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

/** The options of `given` that the script knows, and nothing else; throws a HumanError for one that cannot be right. */
export function checkFlags<T extends Flags>(flags: T, given: object): FlagValues<T> {
  const checked = Object.entries(flags).flatMap(([name, kind]) => {
    const value: unknown = Reflect.get(given, name);
    return value === undefined ? [] : [[name, checkFlag(name, kind, value)]];
  });
  return Object.fromEntries(checked) as FlagValues<T>;
}

function checkFlag(name: string, kind: OptionKind, value: unknown): string | number | boolean {
  if (kind === "text") return checkText(name, value);
  if (kind === "flag") {
    if (typeof value === "boolean") return value;
    throw optionError(name, vscode.l10n.t("true or false"));
  }
  const most = kind === "percent" ? 100 : Number.MAX_SAFE_INTEGER;
  const isRight = kind === "percent" ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (isRight && Number(value) >= 0 && Number(value) <= most) return Number(value);
  throw optionError(
    name,
    kind === "percent"
      ? vscode.l10n.t("a number from 0 to 100")
      : vscode.l10n.t("a whole number from 0 on"),
  );
}

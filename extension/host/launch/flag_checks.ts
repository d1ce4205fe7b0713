import * as vscode from "vscode";
import { checkText } from "../base/checks.ts";
import { optionError } from "../base/option_error.ts";
import type { Flags, FlagValues, OptionKind } from "./script_options.ts";

/** The options of `given` that the script knows, and nothing else; throws a HumanError for one that cannot be right. */
export function checkFlags<T extends Flags>(flags: T, given: object): FlagValues<T> {
  const checked = Object.entries(flags).flatMap(([name, kind]) => {
    const value: unknown = Reflect.get(given, name);
    return value === undefined ? [] : [[name, checkFlag(name, kind, value)]];
  });
  return Object.fromEntries(checked) as FlagValues<T>;
}

function checkFlag(name: string, kind: OptionKind, value: unknown): string | number | boolean {
  const isText = kind === "percent" || kind === "either" ? typeof value === "string" : false;
  if (kind === "text" || isText) return checkText(name, value);
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

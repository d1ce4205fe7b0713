import * as vscode from "vscode";
import type { Finding, Found } from "../../core/silence/findings.ts";
import { CHECK_DOCS, type Check, REMEDY_DOCS, SILENCE_DOCS } from "../../core/silence/sentences.ts";
import { type CheckedSilence, remedyOf } from "../../core/silence/silence.ts";
import { printable } from "../../core/text/printable.ts";

/** What a check found, in the editor's language. */
export function findingText({ reason, arguments: words }: Finding): string {
  return vscode.l10n.t(
    SILENCE_DOCS[reason],
    ...words.map((word) => printable(word, { limit: 80 })),
  );
}

/** What the check asks. */
export function checkText(check: Check): string {
  return vscode.l10n.t(CHECK_DOCS[check]);
}

/** The one thing to do. */
export function nextText(checked: readonly CheckedSilence[]): string {
  const reason = remedyOf(checked);
  return reason === undefined
    ? vscode.l10n.t("Nothing that can be read here explains it: look at both programs.")
    : vscode.l10n.t(REMEDY_DOCS[reason]);
}

function headings(): Readonly<Record<Found, string>> {
  return {
    cause: vscode.l10n.t("This is why:"),
    possible: vscode.l10n.t("This may be why:"),
    unknown: vscode.l10n.t("Not known:"),
    ruledOut: vscode.l10n.t("It is not this:"),
  };
}

/** All of it as a page of text. */
export function silenceText(title: string, checked: readonly CheckedSilence[]): string {
  const parts = Object.entries(headings()).map(([found, heading]) => {
    const lines = checked
      .filter((one) => one.found === found)
      .map((one) => `  ${checkText(one.check)}: ${findingText(one)}`);
    return lines.length === 0 ? "" : `${heading}\n${lines.join("\n")}\n\n`;
  });
  return `${title}\n\n${parts.join("")}${vscode.l10n.t("What to do: {0}", nextText(checked))}\n`;
}

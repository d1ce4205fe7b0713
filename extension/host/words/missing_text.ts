import * as vscode from "vscode";
import type { Capture } from "../../core/capture/capture.ts";
import { printable } from "../../core/text/printable.ts";
import { numberText } from "../base/number_text.ts";

/** Sockets that are named at most, and of how many the most are looked for. */
const MOST_NAMED = 5;
const MOST_LOOKED_AT = 2000;

/** Whose records are missing, a line each, the most first; "" where none is. */
export function missingText({ sockets, notRecorded }: Capture): string {
  if (notRecorded === 0) return "";
  const found: { readonly text: string; readonly records: number }[] = [];
  let seen = 0;
  for (const place of sockets.withMissing()) {
    if (seen++ >= MOST_LOOKED_AT) break;
    const { program, name, notRecorded: records } = sockets.get(place);
    found.push({ text: printable(`${program.name} ${name}`.trim(), { limit: 120 }), records });
  }
  const named = found.sort((a, b) => b.records - a.records).slice(0, MOST_NAMED);
  const rest = named.reduce((left, { records }) => left - records, notRecorded);
  const lines = named.map(({ text, records }) =>
    vscode.l10n.t("{0}: {1} not recorded", text, numberText(records)),
  );
  if (rest > 0) lines.push(vscode.l10n.t("other sockets: {0} not recorded", numberText(rest)));
  return lines.join("\n");
}

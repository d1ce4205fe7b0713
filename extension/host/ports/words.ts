import * as vscode from "vscode";
import { numberText } from "../base/number_text.ts";

/** The local time of day of a moment in microseconds since 1970. */
export function clock(time: number): string {
  return new Date(time / 1000).toLocaleTimeString(vscode.env.language, { hour12: false });
}

/** How long ago a moment in microseconds since 1970 was: "now", "2 s ago", "5 min ago", "3 h ago". */
export function ago(time: number, nowMs = Date.now()): string {
  const seconds = Math.floor((nowMs - time / 1000) / 1000);
  if (seconds < 1) return vscode.l10n.t("now");
  if (seconds < 60) return vscode.l10n.t("{0} s ago", seconds);
  if (seconds < 3600) return vscode.l10n.t("{0} min ago", Math.floor(seconds / 60));
  return vscode.l10n.t("{0} h ago", Math.floor(seconds / 3600));
}

/** "↓3 ↑3", as the grid has its arrows: a side bar of 250 pixels has no room for words. */
export function countsInShort(received: number, sent: number): string {
  return `↓${numberText(received)} ↑${numberText(sent)}`;
}

/** "3 in, 3 out". */
export function countsText(received: number, sent: number): string {
  return vscode.l10n.t("{0} in, {1} out", numberText(received), numberText(sent));
}

/** Those that say something, with `separator` between them. */
export function joined(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== "").join(separator);
}

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

/** `9,999`, then `57k`, `1.2M`, `3.4G`: for what grows, where there is little room. What is lost is always told exactly. */
export function shortNumber(value: number): string {
  if (value < 10_000) return numberText(value);
  if (value < 999_500) return `${Math.round(value / 1e3)}k`;
  const [of, unit] = value < 999_500_000 ? ([1e6, "M"] as const) : ([1e9, "G"] as const);
  const shown = value / of;
  return `${shown < 9.95 ? shown.toFixed(1) : numberText(Math.round(shown))}${unit}`;
}

/** "57k in · 57k out", from the port's side. */
export function countsInShort(received: number, sent: number): string {
  return inLine([
    vscode.l10n.t("{0} in", shortNumber(received)),
    vscode.l10n.t("{0} out", shortNumber(sent)),
  ]);
}

/** What a line says beside its name, what matters most first: a narrow side bar cuts at the end. */
export function inLine(parts: readonly string[]): string {
  return joined(parts, " · ");
}

/** "2 refused", or "". */
export function refusedText(refused: number): string {
  return refused > 0 ? vscode.l10n.t("{0} refused", numberText(refused)) : "";
}

/** "3 in, 3 out". */
export function countsText(received: number, sent: number): string {
  return vscode.l10n.t("{0} in, {1} out", numberText(received), numberText(sent));
}

/** Those that say something, with `separator` between them. */
export function joined(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== "").join(separator);
}

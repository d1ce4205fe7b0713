import * as vscode from "vscode";
import type { Scope } from "../../api.ts";
import { HumanError } from "../base/human_error.ts";
import type { PickStep } from "../base/multi_step.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { DatagramsPage } from "./datagrams_page.ts";

export const SCOPES: readonly Scope[] = ["all", "filtered", "selected"];

/** Rows of a grid; `what` says what cannot be done where there are none: "Cannot export". */
export async function rowsOf(
  page: DatagramsPage | undefined,
  scope: Exclude<Scope, "all">,
  what: string,
): Promise<number[]> {
  if (scope === "filtered") return (await page?.filteredIds()) ?? [];
  const rows = page?.selection.ids(Number.POSITIVE_INFINITY) ?? [];
  if (rows.length > 0) return rows;
  throw new HumanError(vscode.l10n.t("{0}: no datagram is selected.", what));
}

/** All rows that a grid without a filter has: a delivered datagram is one, although both of its ends recorded it. */
export function allRows({ capture }: Pick<CaptureSource, "capture">): number[] {
  return Array.from({ length: capture.rows }, (_, row) => capture.rowAt(row));
}

/** Asks which; only the scopes that there are, the preferred one first: nothing is filtered without a filter. */
export function scopeStep(
  prompt: string,
  all: number,
  page: DatagramsPage | undefined,
  preferred: Scope,
): PickStep {
  const selected = page?.selection.ids(Number.POSITIVE_INFINITY).length ?? 0;
  const items = [
    { label: vscode.l10n.t("All datagrams"), description: numberText(all), value: "all" },
    ...(page?.isFiltered
      ? [
          {
            label: vscode.l10n.t("What passes the filter"),
            description: numberText(page.rows.length),
            value: "filtered",
          },
        ]
      : []),
    ...(selected > 0
      ? [
          {
            label: vscode.l10n.t("What is selected"),
            description: numberText(selected),
            value: "selected",
          },
        ]
      : []),
  ];
  items.sort((a, b) => Number(b.value === preferred) - Number(a.value === preferred));
  return { kind: "pick", prompt, items };
}

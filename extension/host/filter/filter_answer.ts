import * as vscode from "vscode";
import type { Filter } from "../../core/filter/compiler.ts";
import { FILTER_PROBLEMS, type FilterProblem } from "../../core/filter/problem.ts";
import { printable } from "../../core/text/printable.ts";
import type { ToWebview } from "../../webview/datagrams/protocol.ts";

/**
 * What the page is told of a filter.
 *
 * @param problem What is wrong with `text`; then `applied`, the one before it, still applies.
 */
export function filterAnswer(
  text: string,
  problem: FilterProblem | undefined,
  applied: Filter | undefined,
): Extract<ToWebview, { type: "filter" }> {
  return {
    type: "filter",
    text,
    ...(problem && {
      problem: {
        start: problem.start,
        end: problem.end,
        reason: vscode.l10n.t(
          FILTER_PROBLEMS[problem.code],
          ...problem.arguments.map((word) => printable(word, { limit: 100 })),
        ),
      },
    }),
    marks: (applied?.highlights ?? []).map(({ text: mark, ignoreCase }) => ({
      text: mark,
      ignoreCase,
    })),
  };
}

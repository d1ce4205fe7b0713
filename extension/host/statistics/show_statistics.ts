import * as vscode from "vscode";
import { FILTER_PROBLEMS } from "../../core/filter/problem.ts";
import { GROUPINGS, type GroupingKind } from "../../core/statistics/grouping.ts";
import { printable } from "../../core/text/printable.ts";
import { checkOneOf, checkText } from "../base/checks.ts";
import type { Command, GivenOptions } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { optionError } from "../base/option_error.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { DatagramsPage } from "../datagrams/datagrams_page.ts";
import type { Grids } from "../datagrams/grids.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import { Counting, type StatisticsQuestion } from "./counting.ts";
import type { StatisticsEditor } from "./statistics_editor.ts";

interface Context {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly statistics: () => Promise<StatisticsEditor>;
  readonly decoders: () => Promise<PayloadDecoders>;
}

/** What is to be counted, and the grid that shows it. */
interface Asked {
  readonly source: CaptureSource;
  readonly page: DatagramsPage | undefined;
  readonly question: StatisticsQuestion;
}

/** *Statistics*: a page beside the grid; for a program, the table alone. */
export function showStatistics(context: Context): Command<"udpWorkbench.showStatistics", Asked> {
  return {
    id: "udpWorkbench.showStatistics",
    options: { by: true, field: true, sequence: true, filter: true },
    parse: (given) => ({
      source: context.live,
      page: undefined,
      question: questionOf(given),
    }),
    async ask() {
      const { live, grids } = context;
      const page = grids.lastUsed;
      const filter = page?.filterText ?? "";
      const question = { by: "conversation", field: "", sequence: "", filter } as const;
      return { source: page?.source ?? live, page, question };
    },
    async run({ source, question }) {
      if (source === context.live) await context.live.scan();
      const counting = new Counting(source, await (await context.decoders()).load(), question);
      try {
        await counting.counted();
        if (counting.problem) {
          const { code, arguments: words } = counting.problem;
          const shown = words.map((word) => printable(word, { limit: 100 }));
          const reason = vscode.l10n.t(FILTER_PROBLEMS[code], ...shown);
          throw new HumanError(vscode.l10n.t("Cannot count what passes the filter: {0}", reason));
        }
        return counting.table();
      } finally {
        counting.dispose();
      }
    },
    async runForPerson({ source, page, question }) {
      await (await context.statistics()).open(source, page, question);
      return undefined;
    },
  };
}

function questionOf(given: GivenOptions<"udpWorkbench.showStatistics">): StatisticsQuestion {
  const text = (name: "field" | "sequence" | "filter") => {
    const { [name]: value = "" } = given;
    return checkText(name, value);
  };
  const field = text("field");
  const { by = field === "" ? "conversation" : "field" } = given;
  const grouping: GroupingKind = checkOneOf("by", by, GROUPINGS);
  if (grouping === "field" && field === "") {
    throw optionError("field", vscode.l10n.t("the name of a field"));
  }
  return { by: grouping, field, sequence: text("sequence"), filter: text("filter") };
}

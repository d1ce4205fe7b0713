import * as vscode from "vscode";
import type { Command } from "../base/command.ts";
import { askFirst, button } from "../base/notify.ts";
import { numberText } from "../base/number_text.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { allRows } from "./scope.ts";

/** Fewer are made again in no time, and a question about them would be one too many. */
const ASK_FROM = 100;

/** *Clear Datagrams*: it takes them from all windows, with the files of programs that have ended, and cannot be undone. */
export function clear(live: LiveCapture): Command<"udpWorkbench.clear", object> {
  const run = async () => {
    await live.clear();
    return undefined;
  };
  return {
    id: "udpWorkbench.clear",
    options: {},
    parse: () => ({}),
    ask: async () => ({}),
    run,
    async runForPerson() {
      const datagrams = allRows(live).length;
      return datagrams < ASK_FROM || (await isMeant(datagrams)) ? run() : undefined;
    },
  };
}

async function isMeant(datagrams: number): Promise<boolean> {
  const choice = button(vscode.l10n.t("Clear"));
  const answer = await askFirst(
    vscode.l10n.t("Clear {0} datagrams?", numberText(datagrams)),
    vscode.l10n.t(
      "They go from all windows of this workspace, and cannot be had back. Export Capture keeps them in a file.",
    ),
    choice,
  );
  return answer === choice;
}

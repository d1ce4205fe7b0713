import * as vscode from "vscode";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import type { ValuesEditors } from "./values_editors.ts";

const LONGEST_NAME = 300;

/** *Show Values*: what the datagrams of the grid say in numbers, in an editor. */
export function showValues(
  editors: () => Promise<ValuesEditors>,
): Command<"udpWorkbench.showValues", object> {
  const run = async () => {
    await (await editors()).show();
    return undefined;
  };
  return {
    id: "udpWorkbench.showValues",
    options: {},
    parse: () => ({}),
    ask: async () => ({}),
    run,
  };
}

/** *Plot*: a field over time, of whichever senders have it. */
export function plot(editors: () => Promise<ValuesEditors>): Command<"udpWorkbench.plot", string> {
  return {
    id: "udpWorkbench.plot",
    options: { field: true },
    parse({ field }) {
      if (typeof field === "string" && field !== "" && field.length <= LONGEST_NAME) return field;
      throw new HumanError(
        vscode.l10n.t("Cannot plot: option field must be the name of a field, as filters have it."),
      );
    },
    ask: async (place) =>
      place?.kind === "field"
        ? place.name
        : vscode.window.showInputBox({
            title: vscode.l10n.t("Plot"),
            prompt: vscode.l10n.t("A field, as filters call it"),
            placeHolder: "tracker.temp",
          }),
    async run(field) {
      (await (await editors()).show()).plot(field);
      return undefined;
    },
  };
}

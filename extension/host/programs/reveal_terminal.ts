import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { terminalOf } from "../launch/terminals.ts";
import {
  askForProgram,
  type ChosenProgram,
  type ProgramContext,
  programOf,
} from "./chosen_program.ts";

/** *Reveal Terminal* */
export function revealTerminal(
  context: ProgramContext,
): Command<"udpWorkbench.revealTerminal", ChosenProgram> {
  return {
    id: "udpWorkbench.revealTerminal",
    options: { address: true, port: true, pid: true },
    parse: (given) => programOf(context, given),
    ask: (place) =>
      askForProgram(context, place, vscode.l10n.t("Reveal the terminal of which program?")),
    async run({ program }) {
      const terminal = await terminalOf(program);
      if (terminal) return void terminal.show();
      throw new HumanError(
        vscode.l10n.t(
          "Cannot reveal the terminal of {0}: it runs in no terminal of this window.",
          printable(program.name),
        ),
      );
    },
  };
}

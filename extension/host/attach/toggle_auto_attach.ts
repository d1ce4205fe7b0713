import * as vscode from "vscode";
import { checkFlag } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { tellInStatusBar } from "../base/notify.ts";
import type { AutoAttach } from "./auto_attach.ts";

const TELL_MS = 5000;

/** *Toggle Auto Attach* */
export function toggleAutoAttach(attach: AutoAttach): Command<"udpWorkbench.toggleAutoAttach"> {
  const turn = async ({ on = !attach.isOn }: { readonly on?: boolean }) => {
    await attach.turn(on);
    return { on: attach.isOn };
  };
  return {
    id: "udpWorkbench.toggleAutoAttach",
    options: { on: true },
    parse: ({ on }) => {
      const checked = checkFlag("on", on);
      return checked === undefined ? {} : { on: checked };
    },
    ask: async () => ({}),
    run: turn,
    async runForPerson(options) {
      const result = await turn(options);
      tell(result.on);
      return result;
    },
  };
}

/** Where a person's eye may be, and gone by itself: nothing here asks for a click. */
function tell(on: boolean): void {
  const text = on
    ? vscode.l10n.t("UDP auto attach is on: it sees what is started in a new terminal")
    : vscode.l10n.t("UDP auto attach is off");
  tellInStatusBar(text, TELL_MS);
}

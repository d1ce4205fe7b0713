import * as vscode from "vscode";
import { registerGuarded } from "../base/guarded.ts";
import { Commands } from "../base/ids.ts";
import { tellInStatusBar } from "../base/notify.ts";
import { optionError } from "../base/option_error.ts";
import { requireTrust } from "../base/trust.ts";
import type { AutoAttach } from "./auto_attach.ts";
import { runAgain } from "./run_again.ts";
import type { ShellCommands } from "./shell_commands.ts";

const TELL_MS = 5000;

/** *Toggle Auto Attach*, and the offer on an untapped program: turn it on and run it again. */
export function registerAttachCommands(
  attach: AutoAttach,
  shells: ShellCommands,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const toggle = async (argument?: { on?: boolean }) => {
    const { on = !attach.isOn } = argument ?? {};
    if (typeof on !== "boolean") throw optionError("on", vscode.l10n.t("true or false"));
    await attach.turn(on);
    if (!argument) tell(attach.isOn);
    return { on: attach.isOn };
  };
  const attachAndRunAgain = async (argument?: { pid?: number }) => {
    requireTrust();
    const pid = argument?.pid;
    if (pid === undefined || !Number.isSafeInteger(pid) || pid <= 0) {
      throw optionError("pid", vscode.l10n.t("a process id"));
    }
    await attach.turn(true);
    const { commandLine } = await runAgain(pid, shells);
    return { commandLine };
  };
  return vscode.Disposable.from(
    registerGuarded(Commands.toggleAutoAttach, toggle, log),
    registerGuarded(Commands.attachAndRunAgain, attachAndRunAgain, log),
  );
}

/** Where a person's eye may be, and gone by itself: nothing here asks for a click. */
function tell(on: boolean): void {
  const text = on
    ? vscode.l10n.t("UDP auto attach is on: it sees what is started in a new terminal")
    : vscode.l10n.t("UDP auto attach is off");
  tellInStatusBar(text, TELL_MS);
}

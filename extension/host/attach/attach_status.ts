import * as vscode from "vscode";
import type { CommandId } from "../base/command.ts";
import type { AutoAttach } from "./auto_attach.ts";

/** The files whose programs auto attach is about. */
const LANGUAGES = ["typescript", "javascript", "typescriptreact", "javascriptreact"];

/** Says in the language status of JavaScript and TypeScript that auto attach is on; when it is off, nothing. */
export function showAttachStatus(attach: AutoAttach): vscode.Disposable {
  let item: vscode.LanguageStatusItem | undefined;
  const update = () => {
    item?.dispose();
    item = undefined;
    if (!attach.isOn) return;
    item = vscode.languages.createLanguageStatusItem(
      "udpWorkbench.autoAttach",
      LANGUAGES.map((language) => ({ language })),
    );
    item.name = vscode.l10n.t("UDP Auto Attach");
    item.text = vscode.l10n.t("UDP auto attach is on");
    item.detail = vscode.l10n.t("programs in new terminals are shown in the UDP view");
    item.command = {
      command: "udpWorkbench.toggleAutoAttach" satisfies CommandId,
      title: vscode.l10n.t("Turn Off"),
      arguments: [{ on: false }],
    };
  };
  update();
  return vscode.Disposable.from(attach.onDidChange(update), { dispose: () => item?.dispose() });
}

import * as vscode from "vscode";
import { checkFile } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import type { SavedCaptureEditor } from "./saved_capture_editor.ts";

/** *Open Capture...* */
export function openCapture(
  editor: SavedCaptureEditor,
): Command<"udpWorkbench.openCapture", vscode.Uri> {
  return {
    id: "udpWorkbench.openCapture",
    options: { uri: true },
    parse: ({ uri }) => checkFile("uri", uri),
    ask,
    run: (uri) => editor.open(uri),
  };
}

async function ask(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Open Capture"),
    filters: { [vscode.l10n.t("Captures")]: ["pcapng", "pcap", "cap", "gz"] },
  });
  return picked?.[0];
}

import * as vscode from "vscode";
import { Commands, DATAGRAMS_EDITOR } from "../base/ids.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { showDatagramsHtml } from "./datagrams_html.ts";
import { DatagramsPage, type PageContext } from "./datagrams_page.ts";
import { tieToEditor } from "./page_in_editor.ts";
import type { Pause } from "./pause.ts";

/** The wide grid of the live capture in an editor tab: one tab, shown again where it is open already. */
export function registerDatagramsEditor(
  source: CaptureSource,
  context: PageContext,
  pause: Pause,
): vscode.Disposable {
  let current: vscode.WebviewPanel | undefined;

  const icon = (theme: string) =>
    vscode.Uri.joinPath(context.root, `../../extension/media/udp_${theme}.svg`);

  const fill = (panel: vscode.WebviewPanel): void => {
    current = panel;
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    const page = new DatagramsPage(source, panel, context);
    tieToEditor(page, panel);
    const held = pause.include(page);
    panel.onDidDispose(() => {
      held.dispose();
      if (current === panel) current = undefined;
    });
    showDatagramsHtml(panel.webview, context.root);
  };

  const open = (): void => {
    if (current) {
      current.reveal();
      return;
    }
    const title = vscode.l10n.t("UDP Datagrams");
    fill(vscode.window.createWebviewPanel(DATAGRAMS_EDITOR, title, vscode.ViewColumn.Active));
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand(Commands.openInEditor, open),
    // After a reload of the window the tab is there again.
    vscode.window.registerWebviewPanelSerializer(DATAGRAMS_EDITOR, {
      deserializeWebviewPanel: async (panel) => fill(panel),
    }),
    { dispose: () => current?.dispose() },
  );
}

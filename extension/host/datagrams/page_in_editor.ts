import type * as vscode from "vscode";
import type { DatagramsPage } from "./datagrams_page.ts";

/** Ties a page to the editor that it is in: who makes that the active one uses the page. */
export function tieToEditor(page: DatagramsPage, panel: vscode.WebviewPanel): void {
  const changed = () => {
    if (panel.active) page.use();
    page.refresh();
  };
  changed();
  panel.onDidChangeViewState(changed);
  panel.onDidDispose(() => page.dispose());
}

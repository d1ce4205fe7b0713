import * as vscode from "vscode";
import { isWithin } from "./definition_paths.ts";

/**
 * Shows a line of a definition of the workspace: in the editor that has it, or beside what is in use.
 *
 * @param line from 1
 */
export async function showDefinition(file: string, line: number): Promise<void> {
  const { visibleTextEditors, tabGroups } = vscode.window;
  for (const { uri: folder } of vscode.workspace.workspaceFolders ?? []) {
    const uri = vscode.Uri.joinPath(folder, file);
    if (!isWithin(file) || !(await isThere(uri))) continue;
    const shown = visibleTextEditors.find(({ document }) => String(document.uri) === String(uri));
    // Over the grid it would hide the row that it is about.
    const isGrid = tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputWebview;
    const place =
      shown?.viewColumn ?? (isGrid ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active);
    const selection = new vscode.Range(Math.max(0, line - 1), 0, Math.max(0, line - 1), 0);
    await vscode.window.showTextDocument(uri, { viewColumn: place, selection });
    return;
  }
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

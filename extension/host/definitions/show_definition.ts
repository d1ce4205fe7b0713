import * as vscode from "vscode";
import { isWithin } from "./definition_paths.ts";

/**
 * Shows a line of a definition of the workspace: in the editor that has it, or beside what is in use.
 *
 * @param line from 1
 */
export async function showDefinition(file: string, line: number): Promise<void> {
  const { tabGroups } = vscode.window;
  for (const { uri: folder } of vscode.workspace.workspaceFolders ?? []) {
    const uri = vscode.Uri.joinPath(folder, file);
    if (!isWithin(file) || !(await isThere(uri))) continue;
    const has = ({ input }: vscode.Tab) =>
      input instanceof vscode.TabInputText && String(input.uri) === String(uri);
    const shown = tabGroups.all.find(({ tabs }) => tabs.some(has));
    // Over the grid it would hide the row that it is about.
    const isGrid = tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputWebview;
    const other = isGrid ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const selection = new vscode.Range(Math.max(0, line - 1), 0, Math.max(0, line - 1), 0);
    await vscode.window.showTextDocument(uri, {
      viewColumn: shown?.viewColumn ?? other,
      selection,
    });
    return;
  }
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

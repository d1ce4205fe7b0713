import * as vscode from "vscode";
import { leftToRight } from "../../core/text/printable.ts";
import { EXTENSION } from "../base/ids.ts";
import type { EntryProblem } from "./definition_setting.ts";

const SETTING = "definitions";

/** What is wrong with the setting of the workspace, in the file that holds it. */
export async function settingsDiagnostics(
  problems: readonly EntryProblem[],
): Promise<readonly (readonly [vscode.Uri, vscode.Diagnostic])[]> {
  const uri = problems.length > 0 ? settingsFile() : undefined;
  if (!uri) return [];
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(uri);
  } catch {
    return [];
  }
  const { entryPlaces } = await import("../../core/kaitai/settings_places.ts");
  const places = entryPlaces(document.getText(), `${EXTENSION}.${SETTING}`);
  return problems.map(({ entry, key, problem }) => {
    const at = places[entry];
    const place = (key === undefined ? undefined : at?.keys.get(key)) ?? at;
    const { from, to } = place ?? { from: 0, to: 0 };
    const range = new vscode.Range(document.positionAt(from), document.positionAt(to));
    const diagnostic = new vscode.Diagnostic(range, leftToRight(problem));
    diagnostic.source = "udp";
    return [uri, diagnostic] as const;
  });
}

/** Where the setting that applies is written, if the workspace has it. */
function settingsFile(): vscode.Uri | undefined {
  const { workspace } = vscode;
  const found = workspace.getConfiguration(EXTENSION).inspect(SETTING);
  if (found?.workspaceValue === undefined) return undefined;
  const [folder] = workspace.workspaceFolders ?? [];
  return (
    workspace.workspaceFile ?? (folder && vscode.Uri.joinPath(folder.uri, ".vscode/settings.json"))
  );
}

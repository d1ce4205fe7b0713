import * as vscode from "vscode";
import { Views } from "../base/ids.ts";

/** Opens the side bar on our views, where a person sees what they started; the keyboard stays where it was. */
export async function showPanel(): Promise<void> {
  await vscode.commands.executeCommand(`${Views.ports}.open`, { preserveFocus: true });
}

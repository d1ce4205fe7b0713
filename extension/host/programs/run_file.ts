import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import { checkFile, checkTexts } from "../base/checks.ts";
import { registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { Commands } from "../base/ids.ts";
import { requireTrust } from "../base/trust.ts";
import type { Launcher } from "../launch/launcher.ts";

/** What *Run File* takes; without a file, it runs the one in the active editor. */
export interface RunFileArgument {
  /** A Uri, its text, or an absolute path. */
  readonly uri?: vscode.Uri | string;
  /** Words behind the file on the command line. */
  readonly args?: readonly string[];
}

const RUNNABLE = /\.[cm]?[jt]s$/i;

/** *Run File*: runs TypeScript or JavaScript of the user's with the tap. */
export function registerRunFile(
  launcher: Launcher,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const run = async (argument: vscode.Uri | RunFileArgument = {}) => {
    requireTrust();
    // A menu gives the file itself.
    const { uri, args = [] } = argument instanceof vscode.Uri ? { uri: argument } : argument;
    const file = uri === undefined ? activeFile() : checkFile("uri", uri);
    const words = checkTexts("args", args);
    await checkRunnable(file);
    await saveChanges(file);
    return launcher.runFile(file, words);
  };
  return registerGuarded(Commands.runFile, run, log);
}

function activeFile(): vscode.Uri {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri) return uri;
  throw new HumanError(
    vscode.l10n.t("Cannot run a file: no editor is open; open a TypeScript or JavaScript file."),
  );
}

async function checkRunnable(uri: vscode.Uri): Promise<void> {
  const name = printable(vscode.workspace.asRelativePath(uri), { limit: 300 });
  if (uri.scheme === "untitled") {
    throw new HumanError(vscode.l10n.t("Cannot run {0}: it is not saved; save it first.", name));
  }
  if (uri.scheme !== "file" || !RUNNABLE.test(uri.path)) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot run {0}: it is no TypeScript or JavaScript file on this machine; choose one.",
        name,
      ),
    );
  }
  try {
    const { type } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) !== 0) return;
  } catch {
    // The same as a folder of that name: nothing to run.
  }
  throw new HumanError(
    vscode.l10n.t("Cannot run {0}: there is no such file; correct the path.", name),
  );
}

/** What is seen in the editor is what runs. */
async function saveChanges(uri: vscode.Uri): Promise<void> {
  const document = vscode.workspace.textDocuments.find(
    (candidate) => candidate.uri.toString() === uri.toString(),
  );
  // VS Code may have saved it by itself in between.
  if (!document?.isDirty || (await document.save()) || !document.isDirty) return;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot run {0}: its changes could not be saved; save it first.",
      printable(vscode.workspace.asRelativePath(uri)),
    ),
  );
}

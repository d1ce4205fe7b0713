import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import { checkFile, checkTexts } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { Launcher } from "../launch/launcher.ts";
import type { TaskPlaces } from "../launch/udp_task.ts";

const RUNNABLE = /\.(?:[cm]?[jt]s|py)$/i;

/** *Run File*: runs TypeScript, JavaScript or Python of the user's with the tap. */
export function runFile({
  live,
  places,
}: {
  readonly live: LiveCapture;
  readonly places: TaskPlaces;
}): Command<"udpWorkbench.runFile"> {
  const launcher = new Launcher(live, places);
  return {
    id: "udpWorkbench.runFile",
    options: { uri: true, args: true },
    needsTrust: true,
    parse: ({ uri, args = [] }) => ({
      ...(uri !== undefined && { uri: checkFile("uri", uri) }),
      args: checkTexts("args", args),
    }),
    ask: async (place) => (place?.kind === "file" ? { uri: place.uri } : {}),
    async run({ uri, args = [] }) {
      const file = uri === undefined ? activeFile() : checkFile("uri", uri);
      await checkRunnable(file);
      await saveChanges(file);
      return launcher.runFile(file, args);
    },
  };
}

function activeFile(): vscode.Uri {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri) return uri;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot run a file: no editor is open; open a TypeScript, JavaScript or Python file.",
    ),
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
        "Cannot run {0}: it is no TypeScript, JavaScript or Python file on this machine; choose one.",
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

import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { TASK_TYPE } from "../base/ids.ts";
import { fileRuntime, requestRuntime } from "./file_runtime.ts";
import { pythonRuntime } from "./python_runtime.ts";
import { ownRun, tappedTask } from "./tapped_task.ts";
import type { TaskPlaces } from "./udp_task.ts";

const PYTHON_FILE = /\.py$/i;
const REQUEST_FILE = /\.udp$/i;

/** Its terminal has this name, and VS Code shows icons in names of terminals. */
export function fileTaskName(file: string): string {
  return vscode.l10n.t("UDP Run {0}", withoutIcons(printable(basename(file))));
}

/**
 * The task that runs a file of the user's with the tap, in the workspace folder that it lies in, or its own folder
 * outside of any. Throws a HumanError where nothing can run it.
 */
export async function fileTask(
  uri: vscode.Uri,
  args: readonly string[],
  places: TaskPlaces,
): Promise<vscode.Task> {
  const root = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const file = uri.fsPath;
  const { runtime, program } = await runnerOf(uri, root, places);
  return tappedTask(
    {
      definition: ownRun({ type: TASK_TYPE, program: "file", file, args }),
      name: fileTaskName(file),
      runtime,
      words: [...program, file, ...args],
      cwd: root ?? dirname(file),
      isBackground: false,
    },
    places,
  );
}

/** What runs the file; `program`: what comes before it, where it is no program by itself. */
async function runnerOf(uri: vscode.Uri, root: string | undefined, places: TaskPlaces) {
  const file = uri.fsPath;
  if (REQUEST_FILE.test(file)) {
    return { runtime: await requestRuntime(places), program: [places.runner] };
  }
  const runtime = PYTHON_FILE.test(file)
    ? await pythonRuntime(uri, root, places)
    : await fileRuntime(file, root, places);
  return { runtime, program: [] };
}

import * as vscode from "vscode";
import type { RunningProgram } from "../../api.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { printable } from "../../core/text/printable.ts";
import { checkFile, checkTexts } from "../base/checks.ts";
import type { Command, CommandArgument } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { showError } from "../base/notify.ts";
import { bindFailureText } from "../launch/bind_failure.ts";
import { BindError, Launcher } from "../launch/launcher.ts";
import type { TaskPlaces } from "../launch/udp_task.ts";
import { askAboutTakenPort, ownerOf, type PortTakenContext, withOwner } from "./port_taken.ts";

const RUNNABLE = /\.(?:[cm]?[jt]s|py|udp)$/i;

interface Context extends PortTakenContext {
  readonly places: TaskPlaces;
}

/** *Run File*: runs TypeScript, JavaScript or Python of the user's with the tap. */
export function runFile(context: Context): Command<"udpWorkbench.runFile"> {
  const launcher = new Launcher(context.live, context.places);

  /** Where it ends because its port is taken, a person is told by whom, and what can be done about it, as of a server. */
  const runForPerson = async (
    file: vscode.Uri,
    args: readonly string[],
  ): Promise<RunningProgram> => {
    const { pid, failed } = await launcher.runFile(file, args);
    failed
      .then(async (socket) => {
        if (socket && (await isFreedOnRequest(socket))) await runForPerson(file, args);
      })
      .catch((error: unknown) => showError(error instanceof Error ? error.message : String(error)));
    return { pid };
  };
  const isFreedOnRequest = async (socket: CapturedSocket): Promise<boolean> => {
    const { local, failure } = socket;
    if (!local || failure !== "EADDRINUSE") return false;
    const error = new BindError(bindFailureText(socket), failure);
    const owner = await ownerOf(local, context);
    const told = owner ? withOwner(error, owner) : error;
    const wish = { ...local, isFixed: true };
    return (await askAboutTakenPort(told, wish, owner, context)) !== undefined;
  };
  const check = async ({ uri, args = [] }: CommandArgument<"udpWorkbench.runFile">) => {
    const file = uri === undefined ? activeFile() : checkFile("uri", uri);
    await checkRunnable(file);
    await saveChanges(file);
    return { file, args };
  };
  return {
    id: "udpWorkbench.runFile",
    options: { uri: true, args: true },
    needsTrust: true,
    parse: ({ uri, args = [] }) => ({
      ...(uri !== undefined && { uri: checkFile("uri", uri) }),
      args: checkTexts("args", args),
    }),
    ask: async (place) => (place?.kind === "file" ? { uri: place.uri } : {}),
    async run(given) {
      const { file, args } = await check(given);
      const { pid } = await launcher.runFile(file, args);
      return { pid };
    },
    async runForPerson(given) {
      const { file, args } = await check(given);
      return runForPerson(file, args);
    },
  };
}

function activeFile(): vscode.Uri {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri) return uri;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot run a file: no editor is open; open a TypeScript, JavaScript, Python or request file.",
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
        "Cannot run {0}: it is no TypeScript, JavaScript, Python or request file on this machine; choose one.",
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

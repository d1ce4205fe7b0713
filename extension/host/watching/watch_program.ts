import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import type { RunningProgram, WatchProgramOptions } from "../../api.ts";
import { checkText, checkTexts } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { Views } from "../base/ids.ts";
import { numberText } from "../base/number_text.ts";
import { optionError } from "../base/option_error.ts";
import type { Places } from "../launch/places.ts";
import { runTask } from "../launch/running_task.ts";
import { findStrace } from "./strace.ts";
import { costSentence, watchedTask } from "./watched_task.ts";

/** A longer word no program of Linux can be given (`MAX_ARG_STRLEN`, execve(2)). */
const MOST_COMMAND = 128 * 1024 - 1;

/** *Watch Program...* */
export function watchProgram({
  places,
}: {
  readonly places: Places;
}): Command<"udpWorkbench.watchProgram"> {
  const start = async (options: WatchProgramOptions): Promise<RunningProgram> => {
    const cwd = options.cwd ?? vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
    const strace = await findStrace();
    const task = watchedTask({ ...options, cwd }, strace, places.straceTap, places);
    const { pid } = await runTask(task);
    return { pid };
  };
  return {
    id: "udpWorkbench.watchProgram",
    options: { command: true, args: true, cwd: true },
    needsTrust: true,
    parse: ({ command, args, cwd }) => ({
      command: checkCommand(command),
      ...(args !== undefined && { args: checkTexts("args", args) }),
      ...(cwd !== undefined && { cwd: checkFolder(cwd) }),
    }),
    ask,
    run: start,
    async runForPerson(options) {
      await vscode.commands.executeCommand(`${Views.ports}.focus`, { preserveFocus: true });
      return start(options);
    },
  };
}

function checkCommand(given: unknown): string {
  const command = checkText("command", given);
  if (command.trim() !== "" && Buffer.byteLength(command) <= MOST_COMMAND) return command;
  throw optionError("command", vscode.l10n.t("a text of 1 to {0} bytes", numberText(MOST_COMMAND)));
}

function checkFolder(given: unknown): string {
  const cwd = checkText("cwd", given);
  if (isAbsolute(cwd)) return cwd;
  throw optionError("cwd", vscode.l10n.t("an absolute path"));
}

async function ask(): Promise<WatchProgramOptions | undefined> {
  // What is missing is said before anybody has typed a line.
  await findStrace();
  const command = await vscode.window.showInputBox({
    title: vscode.l10n.t("Watch Program"),
    prompt: vscode.l10n.t("A command line, in any language. {0}", costSentence()),
    placeHolder: "./server --port 9000",
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === "" ? vscode.l10n.t("Enter a command") : undefined),
  });
  return command === undefined ? undefined : { command };
}

import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import { HumanError } from "./human_error.ts";
import { showError } from "./notify.ts";

export type CommandHandler = (argument?: never) => Promise<unknown>;

/**
 * Registers a command whose errors reach whoever called it: a caller with an argument gets them thrown, a person gets
 * one notification. The handler gets an object, or nothing.
 */
export function registerGuarded(
  command: string,
  handler: CommandHandler,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  return vscode.commands.registerCommand(command, async (argument?: unknown) => {
    try {
      return await handler(checkArgument(command, argument) as never);
    } catch (thrown) {
      const error = thrown instanceof HumanError ? thrown : unforeseen(command, thrown, log);
      if (!isFromPerson(argument)) throw error;
      void showError(error.message);
      return undefined;
    }
  });
}

/** Key bindings and other programs may pass anything. What was nothing comes as null from the window's process. */
function checkArgument(command: string, argument: unknown): object | undefined {
  if (argument === undefined || argument === null) return undefined;
  if (typeof argument === "object" && !Array.isArray(argument)) return argument;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot run {0}: its argument must be an object that holds its options.",
      command,
    ),
  );
}

/** What nobody thought of is told in a sentence as well; the log has the rest. */
function unforeseen(command: string, error: unknown, log: vscode.LogOutputChannel): HumanError {
  log.error(error instanceof Error ? error : String(error));
  const reason = error instanceof Error ? error.message : String(error);
  return new HumanError(
    vscode.l10n.t(
      "Cannot run {0}: {1}; the output channel UDP Workbench tells more.",
      command,
      printable(reason, { limit: 200 }),
    ),
  );
}

/**
 * The palette and title buttons pass nothing, a line of the tree passes itself, a webview's menu its context, and a
 * menu about a file that file.
 */
export function isFromPerson(argument: unknown): boolean {
  if (argument === undefined || argument === null) return true;
  if (typeof argument !== "object") return false;
  return argument instanceof vscode.Uri || "kind" in argument || "webview" in argument;
}

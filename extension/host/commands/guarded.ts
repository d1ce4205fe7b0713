import * as vscode from "vscode";
import { HumanError } from "../human_error.ts";

export type CommandHandler = (argument?: never) => Promise<unknown>;

/**
 * Registers a command whose errors reach whoever called it: a caller with an argument gets them thrown, a person gets
 * one notification.
 */
export function registerGuarded(
  command: string,
  handler: CommandHandler,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  return vscode.commands.registerCommand(command, async (argument?: never) => {
    try {
      return await handler(argument);
    } catch (error) {
      if (!(error instanceof HumanError)) {
        log.error(error instanceof Error ? error : String(error));
        throw error;
      }
      if (!isFromPerson(argument)) throw error;
      void vscode.window.showErrorMessage(error.message);
      return undefined;
    }
  });
}

/**
 * The palette and title buttons pass nothing, a line of the tree passes itself, a webview's menu its context, and a
 * menu about a file that file.
 */
export function isFromPerson(argument: object | undefined): boolean {
  return (
    argument === undefined ||
    argument instanceof vscode.Uri ||
    "kind" in argument ||
    "webview" in argument
  );
}

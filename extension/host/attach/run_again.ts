import * as vscode from "vscode";
import { textWithoutSecrets } from "../../core/system/secrets.ts";
import { HumanError } from "../base/human_error.ts";
import { hasEnded, stopProgram } from "../launch/stopper.ts";
import { terminalOf } from "../launch/terminals.ts";
import { commandOf, isAlive, parentOf } from "../system/processes.ts";
import type { ShellCommand, ShellCommands } from "./shell_commands.ts";

const CTRL_C = "\x03";
/** A launcher, a shell, a package runner: more steps than any of them together need. */
const MOST_ANCESTORS = 8;

/**
 * Ends a program that runs in a terminal of this window and runs its command line again in a new one, which has what
 * was added to the environment since. A process cannot be given a new environment, nor can its shell.
 */
export async function runAgain(pid: number, shells: ShellCommands): Promise<ShellCommand> {
  if (!isAlive(pid)) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot run process {0} again: it has ended; start it in a new terminal.",
        String(pid),
      ),
    );
  }
  const terminal = await terminalOf({ pid, ppid: await parentOf(pid) });
  if (!terminal) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot run process {0} again: it runs in no terminal of this window; start it in one.",
        String(pid),
      ),
    );
  }
  const typed = shells.in(terminal);
  const command = typed ?? (await commandBelow(await terminal.processId, pid));
  if (!command) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot run process {0} again: its command line is not known; start it in a new terminal.",
        String(pid),
      ),
    );
  }
  // As a person would: so a package runner or a watcher above the program ends with it.
  if (typed) terminal.sendText(CTRL_C, false);
  if (!typed || !(await hasEnded(pid)))
    await stopProgram({ pid, name: textWithoutSecrets(command.commandLine) });
  const again = vscode.window.createTerminal({ ...(command.cwd && { cwd: command.cwd }) });
  again.show();
  again.sendText(command.commandLine);
  return command;
}

/** The command line of the ancestor of `pid` that the shell started, in words for a POSIX shell. */
async function commandBelow(
  shell: number | undefined,
  pid: number,
): Promise<ShellCommand | undefined> {
  let program = pid;
  // A task's terminal has no shell: there, its process is the program itself.
  for (let step = 0; step < MOST_ANCESTORS && program !== shell; step++) {
    const parent = await parentOf(program);
    if (parent === undefined || parent === shell) break;
    program = parent;
  }
  const command = await commandOf(program);
  if (!command) return undefined;
  const { words, cwd } = command;
  // npm tells its whole command line as one word, made for people: as such it can be typed again.
  const commandLine = words.length === 1 ? String(words[0]) : words.map(quoted).join(" ");
  return { commandLine, cwd: vscode.Uri.file(cwd) };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

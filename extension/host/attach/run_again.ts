import * as vscode from "vscode";
import { textWithoutSecrets } from "../../core/system/secrets.ts";
import { HumanError } from "../base/human_error.ts";
import { hasEnded, stopProgram } from "../launch/stopper.ts";
import { terminalOf } from "../launch/terminals.ts";
import { commandOf, parentOf } from "../system/process_facts.ts";
import { isAlive } from "../system/processes.ts";
import type { ShellCommand, ShellCommands } from "./shell_commands.ts";

const CTRL_C = "\x03";
/** A launcher, a shell, a package runner: more steps than any of them together need. */
const MOST_ANCESTORS = 8;

/** A program that runs in a terminal of this window, and how it was started. */
export interface RunsInTerminal {
  readonly terminal: vscode.Terminal;
  readonly command: ShellCommand;
  /** The command line is what a person typed; else that of a process. */
  readonly isTyped: boolean;
}

/**
 * Ends a program that runs in a terminal of this window and runs its command line again in a new one, which has what
 * was added to the environment since. A process cannot be given a new environment, nor can its shell.
 */
export async function runAgain(pid: number, shells: ShellCommands): Promise<ShellCommand> {
  const found = await findToRunAgain(pid, shells);
  const { command } = found;
  await endToRunAgain(pid, found);
  const again = vscode.window.createTerminal({ ...(command.cwd && { cwd: command.cwd }) });
  again.show();
  again.sendText(command.commandLine);
  return command;
}

/** How a program could be run again; throws a HumanError where nobody knows. */
export async function findToRunAgain(pid: number, shells: ShellCommands): Promise<RunsInTerminal> {
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
  return { terminal, command, isTyped: typed !== undefined };
}

/** Ends it as a person would: so a package runner or a watcher above the program ends with it. */
export async function endToRunAgain(
  pid: number,
  { terminal, command, isTyped }: RunsInTerminal,
): Promise<void> {
  if (isTyped) terminal.sendText(CTRL_C, false);
  if (isTyped && (await hasEnded(pid))) return;
  await stopProgram({ pid, name: textWithoutSecrets(command.commandLine) });
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

import * as vscode from "vscode";
import { shellWord, straceOptions } from "../../core/strace/command_line.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { TASK_TYPE } from "../base/ids.ts";
import { type TapPlaces, tapEnvironment } from "../launch/tap_environment.ts";
import { ownRun, programTask } from "../launch/tapped_task.ts";
import { refuseVariables, refuseVariablesInPath } from "../launch/task_variables.ts";
import type { Strace } from "./strace.ts";

/** A program to be watched from outside. */
export interface WatchedProgram {
  /** The program, or a line for `sh` where there are no `args`. */
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd: string;
}

/**
 * strace lets no signal end it, so that Ctrl+C is the program's. When a terminal is closed, VS Code has its first process end:
 * that is this shell, and the system ends what it leaves in the terminal.
 */
const IN_TERMINAL = ["-c", 'trap : INT QUIT; "$@"; exit $?', "sh"];

/** What is to be told before anything is slowed down. */
export function costSentence(): string {
  return vscode.l10n.t(
    "It runs under strace, which slows it down to about 2,000 datagrams a second, and its other work with files and the network too.",
  );
}

/**
 * The task that runs a program under strace, in a terminal of its own. strace starts what records its output, so that it
 * goes on when the window goes. Throws a HumanError for what VS Code would change in the command line.
 *
 * @param reader path of strace_tap.cjs
 */
export function watchedTask(
  { command, args, cwd }: WatchedProgram,
  strace: Strace,
  reader: string,
  places: TapPlaces,
): vscode.Task {
  refuseVariables({ command, args: args ?? [] });
  refuseVariablesInPath(reader);
  // The editor's own Node.js, with nothing that was meant for the user's programs.
  const words = ["env", "-u", "NODE_OPTIONS", "ELECTRON_RUN_AS_NODE=1", process.execPath, reader];
  const readerLine = [...words, strace.version].map(shellWord).join(" ");
  const program = args ? [command, ...args] : ["/bin/sh", "-c", command];
  const { UDP_TAP_DIR = "", UDP_TAP_QUOTA = "" } = tapEnvironment(places);
  const title = [command, ...(args ?? [])].join(" ");
  return programTask({
    definition: ownRun({ type: TASK_TYPE, program: "watched", command, args }),
    name: vscode.l10n.t("UDP Watch {0}", withoutIcons(printable(title, { limit: 60 }))),
    executable: "/bin/sh",
    words: [
      ...IN_TERMINAL,
      strace.path,
      ...straceOptions(readerLine, strace.stopsLess),
      "--",
      ...program,
    ],
    cwd,
    // No control socket: nobody in the program would listen there.
    env: { UDP_TAP_DIR, UDP_TAP_QUOTA },
    isBackground: false,
  });
}

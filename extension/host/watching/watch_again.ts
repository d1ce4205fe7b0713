import { homedir } from "node:os";
import * as vscode from "vscode";
import { textWithoutSecrets } from "../../core/system/secrets.ts";
import { printable } from "../../core/text/printable.ts";
import { endToRunAgain, findToRunAgain } from "../attach/run_again.ts";
import type { ShellCommands } from "../attach/shell_commands.ts";
import { checkProcessId } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { askFirst, button } from "../base/notify.ts";
import type { Places } from "../launch/places.ts";
import { runTask } from "../launch/running_task.ts";
import { OtherNode } from "../ports/nodes.ts";
import { commandOf } from "../system/process_facts.ts";
import { findStrace, type Strace } from "./strace.ts";
import { costSentence, watchedTask } from "./watched_task.ts";

interface Context {
  readonly places: Places;
  readonly shells: ShellCommands;
}

/** *Run Again, Watched...*: the offer on a program in a terminal of this window that no tap can watch. */
export function watchAgain({ places, shells }: Context): Command<"udpWorkbench.watchAgain"> {
  const start = async (
    pid: number,
    strace: Strace,
    isMeant: (line: string) => Promise<boolean>,
  ) => {
    const found = await findToRunAgain(pid, shells);
    const { commandLine, cwd } = found.command;
    const folder = cwd?.fsPath ?? (await commandOf(pid))?.cwd ?? homedir();
    const program = { command: commandLine, cwd: folder };
    // What VS Code would refuse to run is refused before anything has ended.
    const task = watchedTask(program, strace, places.straceTap, places);
    if (!(await isMeant(commandLine))) return undefined;
    await endToRunAgain(pid, found);
    await runTask(task);
    return { commandLine };
  };
  return {
    id: "udpWorkbench.watchAgain",
    options: { pid: true },
    needsTrust: true,
    parse: ({ pid }) => ({ pid: checkProcessId("pid", pid) }),
    ask: async (place) => {
      const line = place?.kind === "treeLine" ? place.line : undefined;
      return { pid: checkProcessId("pid", line instanceof OtherNode ? line.pid : undefined) };
    },
    async run({ pid }) {
      const commandLine = await start(pid, await findStrace(), async () => true);
      return commandLine ?? { commandLine: "" };
    },
    async runForPerson({ pid }) {
      return start(pid, await findStrace(), async (line) => {
        const again = button(vscode.l10n.t("Run Again"));
        const name = printable(textWithoutSecrets(line), { limit: 120 });
        const question = vscode.l10n.t("End {0} and run it again, watched?", name);
        return (await askFirst(question, costSentence(), again)) === again;
      });
    },
  };
}

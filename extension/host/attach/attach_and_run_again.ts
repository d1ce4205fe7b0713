import { checkProcessId } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { OtherNode } from "../ports/nodes.ts";
import type { AutoAttach } from "./auto_attach.ts";
import { runAgain } from "./run_again.ts";
import type { ShellCommands } from "./shell_commands.ts";

/** *Turn Auto Attach On and Run Again*: the offer on a program that is not watched. */
export function attachAndRunAgain({
  attach,
  shells,
}: {
  readonly attach: AutoAttach;
  readonly shells: ShellCommands;
}): Command<"udpWorkbench.attachAndRunAgain"> {
  return {
    id: "udpWorkbench.attachAndRunAgain",
    options: { pid: true },
    needsTrust: true,
    parse: ({ pid }) => ({ pid: checkProcessId("pid", pid) }),
    ask: async (place) => {
      const line = place?.kind === "treeLine" ? place.line : undefined;
      return { pid: checkProcessId("pid", line instanceof OtherNode ? line.pid : undefined) };
    },
    async run({ pid }) {
      await attach.turn(true);
      const { commandLine } = await runAgain(pid, shells);
      return { commandLine };
    },
  };
}

import { checkProcessId } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import type { RunningCaptures } from "./running_captures.ts";

/** *Stop Captures* */
export function stopCaptures(captures: RunningCaptures): Command<"udpWorkbench.stopCaptures"> {
  return {
    id: "udpWorkbench.stopCaptures",
    options: { pid: true },
    parse: ({ pid }) => (pid === undefined ? {} : { pid: checkProcessId("pid", pid) }),
    ask: async () => ({}),
    run: ({ pid }) => captures.stop(pid),
  };
}

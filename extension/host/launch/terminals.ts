import * as vscode from "vscode";
import type { CapturedProgram } from "../../core/capture/captured_socket.ts";
import { parentOf } from "../system/processes.ts";

/** A launcher, a shell, a package runner: more steps than any of them together need. */
const MOST_ANCESTORS = 8;
/** How long a terminal may take to tell its process. One whose program cannot be started never does. */
const PATIENCE_MS = 1000;

/**
 * The integrated terminal in which a program runs, or ran. Process ids are what survives a window reload: VS Code
 * brings the terminal back, but with neither its name nor the options that it was made with.
 */
export async function terminalOf(
  program: Pick<CapturedProgram, "pid" | "ppid">,
): Promise<vscode.Terminal | undefined> {
  const byPid = await terminalsByPid();
  const own = (pid: number | undefined) => (pid === undefined ? undefined : byPid.get(pid));
  const direct = own(program.pid) ?? own(program.ppid);
  if (direct) return direct;
  let ancestor = program.ppid;
  for (let step = 0; step < MOST_ANCESTORS && ancestor !== undefined; step++) {
    ancestor = await parentOf(ancestor);
    const terminal = own(ancestor);
    if (terminal) return terminal;
  }
  return undefined;
}

async function terminalsByPid(): Promise<Map<number, vscode.Terminal>> {
  const { terminals } = vscode.window;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  const pids = await Promise.all(terminals.map(({ processId }) => Promise.race([processId, late])));
  clearTimeout(timer);
  return new Map(
    terminals.flatMap((terminal, at) => {
      const pid = pids[at];
      return pid === undefined ? [] : [[pid, terminal] as const];
    }),
  );
}

import * as vscode from "vscode";
import type { CapturedProgram } from "../../core/capture/captured_socket.ts";
import { parentOf } from "../system/process_facts.ts";

/** A launcher, a shell, a package runner: more steps than any of them together need. */
const MOST_ANCESTORS = 8;
/** How long a terminal may take to tell its process. One whose program cannot be started never does. */
const PATIENCE_MS = 1000;
/** How long VS Code may take to bring a window's terminals back, from the start of the process that its extensions run in. */
const RESTORED_WITHIN_MS = 10_000;

/**
 * The integrated terminal in which a program runs, or ran. Process ids are what survives a window reload: VS Code
 * brings the terminal back, but with neither its name nor the options that it was made with.
 */
export async function terminalOf(program: ProcessOfProgram): Promise<vscode.Terminal | undefined> {
  const byPid = await terminalsByPid();
  return findAncestor(program, (pid) => byPid.get(pid));
}

/**
 * Those that run in terminals of this window, or were started by its extensions, as a debugger starts them. Of a window that was
 * just loaded, whose terminals may come back yet, waits for those.
 */
export async function programsOfWindow<P extends ProcessOfProgram>(
  programs: readonly P[],
): Promise<P[]> {
  const found = await inTerminals(programs);
  const restoring = RESTORED_WITHIN_MS - process.uptime() * 1000;
  if (found.length === programs.length || restoring <= 0) return found;
  await terminalOpened(restoring);
  return programsOfWindow(programs);
}

/** Resolves when another terminal is there, or after so long. */
function terminalOpened(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      listener.dispose();
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    const listener = vscode.window.onDidOpenTerminal(done);
  });
}

async function inTerminals<P extends ProcessOfProgram>(programs: readonly P[]): Promise<P[]> {
  if (programs.length === 0) return [];
  const byPid = await terminalsByPid();
  const own = await Promise.all(
    programs.map((program) =>
      findAncestor(program, (pid) => pid === process.pid || byPid.get(pid)),
    ),
  );
  return programs.filter((_, at) => own[at]);
}

/**
 * Keeps VS Code from starting the program of a task anew, also one that has ended, when an extension changes the environment
 * of terminals, as auto attach does: so it does in terminals of tasks that nothing was ever sent to
 * (`terminal.integrated.environmentChangesRelaunch`). This sends nothing, and counts.
 */
export async function keepProgramOf(terminalPid: number): Promise<void> {
  (await terminalsByPid()).get(terminalPid)?.sendText("", false);
}

type ProcessOfProgram = Pick<CapturedProgram, "pid" | "ppid">;

/** What `find` knows of a program's process or the nearest of those that it was started by. */
async function findAncestor<T>(
  program: ProcessOfProgram,
  find: (pid: number) => T | undefined | false,
): Promise<T | undefined> {
  const own = (pid: number | undefined) => (pid === undefined ? undefined : find(pid)) || undefined;
  const direct = own(program.pid) ?? own(program.ppid);
  if (direct) return direct;
  let ancestor = program.ppid;
  for (let step = 0; step < MOST_ANCESTORS && ancestor !== undefined; step++) {
    ancestor = await parentOf(ancestor);
    const found = own(ancestor);
    if (found) return found;
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

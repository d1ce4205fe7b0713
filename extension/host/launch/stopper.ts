import * as vscode from "vscode";
import type { CapturedProgram } from "../../core/capture/captured_socket.ts";
import { printable } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import { isAlive } from "../system/processes.ts";

/** How long a program may take to close its sockets and say goodbye before the next, harder signal. */
const PATIENCE_MS = 2000;
const LOOK_EVERY_MS = 25;

/**
 * Ends a program as Ctrl+C in its terminal would, so that it can close its sockets and print its summary; then as
 * `kill` would; and at last by force. Resolves when it is gone.
 */
export async function stopProgram({
  pid,
  name,
}: Pick<CapturedProgram, "pid" | "name">): Promise<void> {
  if (pid === undefined) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot stop {0}: its capture does not say which process it is.",
        printable(name),
      ),
    );
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    if (!send(pid, signal) || (await hasEnded(pid))) return;
  }
  throw new HumanError(
    vscode.l10n.t(
      "Cannot stop {0}: process {1} does not end; end it in its terminal.",
      printable(name),
      pid,
    ),
  );
}

/** False when there is no such process any more. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** True when the process is gone; waits a moment for it. */
export async function hasEnded(pid: number): Promise<boolean> {
  // The system tells nobody but the parent that a process has ended, and we are not its parent.
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return !isAlive(pid);
}

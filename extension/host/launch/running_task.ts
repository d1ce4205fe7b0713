import * as vscode from "vscode";
import { HumanError } from "../base/human_error.ts";

/** A task whose process runs. */
export interface RunningTask {
  readonly pid: number;
  /** Resolves with the exit code, or undefined where it was ended by a signal. */
  readonly ended: Promise<number | undefined>;
}

/** VS Code tells that a task ended before it tells how its process ended. */
const END_GRACE_MS = 1000;

/**
 * Runs a task and resolves when it has a process; throws a {@link HumanError} when it gets none.
 *
 * @param task one whose definition has a `run` of its own.
 */
export async function runTask(task: vscode.Task): Promise<RunningTask> {
  const disposables: vscode.Disposable[] = [];
  // Both listeners are there before the task is: a program may end before executeTask has resolved.
  const started = new Promise<number>((resolve) => {
    disposables.push(
      vscode.tasks.onDidStartTaskProcess(({ execution, processId }) => {
        if (isSame(execution.task, task)) resolve(processId);
      }),
    );
  });
  const ended = new Promise<number | undefined>((resolve) => {
    disposables.push(
      vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (isSame(execution.task, task)) resolve(exitCode);
      }),
      // A program that cannot be started has no process that could end.
      vscode.tasks.onDidEndTask(({ execution }) => {
        if (isSame(execution.task, task)) setTimeout(resolve, END_GRACE_MS, undefined);
      }),
    );
  });
  void ended.finally(() => {
    for (const disposable of disposables) disposable.dispose();
  });
  await vscode.tasks.executeTask(task);
  const pid = await Promise.race([started, ended.then(() => undefined)]);
  if (pid === undefined) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot start {0}: the program could not be run; its terminal says why.",
        task.name,
      ),
    );
  }
  return { pid, ended };
}

/** VS Code hands out copies of a task; the run's own number stays. */
function isSame(one: vscode.Task, other: vscode.Task): boolean {
  return one.definition.run === other.definition.run;
}

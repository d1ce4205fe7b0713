import * as vscode from "vscode";
import { TASK_TYPE } from "../base/ids.ts";
import type { TaskPlaces, UdpTaskDefinition } from "./udp_task.ts";

/**
 * Makes tasks of type `udp` in tasks.json runnable: the same programs, with the same tap, as the commands start. What
 * makes them is loaded with the first. All of them, also those of commands, run once and no more.
 */
export function registerTaskProvider(places: TaskPlaces): vscode.Disposable {
  const keeping = vscode.tasks.onDidStartTaskProcess(async ({ execution, processId }) => {
    if (execution.task.definition.type !== TASK_TYPE) return;
    const { keepProgramOf } = await import("./terminals.ts");
    await keepProgramOf(processId);
  });
  const provider = vscode.tasks.registerTaskProvider(TASK_TYPE, {
    // Nothing is offered by itself: there is nothing in a workspace that would tell which servers it wants.
    provideTasks: () => [],
    resolveTask: async (task) => {
      const definition = task.definition as UdpTaskDefinition;
      const { checkDefinition, udpTask } = await import("./udp_task.ts");
      const checked = await udpTask(checkDefinition(definition), places);
      // VS Code knows the task by the definition that stands in tasks.json.
      checked.definition = definition;
      return checked;
    },
  });
  return vscode.Disposable.from(provider, keeping);
}

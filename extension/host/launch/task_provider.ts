import * as vscode from "vscode";
import { TASK_TYPE } from "../base/ids.ts";
import { optionError } from "../base/option_error.ts";
import { checkClientOptions, checkServerOptions } from "./udp_options.ts";
import { type TaskPlaces, type UdpTaskDefinition, udpTask } from "./udp_task.ts";

/** Makes tasks of type `udp` in tasks.json runnable: the same programs, with the same tap, as the commands start. */
export function registerTaskProvider(places: TaskPlaces): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TASK_TYPE, {
    // Nothing is offered by itself: there is nothing in a workspace that would tell which servers it wants.
    provideTasks: () => [],
    resolveTask: async (task) => {
      const definition = task.definition as UdpTaskDefinition;
      const checked = await udpTask(checkDefinition(definition), places);
      // VS Code knows the task by the definition that stands in tasks.json.
      checked.definition = definition;
      return checked;
    },
  });
}

function checkDefinition({ type, ...rest }: UdpTaskDefinition): UdpTaskDefinition {
  if (rest.program === "client") return { type, program: "client", ...checkClientOptions(rest) };
  if (rest.program === "server") return { type, program: "server", ...checkServerOptions(rest) };
  throw optionError("program", vscode.l10n.t("server or client"));
}

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import type { ClientOptions, RelayOptions, ServerOptions } from "../../api.ts";
import { TASK_TYPE } from "../base/ids.ts";
import { optionError } from "../base/option_error.ts";
import { chooseRuntime, type Runtime } from "./runtime.ts";
import {
  CLIENT_FLAGS,
  flagWords,
  optionWords,
  RELAY_FLAGS,
  SERVER_FLAGS,
} from "./script_options.ts";
import type { TapPlaces } from "./tap_environment.ts";
import { tappedTask } from "./tapped_task.ts";
import {
  checkClientOptions,
  checkRelayOptions,
  checkServerOptions,
  DEFAULT_HOST,
  DEFAULT_PORT,
} from "./udp_options.ts";

/** The task definition, as it may also stand in tasks.json. */
export type UdpTaskDefinition = vscode.TaskDefinition & {
  readonly type: typeof TASK_TYPE;
  /** Tells two runs with the same options apart. */
  readonly run?: string;
} & (
    | ({ readonly program: "server" } & ServerOptions)
    | ({ readonly program: "client" } & ClientOptions)
    | ({ readonly program: "relay" } & RelayOptions)
  );

/** What stands in tasks.json, with nothing in it that the scripts do not know; throws a {@link HumanError}. */
export function checkDefinition({ type, ...rest }: UdpTaskDefinition): UdpTaskDefinition {
  if (rest.program === "client") return { type, program: "client", ...checkClientOptions(rest) };
  if (rest.program === "server") return { type, program: "server", ...checkServerOptions(rest) };
  if (rest.program === "relay") return { type, program: "relay", ...checkRelayOptions(rest) };
  throw optionError("program", vscode.l10n.t("server, client or relay"));
}

/** Where the parts are that a task needs. */
export interface TaskPlaces extends TapPlaces {
  /** Folder with udp_server.ts and the other scripts. */
  readonly scripts: string;
  /** Folder with the same without types, `.mjs`. */
  readonly plainScripts: string;
  /** Path of udp_run.js, which runs request files. */
  readonly runner: string;
}

/** Where the script is that this runtime can read. */
export function scriptPath(script: string, { typescript }: Runtime, places: TaskPlaces): string {
  const [folder, name] = typescript
    ? [places.scripts, `${script}.ts`]
    : [places.plainScripts, `${script}.mjs`];
  return vscode.Uri.joinPath(vscode.Uri.file(folder), name).fsPath;
}

/** Makes the task that runs a script with the tap; throws a HumanError when the chosen runtime is not there. */
export async function udpTask(
  definition: UdpTaskDefinition,
  places: TaskPlaces,
): Promise<vscode.Task> {
  const runtime = await chooseRuntime(places);
  const path = scriptPath(`udp_${definition.program}`, runtime, places);
  return tappedTask(
    {
      definition,
      name: taskName(definition),
      runtime,
      words: [path, ...scriptArguments(definition)],
      // Never the workspace: programs must not be looked up, nor settings read, in a folder that others fill.
      // A window without a workspace starts terminals in the user's home and nowhere else.
      cwd: vscode.workspace.workspaceFolders ? places.scripts : homedir(),
      isBackground: definition.program !== "client",
      // It tells when the port is bound: a launch configuration waits for that.
      problemMatchers: definition.program === "client" ? [] : [`$${TASK_TYPE}`],
    },
    places,
  );
}

function scriptArguments(definition: UdpTaskDefinition): string[] {
  if (definition.program === "relay") {
    const { to, listen } = definition;
    const ends = [...optionWords("to", to), ...(listen ? optionWords("listen", listen) : [])];
    return [...ends, ...flagWords(RELAY_FLAGS, definition)];
  }
  const { host, port } = definition;
  const args: string[] = [];
  // Only what differs from the script's own defaults: the command line in the terminal is what a learner would type.
  if (host !== undefined && host !== DEFAULT_HOST) args.push("--host", host);
  if (port !== undefined && port !== DEFAULT_PORT) args.push("--port", String(port));
  if (definition.program === "server") {
    const { reply = "greet" } = definition;
    if (reply !== "greet") args.push(...optionWords("reply", reply));
    return [...args, ...flagWords(SERVER_FLAGS, definition)];
  }
  const { file, messages = [] } = definition;
  args.push(...flagWords(CLIENT_FLAGS, { ...definition, file: file && inWorkspace(file) }));
  // Behind `--` nothing is taken for an option, whatever a message starts with.
  return messages.length > 0 ? [...args, "--", ...messages] : args;
}

/** A path of a task is meant from the workspace folder on, which the program does not run in. */
function inWorkspace(path: string): string {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  return root === undefined || isAbsolute(path) || path.startsWith("${") ? path : join(root, path);
}

function taskName(definition: UdpTaskDefinition): string {
  if (definition.program === "relay") return vscode.l10n.t("UDP Relay to {0}", definition.to);
  const { program, host = DEFAULT_HOST, port = DEFAULT_PORT } = definition;
  const end = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return program === "server"
    ? vscode.l10n.t("UDP Server {0}", end)
    : vscode.l10n.t("UDP Client {0}", end);
}

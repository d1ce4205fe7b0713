import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import { HumanError, type Remedy } from "../base/human_error.ts";
import { button } from "../base/notify.ts";
import { openSetting } from "../base/settings.ts";
import { findProgram } from "../system/find_program.ts";
import { type ProjectRuntime, projectRuntime } from "./project_runtime.ts";
import {
  bunRuntime,
  chooseRuntime,
  denoRuntime,
  editorRuntime,
  type Runtime,
  runtimeSettings,
  stripsTypes,
  tsxRuntime,
} from "./runtime.ts";
import { denoPermissions, type TapPlaces } from "./tap_environment.ts";

/**
 * The runtime for a file of the user's: the one that its project uses; where that says nothing, the one of the settings;
 * and for TypeScript, when that one cannot read it, tsx from the PATH, or the editor's own Node.js. Throws a {@link HumanError} when there is none.
 *
 * @param root the workspace folder that `file` lies in; undefined outside of any.
 */
export async function fileRuntime(
  file: string,
  root: string | undefined,
  places: TapPlaces,
): Promise<Runtime> {
  const project = root === undefined ? undefined : await projectRuntime(file, root);
  if (project) return runtimeOf(project, file, places);
  const chosen =
    runtimeSettings().name === "deno"
      ? await runtimeOf({ runtime: "deno", sign: "" }, file, places)
      : await chooseRuntime(places);
  const reads = chosen.typescript || !/\.[cm]?ts$/.test(file) || (await stripsTypes(chosen));
  if (reads) return chosen;
  const tsx = await findProgram("tsx");
  if (tsx !== undefined) return tsxRuntime(tsx, places.tap);
  const editor = editorRuntime(places.tap);
  if (await stripsTypes(editor)) return editor;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot run {0}: nothing here reads TypeScript; add tsx to the project (npm install --save-dev tsx) or install Node.js 22.18 or newer.",
      printable(basename(file)),
    ),
    [installTsx(root ?? dirname(file)), openSetting("runtime")],
  );
}

/** Writes the command into a terminal, and leaves it to the person to press Enter. */
function installTsx(cwd: string): Remedy {
  return {
    label: button(vscode.l10n.t("Add tsx in a Terminal")),
    run: () => {
      const terminal = vscode.window.createTerminal({ cwd });
      terminal.show();
      terminal.sendText("npm install --save-dev tsx", false);
    },
  };
}

/** The runtime of the settings, for a request file. It reads that file, and what that names, for which Deno asks. */
export async function requestRuntime(places: TapPlaces): Promise<Runtime> {
  const chosen = await chooseRuntime(places);
  if (runtimeSettings().name !== "deno") return chosen;
  const args = chosen.args.map((it) => (it.startsWith("--allow-read") ? "--allow-read" : it));
  return { ...chosen, args };
}

async function runtimeOf(
  { runtime, sign }: ProjectRuntime,
  file: string,
  places: TapPlaces,
): Promise<Runtime> {
  if (runtime === "tsx") return tsxRuntime(sign, places.tap);
  const { name, path } = runtimeSettings();
  const executable = await findProgram(runtime, name === runtime ? path : "");
  if (executable === undefined) {
    throw new HumanError(
      sign === ""
        ? vscode.l10n.t(
            "Cannot run {0}: {1}, which the settings name, is not on the PATH; install it or choose another runtime.",
            printable(basename(file)),
            runtime,
          )
        : vscode.l10n.t(
            "Cannot run {0}: its project uses {1} ({2}), which is not on the PATH; install it and reload the window.",
            printable(basename(file)),
            runtime,
            printable(basename(sign)),
          ),
      sign === "" ? [openSetting("runtime")] : [],
    );
  }
  return runtime === "bun"
    ? bunRuntime(executable, places.tap)
    : // All else is between the program and its user, whom Deno asks.
      denoRuntime(executable, places.tap, denoPermissions(places));
}

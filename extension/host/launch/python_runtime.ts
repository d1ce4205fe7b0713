import { basename, delimiter, join } from "node:path";
import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import { findProgram, isExecutable } from "../system/find_program.ts";
import type { Runtime } from "./runtime.ts";
import type { TapPlaces } from "./tap_environment.ts";

/** https://github.com/microsoft/vscode-python/blob/main/src/client/api/types.ts, as far as it is used here. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(path: {
      readonly path: string;
    }): Promise<{ readonly executable: { readonly uri: vscode.Uri | undefined } } | undefined>;
  };
}

const EXTENSION = "ms-python.python";
const IN_VENV = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];

/**
 * The interpreter for a file of the user's, with the tap: the one that the Python extension has chosen for it; else that of
 * the workspace folder's `.venv`; else the one on the PATH. Throws a {@link HumanError} where there is none.
 */
export async function pythonRuntime(
  uri: vscode.Uri,
  root: string | undefined,
  places: TapPlaces,
): Promise<Runtime> {
  const venv = root === undefined ? "" : join(root, ".venv", ...IN_VENV);
  const executable =
    (await chosenInterpreter(uri)) ??
    (venv !== "" && (await isExecutable(venv)) ? venv : undefined) ??
    (await findProgram("python3")) ??
    (await findProgram(process.platform === "win32" ? "py" : "python"));
  if (executable === undefined) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot run {0}: there is no Python, neither in .venv nor on the PATH; install Python 3.8 or newer.",
        printable(basename(uri.fsPath)),
      ),
    );
  }
  return {
    executable,
    args: [],
    env: { PYTHONPATH: pythonPath(places.pythonTap, process.env.PYTHONPATH) },
    typescript: false,
  };
}

/** Before what the user has there, which stays. */
function pythonPath(tap: string, before: string | undefined): string {
  return before ? `${tap}${delimiter}${before}` : tap;
}

/** What the Python extension has chosen; undefined where that is not installed, or does not tell. */
async function chosenInterpreter(uri: vscode.Uri): Promise<string | undefined> {
  try {
    const extension = vscode.extensions.getExtension<PythonApi>(EXTENSION);
    if (!extension) return undefined;
    const { environments } = await extension.activate();
    const chosen = environments?.getActiveEnvironmentPath(uri);
    const path = chosen && (await environments?.resolveEnvironment(chosen))?.executable.uri?.fsPath;
    return path !== undefined && (await isExecutable(path)) ? path : undefined;
  } catch {
    return undefined; // It is another one's, and may fail.
  }
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { HumanError } from "../base/human_error.ts";
import type { RuntimeName } from "../base/ids.ts";
import { openSetting, setting } from "../base/settings.ts";
import { findProgram } from "../system/find_program.ts";
import { denoPermissions, type TapPlaces } from "./tap_environment.ts";

/** How to start a program with the tap. */
export interface Runtime {
  /** Absolute path of the executable. */
  readonly executable: string;
  /** Arguments before the program. */
  readonly args: readonly string[];
  /** Set in the program's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** True where the runtime reads TypeScript; of a Node.js, {@link stripsTypes} knows. */
  readonly typescript: boolean;
}

const OLDEST_NODE = 20;
const VERSION_TIMEOUT_MS = 5000;

/** The runtime that the settings ask for; throws a {@link HumanError} when it is not there. */
export async function chooseRuntime(places: TapPlaces): Promise<Runtime> {
  const { tap } = places;
  const { name, path } = runtimeSettings();
  switch (name) {
    case "editor":
      return editorRuntime(tap);
    case "auto": {
      const node = await findProgram("node", path);
      return node && (await isNewEnough(node)) ? nodeRuntime(node, tap) : editorRuntime(tap);
    }
    case "node": {
      const node = await demand("node", path);
      if (!(await isNewEnough(node))) {
        throw new HumanError(
          vscode.l10n.t(
            "Cannot start {0}: it is not Node.js {1} or newer; choose another runtime in the settings.",
            node,
            OLDEST_NODE,
          ),
          [openSetting("runtime")],
        );
      }
      return nodeRuntime(node, tap);
    }
    case "tsx":
      return tsxRuntime(await demand("tsx", path), tap);
    case "deno":
      return denoRuntime(await demand("deno", path), tap, [
        "--no-prompt",
        ...denoPermissions(places),
      ]);
    case "bun":
      return bunRuntime(await demand("bun", path), tap);
  }
}

/** The two settings about runtimes; no workspace can set them. */
export function runtimeSettings(): { readonly name: RuntimeName; readonly path: string } {
  return { name: setting("runtime"), path: setting("runtimePath").trim() };
}

export function tsxRuntime(executable: string, tap: string): Runtime {
  return { executable, args: ["--require", tap], env: {}, typescript: true };
}

/** @param permissions flags that grant what the tap or the program needs beside the network. */
export function denoRuntime(
  executable: string,
  tap: string,
  permissions: readonly string[],
): Runtime {
  const args = ["run", "--quiet", "--allow-net", ...permissions, "--preload", tap];
  return { executable, args, env: {}, typescript: true };
}

export function bunRuntime(executable: string, tap: string): Runtime {
  return { executable, args: ["--preload", tap], env: {}, typescript: true };
}

function nodeRuntime(executable: string, tap: string): Runtime {
  return { executable, args: ["--require", tap], env: {}, typescript: false };
}

/** The Node.js that this very code runs on: always there. In desktop VS Code it is Electron, which must be told. */
export function editorRuntime(tap: string): Runtime {
  return {
    executable: process.execPath,
    args: ["--require", tap],
    env: process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: "1" },
    typescript: false,
  };
}

/**
 * Whether a Node.js reads TypeScript. It says so itself (`process.features.typescript`, from 22.10 on: `strip`, `transform` or
 * `false`): that depends on its version, on NODE_OPTIONS, and in Electron on how it was built.
 */
export async function stripsTypes({
  executable,
  env,
}: Pick<Runtime, "executable" | "env">): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(
      executable,
      ["-p", "process.features.typescript"],
      { env: { ...process.env, ...env }, timeout: VERSION_TIMEOUT_MS, windowsHide: true },
    );
    return ["strip", "transform"].includes(stdout.trim());
  } catch {
    return false;
  }
}

async function isNewEnough(node: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(node, ["--version"], {
      timeout: VERSION_TIMEOUT_MS,
      windowsHide: true,
    });
    return Number(/^v(\d+)\./.exec(stdout.trim())?.[1] ?? 0) >= OLDEST_NODE;
  } catch {
    return false;
  }
}

async function demand(name: string, path: string): Promise<string> {
  const found = await findProgram(name, path);
  if (found !== undefined) return found;
  throw new HumanError(
    path === ""
      ? vscode.l10n.t(
          "Cannot find {0}: it is not on the PATH; install it or choose another runtime in the settings.",
          name,
        )
      : vscode.l10n.t(
          "Cannot start {0}: there is no such program; correct the path of the runtime in the settings.",
          path,
        ),
    [openSetting(path === "" ? "runtime" : "runtimePath")],
  );
}

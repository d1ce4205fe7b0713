import { readFile, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import type { AutoAttach } from "../attach/auto_attach.ts";
import { type TapPlaces, tapEnvironment } from "../launch/tap_environment.ts";
import { DEBUGGERS, parseEnvFile, watchedConfiguration } from "./debug_environment.ts";

/** A longer one holds no environment. */
const MOST_BYTES = 2 ** 20;

/**
 * Has programs watched that a debugger starts: with auto attach on, or `"udpWorkbench": true` in the launch
 * configuration. `false` there keeps one from it.
 */
export function watchDebugSessions(places: TapPlaces, attach: AutoAttach): vscode.Disposable {
  const provider: vscode.DebugConfigurationProvider = {
    async resolveDebugConfigurationWithSubstitutedVariables(folder, config) {
      const wish: unknown = config.udpWorkbench;
      const isWatched =
        vscode.workspace.isTrusted && (wish === true || (wish !== false && attach.isOn));
      if (!isWatched && wish !== false) return config;
      const tap = {
        ...places,
        environment: tapEnvironment(places),
        isInTerminals: attach.isOn,
      };
      const ofFile = await readEnvFiles(config.envFile, folder?.uri.fsPath);
      return watchedConfiguration(config, isWatched, tap, ofFile, process.env);
    },
  };
  return vscode.Disposable.from(
    ...DEBUGGERS.map((type) => vscode.debug.registerDebugConfigurationProvider(type, provider)),
  );
}

/** A file that is missing, or cannot be read, is the debugger's to complain of. */
async function readEnvFiles(given: unknown, root = ""): Promise<Record<string, string>> {
  const found = {};
  for (const name of [given].flat()) {
    if (typeof name !== "string") continue;
    const path = isAbsolute(name) ? name : join(root, name);
    try {
      const stats = await stat(path);
      if (!stats.isFile() || stats.size > MOST_BYTES) continue;
      Object.assign(found, parseEnvFile(await readFile(path, "utf8")));
    } catch {
      // Not there, or not to be read.
    }
  }
  return found;
}

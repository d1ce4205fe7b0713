import * as vscode from "vscode";
import type { AutoAttach } from "../attach/auto_attach.ts";
import { type TapPlaces, tapEnvironment } from "../launch/tap_environment.ts";
import { DEBUGGERS } from "./debuggers.ts";

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
      const [{ readEnvFiles }, { watchedConfiguration }] = await Promise.all([
        import("./env_files.ts"),
        import("./debug_environment.ts"),
      ]);
      const ofFile = await readEnvFiles(config.envFile, folder?.uri.fsPath);
      return watchedConfiguration(config, isWatched, tap, ofFile, process.env);
    },
  };
  return vscode.Disposable.from(
    ...DEBUGGERS.map((type) => vscode.debug.registerDebugConfigurationProvider(type, provider)),
  );
}

import * as vscode from "vscode";
import type { Remedy } from "./human_error.ts";
import { EXTENSION, SETTINGS } from "./ids.ts";
import { button } from "./notify.ts";

export type SettingName = keyof typeof SETTINGS;

/** What a setting says now; its default where settings.json says something that it cannot be. */
export function setting<Name extends SettingName>(name: Name): (typeof SETTINGS)[Name] {
  const standard: (typeof SETTINGS)[Name] = SETTINGS[name];
  const value = vscode.workspace.getConfiguration(EXTENSION).get<unknown>(name, standard);
  return typeof value === typeof standard ? (value as (typeof SETTINGS)[Name]) : standard;
}

/** Shows a setting, where that is wrong. */
export function openSetting(name: SettingName): Remedy {
  return {
    label: button(vscode.l10n.t("Open Settings")),
    // Those of a program's path belong to the machine: in a remote window, the user's settings do not have them.
    run: () =>
      vscode.commands.executeCommand(
        `workbench.action.${vscode.env.remoteName === undefined ? "openSettings" : "openRemoteSettings"}`,
        { query: `@id:${EXTENSION}.${name}` },
      ),
  };
}

/** Whether a setting is among those that have just changed. */
export function affects(event: vscode.ConfigurationChangeEvent, name: SettingName): boolean {
  return event.affectsConfiguration(`${EXTENSION}.${name}`);
}

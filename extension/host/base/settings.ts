import * as vscode from "vscode";
import type { Remedy } from "./human_error.ts";
import { EXTENSION, SETTINGS } from "./ids.ts";

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
    label: vscode.l10n.t("Open Settings"),
    run: () =>
      vscode.commands.executeCommand("workbench.action.openSettings", `@id:${EXTENSION}.${name}`),
  };
}

/** Whether a setting is among those that have just changed. */
export function affects(event: vscode.ConfigurationChangeEvent, name: SettingName): boolean {
  return event.affectsConfiguration(`${EXTENSION}.${name}`);
}

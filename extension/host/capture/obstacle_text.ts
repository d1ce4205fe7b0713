import * as vscode from "vscode";
import type { FolderObstacle } from "./folder_obstacle.ts";

/** Why nothing can be written into a capture folder, in a sentence: loaded where that is so. */
export function obstacleText({ kind, code }: FolderObstacle, folder: string): string {
  switch (kind) {
    case "others":
      return vscode.l10n.t(
        "Cannot record datagrams in {0}: others can write to it, or it is another user's. What is missing is counted; make it yours alone.",
        folder,
      );
    case "full":
      return vscode.l10n.t(
        "Cannot record datagrams in {0}: the disk is full. What is missing is counted; make room on it.",
        folder,
      );
    case "readOnly":
      return vscode.l10n.t(
        "Cannot record datagrams in {0}: it is read-only ({1}). What is missing is counted; make it writable.",
        folder,
        code,
      );
  }
}

/** Why datagrams are not kept where VS Code says; `error`: what came of it there, undefined where others can write to it. */
export function keptElsewhereText(folder: string, error: unknown, instead: string): string {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  return vscode.l10n.t(
    "Cannot keep datagrams in {0}: {1}. They are in {2} until the system cleans up; make room on its disk, or make it writable for you alone, and reload the window.",
    folder,
    code ?? message ?? vscode.l10n.t("others can write to it"),
    instead,
  );
}

/** The temporary folder is somebody else's as well. */
export function notOwnText(path: string): string {
  return vscode.l10n.t("Cannot use {0}: it is not this user's alone; remove it.", path);
}

import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import * as vscode from "vscode";
import { isOwnFolder } from "../base/private_folder.ts";

/** Why nothing can be written into a capture folder now, in a sentence; undefined where it can, or is made anew. */
export async function folderObstacle(folder: string): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK);
    if (!(await isOwnFolder(folder))) {
      return vscode.l10n.t(
        "Cannot record datagrams in {0}: others can write to it, or it is another user's. What is missing is counted; make it yours alone.",
        folder,
      );
    }
    const { blocks, bavail } = await statfs(folder);
    // Some file systems tell neither.
    if (bavail > 0 || blocks === 0) return undefined;
    return vscode.l10n.t(
      "Cannot record datagrams in {0}: the disk is full. What is missing is counted; make room on it.",
      folder,
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EROFS" && code !== "EPERM") return undefined;
    return vscode.l10n.t(
      "Cannot record datagrams in {0}: it is read-only ({1}). What is missing is counted; make it writable.",
      folder,
      code,
    );
  }
}

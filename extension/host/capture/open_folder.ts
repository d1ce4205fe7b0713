import { mkdir } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { isPrivateFolder } from "../base/private_folder.ts";
import { CaptureFolder } from "./capture_folder.ts";

export interface OpenedFolder {
  readonly folder: CaptureFolder;
  /** The folder of all that the extension keeps. */
  readonly storage: string;
  /** Why that is not the one that VS Code gave, in a sentence; undefined where it is. */
  readonly remark?: string;
}

/**
 * Takes this window's capture folder below `storage`, or, where nothing can be written there, below the temporary
 * directory: it is under the same name after a reload there too. Throws where neither can be used.
 */
export async function openFolder(storage: string, state: vscode.Memento): Promise<OpenedFolder> {
  try {
    return { folder: await CaptureFolder.open(storage, state), storage };
  } catch (error) {
    const instead = await temporaryStorage();
    return {
      folder: await CaptureFolder.open(instead, state),
      storage: instead,
      remark: vscode.l10n.t(
        "Cannot keep datagrams in {0}: {1}. They are in {2} until the system cleans up; make the folder writable and reload the window.",
        CaptureFolder.parentIn(storage),
        (error as NodeJS.ErrnoException).code ?? String(error),
        instead,
      ),
    };
  }
}

/** Everybody can write to the temporary directory: a folder that another user has put there is not taken. */
async function temporaryStorage(): Promise<string> {
  const path = join(tmpdir(), `udp-workbench-${userInfo().username.replace(/[^\w.-]/g, "_")}`);
  await mkdir(path, { mode: 0o700 }).catch(() => {});
  if (await isPrivateFolder(path)) return path;
  throw new Error(vscode.l10n.t("Cannot use {0}: it is not this user's alone; remove it.", path));
}

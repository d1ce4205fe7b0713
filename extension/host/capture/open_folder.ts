import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { isOwnFolder, isPrivateFolder } from "../base/private_folder.ts";
import { CaptureFolder, isWorkspaceFolderName } from "./capture_folder.ts";

const NAME_KEY = "captureFolder";

export interface OpenedFolder {
  readonly folder: CaptureFolder;
  /** The folder of all that the extension keeps. */
  readonly storage: string;
  /** Why that is not the one that VS Code gave, in a sentence; undefined where it is. */
  readonly remark?: string;
}

/**
 * The capture folder of this window's workspace below `storage`, or, where nothing can be written there or others can, below the
 * temporary directory: it is under the same name after a reload there too. Throws where neither can be used.
 */
export async function openFolder(storage: string, state: vscode.Memento): Promise<OpenedFolder> {
  const name = await folderName(state);
  let failure: unknown;
  try {
    const folder = await CaptureFolder.open(storage, name);
    // Some disks know no modes: there everybody can write.
    if (await isOwnFolder(folder.path)) return { folder, storage };
  } catch (error) {
    failure = error;
  }
  const words = await import("./obstacle_text.ts");
  const instead = await temporaryStorage();
  if (typeof instead !== "string") throw new Error(words.notOwnText(instead.refused));
  return {
    folder: await CaptureFolder.open(instead, name),
    storage: instead,
    remark: words.keptElsewhereText(CaptureFolder.parentIn(storage), failure, instead),
  };
}

/** The same in all windows on a workspace. An empty window has nothing but its memory to know its folder by. */
async function folderName(state: vscode.Memento): Promise<string> {
  const { workspaceFile, workspaceFolders } = vscode.workspace;
  const uri = workspaceFile ?? workspaceFolders?.[0]?.uri;
  if (uri) return CaptureFolder.nameOf(uri.toString());
  const known = state.get<string>(NAME_KEY);
  // It comes from storage that other things write to as well: only our own form is used in a path.
  if (known !== undefined && isWorkspaceFolderName(known)) return known;
  const name = randomBytes(16).toString("hex");
  await state.update(NAME_KEY, name);
  return name;
}

/** Everybody can write to the temporary directory: a folder that another user has put there is not taken. */
async function temporaryStorage(): Promise<string | { readonly refused: string }> {
  const path = join(tmpdir(), `udp-workbench-${userInfo().username.replace(/[^\w.-]/g, "_")}`);
  await mkdir(path, { mode: 0o700 }).catch(() => {});
  return (await isPrivateFolder(path)) ? path : { refused: path };
}

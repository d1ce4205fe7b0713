import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { isOwnFolder } from "../base/private_folder.ts";

/** What keeps a program from recording: others can write there, no room, or nobody may write. */
export interface FolderObstacle {
  readonly kind: "others" | "full" | "readOnly";
  /** Of the system's error, or "". */
  readonly code: string;
}

/** Why nothing can be written into a capture folder now; undefined where it can, or is made anew. */
export async function folderObstacle(folder: string): Promise<FolderObstacle | undefined> {
  try {
    await access(folder, constants.W_OK);
    if (!(await isOwnFolder(folder))) return { kind: "others", code: "" };
    const { blocks, bavail } = await statfs(folder);
    // Some file systems tell neither.
    return bavail > 0 || blocks === 0 ? undefined : { kind: "full", code: "" };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return /^(EACCES|EROFS|EPERM)$/.test(code) ? { kind: "readOnly", code } : undefined;
  }
}

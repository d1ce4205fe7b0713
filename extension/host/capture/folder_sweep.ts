import { readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LogOutputChannel } from "vscode";
import { parseSegmentName } from "../../core/wire/tap_identity.ts";
import { ControlPlace } from "../control/control_place.ts";
import { isWriterAlive } from "../system/processes.ts";
import { isFolderName, lastUse } from "./capture_folder.ts";

/** Days after which the folder of a workspace that was not opened again goes. */
export const KEPT_DAYS = 7;
/** What is added to the name of a folder that is being removed. */
const SWEPT = ".swept";
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Swept {
  readonly folders: number;
  readonly bytes: number;
}

/**
 * Removes the capture folders below `parent` that nobody has used for {@link KEPT_DAYS} and no program writes to.
 * What cannot be removed stays; another window will try again.
 */
export async function sweepFolders(parent: string, now = Date.now()): Promise<Swept> {
  let folders = 0;
  let bytes = 0;
  for (const name of (await readdir(parent)).filter(isOurs)) {
    try {
      const removed = await sweep(join(parent, name), now - KEPT_DAYS * DAY_MS);
      if (removed === undefined) continue;
      folders++;
      bytes += removed;
    } catch {
      // Another window was here first, or the file system does not let us.
    }
  }
  return { folders, bytes };
}

/** {@link sweepFolders}, in the background of everything else. */
export async function sweepAndLog(
  parent: string,
  log: Pick<LogOutputChannel, "info" | "warn">,
): Promise<void> {
  try {
    const { folders, bytes } = await sweepFolders(parent);
    if (folders === 0) return;
    log.info(
      `Removed ${folders} capture folders that no window has used for ${KEPT_DAYS} days: ${bytes} bytes`,
    );
  } catch (error) {
    log.warn(`Cannot look for old capture folders in ${parent}: ${String(error)}`);
  }
}

function isOurs(name: string): boolean {
  return isFolderName(name.endsWith(SWEPT) ? name.slice(0, -SWEPT.length) : name);
}

/** The bytes that are free now; undefined where the folder stays. */
async function sweep(folder: string, before: number): Promise<number | undefined> {
  if ((await lastUse(folder)) >= before) return undefined;
  const names = await readdir(folder);
  for (const name of names) {
    const segment = parseSegmentName(name);
    if (segment && (await isWriterAlive(segment.pid, join(folder, name)))) return undefined;
  }
  // A window that opens it from now on makes a new one; one that was quicker has touched it, and has it back.
  const swept = folder.endsWith(SWEPT) ? folder : `${folder}${SWEPT}`;
  await rename(folder, swept);
  if ((await lastUse(swept)) >= before) {
    await putBack(swept, folder);
    return undefined;
  }
  const sizes = await Promise.all(names.map((name) => sizeOf(join(swept, name))));
  await ControlPlace.remove(swept);
  await rm(swept, { recursive: true, force: true });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** With all that is in it, also where there is another folder of its name by now. */
async function putBack(swept: string, folder: string): Promise<void> {
  try {
    await rename(swept, folder);
  } catch {
    for (const name of await readdir(swept)) await rename(join(swept, name), join(folder, name));
    await rmdir(swept);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

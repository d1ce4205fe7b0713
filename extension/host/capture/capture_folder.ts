import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { chmod, mkdir, open, readdir, stat, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { PAGE_BYTES, USAGE_FILE } from "../../core/wire/folder_usage.ts";
import { parseSegmentName } from "../../core/wire/tap_identity.ts";

const KEEP_TRIES = 5;

/**
 * The folder that the programs of a workspace record into, private to the user. Nobody owns it: each window on the
 * workspace reads along, now and after a reload.
 */
export class CaptureFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * The folder of that name below `storage`, made if need be; throws what the file system throws.
   *
   * @param name one that {@link isFolderName} knows
   */
  static async open(storage: string, name: string): Promise<CaptureFolder> {
    const parent = CaptureFolder.parentIn(storage);
    await makePrivate(parent);
    const folder = new CaptureFolder(join(parent, name));
    await folder.keep();
    return folder;
  }

  /** The folder that all capture folders lie in. */
  static parentIn(storage: string): string {
    return join(storage, "captures");
  }

  /** The name of a workspace's folder: always the same, and short, because of the paths in it. */
  static nameOf(workspaceUri: string): string {
    return createHash("sha256").update(workspaceUri).digest("hex").slice(0, 32);
  }

  /** Makes it where it is not there, and says that it is in use; see {@link lastUse}. */
  async keep(now = new Date()): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await makePrivate(this.path);
        await utimes(this.path, now, now);
        return;
      } catch (error) {
        // Swept away between two of these steps: the next try makes a new one.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT" || tries === KEEP_TRIES) throw error;
      }
    }
  }

  /** Names of the capture files in it, oldest first (names start with the time). Throws what the file system throws. */
  async segments(): Promise<string[]> {
    return (await readdir(this.path)).filter(CaptureFolder.isSegment).sort();
  }

  /** When a file was last added to it or removed, milliseconds since 1970, as far as its disk tells. */
  async changedAt(): Promise<number> {
    return (await stat(this.path)).mtimeMs;
  }

  static isSegment(name: string): boolean {
    return parseSegmentName(name) !== undefined;
  }

  /** How many bytes its writers think that it has. */
  async toldBytes(): Promise<number> {
    const usage = await stat(join(this.path, USAGE_FILE)).catch(() => undefined);
    return (usage?.size ?? 0) * PAGE_BYTES;
  }

  /** Tells its writers how many bytes it really has. */
  async tellBytes(bytes: number): Promise<void> {
    const { O_RDWR, O_CREAT } = constants;
    const usage = await open(join(this.path, USAGE_FILE), O_RDWR | O_CREAT, 0o600);
    try {
      await usage.truncate(Math.ceil(bytes / PAGE_BYTES));
    } finally {
      await usage.close();
    }
  }

  /** False where another window was quicker. */
  async remove(name: string): Promise<boolean> {
    try {
      await unlink(join(this.path, name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return false;
    }
  }
}

/** True for what {@link CaptureFolder.nameOf} gives, and for the names of earlier versions, which had one for each window. */
export function isFolderName(name: string): boolean {
  return isWorkspaceFolderName(name) || /^[0-9a-f-]{36}(\.\d{1,4})?$/.test(name);
}

export function isWorkspaceFolderName(name: string): boolean {
  return /^[0-9a-f]{32}$/.test(name);
}

/** When a window or a program last used a capture folder, milliseconds since 1970: what was touched last tells. */
export async function lastUse(folder: string): Promise<number> {
  const names = await readdir(folder);
  const touched = await Promise.all(
    [folder, ...names.map((name) => join(folder, name))].map(touchedAt),
  );
  return touched.reduce((latest, at) => Math.max(latest, at), 0);
}

async function touchedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0; // Removed in between.
  }
}

async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
}

import { lstat, stat } from "node:fs/promises";

/** Whether there is a folder that is this user's and nobody else's; a link to one is none. */
export async function isPrivateFolder(path: string): Promise<boolean> {
  try {
    const stats = await lstat(path.replace(/\/$/, ""));
    if (process.platform === "win32") return stats.isDirectory();
    const isOwn = stats.isDirectory() && stats.uid === process.getuid?.();
    return isOwn && (stats.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/** Whether a folder is this user's, and nobody else can write to it: a tap writes to no other. Throws what `stat` throws. */
export async function isOwnFolder(path: string): Promise<boolean> {
  const { uid, mode } = await stat(path);
  return process.platform === "win32" || (uid === process.geteuid?.() && (mode & 0o022) === 0);
}

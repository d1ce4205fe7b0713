import { lstat } from "node:fs/promises";

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

import type { FileSystem } from "./originals.ts";

/** The rights of the group and of everybody else to put something there. */
const OTHERS_WRITE = 0o022;

/**
 * Whether this user, and nobody else, can put something into the folder, and whoever made a link to it is the same.
 * Throws what the file system throws. On Windows, where access lists say that, always; on Deno, which would ask its user
 * whether the program may know who it runs as, the owner is not looked at.
 */
export function isOwnFolder(
  fs: Pick<FileSystem, "lstatSync" | "statSync">,
  folder: string,
): boolean {
  if (process.platform === "win32") return true;
  const user = process.versions.deno ? undefined : process.geteuid?.();
  const stats = fs.statSync(folder);
  return (
    stats.isDirectory() &&
    (stats.mode & OTHERS_WRITE) === 0 &&
    (user === undefined || (stats.uid === user && fs.lstatSync(folder).uid === user))
  );
}

import { constants, readFileSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { parse } from "node:path";
import type { ReadableFile } from "./open_files.ts";
import { inTurnOf } from "./turns_of_disk.ts";

/** A file that stays open until it is closed. */
export interface OpenedFile extends ReadableFile {
  /** Bytes that it had when it was opened. */
  readonly size: number;
}

/**
 * Opens a file, which is read in the turns of its disk; undefined where it is none, but a folder or a pipe. Rejects with
 * the system's error where it cannot be opened.
 */
export async function openFile(path: string): Promise<OpenedFile | undefined> {
  const disk = diskOf(path);
  return inTurnOf(disk, async () => {
    const stats = await stat(path);
    // Opening a pipe would wait for its other end; also that of one which takes the file's place now.
    if (!stats.isFile()) return undefined;
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return {
      size: stats.size,
      read: (...place) => inTurnOf(disk, () => handle.read(...place)),
      close: () => handle.close(),
    };
  });
}

/** What a file is on, as far as its path tells: the disk itself must not be asked. */
function diskOf(path: string): string {
  const { root } = parse(path);
  switch (process.platform) {
    case "linux":
      return mountPoints().reduce(
        (longest, mount) =>
          mount.length > longest.length && path.startsWith(`${mount}/`) ? mount : longest,
        root,
      );
    case "darwin":
      return /^\/Volumes\/[^/]+/.exec(path)?.[0] ?? root;
    default:
      // A drive, or a share with its server.
      return root;
  }
}

/** As Linux tells them in `/proc/self/mountinfo` (proc_pid_mountinfo(5)), in which some characters are octal. */
function mountPoints(): string[] {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) =>
        (line.split(" ")[4] ?? "").replace(/\\([0-7]{3})/g, (_, octal) =>
          String.fromCharCode(Number.parseInt(octal, 8)),
        ),
      );
  } catch {
    return [];
  }
}

import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { dirname } from "node:path";
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
  // Which device it is on, nobody knows before that has answered.
  return inTurnOf(dirname(path), async () => {
    const stats = await stat(path);
    // Opening a pipe would wait for its other end; also that of one which takes the file's place now.
    if (!stats.isFile()) return undefined;
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return {
      size: stats.size,
      read: (...place) => inTurnOf(String(stats.dev), () => handle.read(...place)),
      close: () => handle.close(),
    };
  });
}

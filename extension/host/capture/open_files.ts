import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { inTurnOf } from "./turns_of_disk.ts";

/** Why a file of a folder is not read although the system would let us. */
export class UnfitFileError extends Error {
  readonly reason: "notFile" | "replaced";

  constructor(reason: "notFile" | "replaced") {
    super(reason);
    this.reason = reason;
  }
}

/** What is read from any place; a FileHandle is one. */
export interface ReadableFile {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** Reads from any number of files with a few descriptors: the file that was used longest ago is closed first. */
export class OpenFiles {
  readonly #most: number;
  /** The one that was used last stands last. */
  readonly #handles = new Map<object, Promise<FileHandle>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** How many are open. */
  get size(): number {
    return this.#handles.size;
  }

  /** The file at `path`, opened when it is read; it throws an {@link UnfitFileError} where it is no file, or another one. */
  file(path: string): ReadableFile {
    const key = {};
    let identity: string | undefined;
    const openFile = async () => {
      // Opening a pipe would wait for its other end; only of what is open nobody can make something else.
      const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      try {
        const stats = await handle.stat();
        if (!stats.isFile()) throw new UnfitFileError("notFile");
        const found = `${stats.dev} ${stats.ino}`;
        identity ??= found;
        if (found !== identity) throw new UnfitFileError("replaced");
        return handle;
      } catch (error) {
        await handle.close();
        throw error;
      }
    };
    return {
      // Whoever takes its place meanwhile closes it behind this, and Node lets what is being read come to its end.
      read: (...place) =>
        inTurnOf(dirname(path), async () => (await this.#use(key, openFile)).read(...place)),
      close: () => this.#close(key),
    };
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#handles.keys()].map((key) => this.#close(key)));
  }

  #use(key: object, openFile: () => Promise<FileHandle>): Promise<FileHandle> {
    let handle = this.#handles.get(key);
    this.#handles.delete(key);
    if (!handle) {
      handle = openFile();
      const opening = handle;
      // Who reads is told; the next one tries again.
      opening.catch(() => {
        if (this.#handles.get(key) === opening) this.#handles.delete(key);
      });
    }
    this.#handles.set(key, handle);
    const [oldest] = this.#handles.keys();
    if (this.#handles.size > this.#most && oldest) void this.#close(oldest);
    return handle;
  }

  async #close(key: object): Promise<void> {
    const handle = this.#handles.get(key);
    this.#handles.delete(key);
    // Nothing was written: there is nothing that could be lost.
    await handle?.then((open) => open.close()).catch(() => {});
  }
}

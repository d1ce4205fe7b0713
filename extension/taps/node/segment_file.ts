import { join } from "node:path";
import type { FileSystem } from "./originals.ts";

/** How often another file is tried where one of that name exists: another machine's pid on a shared disk. */
const NAME_ATTEMPTS = 100;

/** One file of the capture folder, only ever appended to. */
export class SegmentFile {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #descriptor: number;
  #size = 0;

  private constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#path = path;
    this.#descriptor = fs.openSync(path, "wx", 0o600);
  }

  /**
   * Creates the first file that does not exist yet among those that `nextName` gives, readable by the
   * user alone. Exclusively: a link that somebody planted is never followed. Throws what the file system throws.
   */
  static create(fs: FileSystem, folder: string, nextName: () => string): SegmentFile {
    for (let attempt = 1; ; attempt++) {
      try {
        return new SegmentFile(fs, join(folder, nextName()));
      } catch (error) {
        const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
        if (!exists || attempt >= NAME_ATTEMPTS) throw error;
      }
    }
  }

  /** Bytes written. */
  get size(): number {
    return this.#size;
  }

  /** Somebody has deleted the file: what is written now is never seen. */
  get isDeleted(): boolean {
    return this.#fs.fstatSync(this.#descriptor).nlink === 0;
  }

  /** Writes all of `bytes` or, where that fails, throws and leaves the file as it was. */
  append(bytes: Uint8Array): void {
    let written = 0;
    try {
      while (written < bytes.length) {
        written += this.#fs.writeSync(this.#descriptor, bytes, written, bytes.length - written);
      }
    } catch (error) {
      // Half a block would make all that comes after it unreadable.
      this.#fs.ftruncateSync(this.#descriptor, this.#size);
      throw error;
    }
    this.#size += written;
  }

  /** A file that nothing could be written to is removed: a full disk must not fill with empty files. */
  close(): void {
    this.#fs.closeSync(this.#descriptor);
    if (this.#size === 0) this.#fs.unlinkSync(this.#path);
  }
}

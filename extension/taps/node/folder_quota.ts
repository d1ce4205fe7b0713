import { join } from "node:path";
import type { FileSystem } from "./originals.ts";

/** Other programs write into the folder too: after so many bytes of our own we look again. */
const MAX_ALLOWANCE = 16 * 1024 ** 2;

/** Beyond the quota, for blocks that say what is missing: a 64th of it, and never less than this. */
const MIN_RESERVE = 64 * 1024;

/** Keeps the capture folder within its quota, as far as programs that don't know each other can. */
export class FolderQuota {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #quota: number;
  #allowance = 0;
  /** Bytes in the folder when it was last looked at. */
  #used = 0;

  constructor(fs: FileSystem, folder: string, quota: number) {
    this.#fs = fs;
    this.#folder = folder;
    this.#quota = quota;
  }

  /** Bytes that may be written by what is known; {@link refresh} may know more. */
  get allowance(): number {
    return this.#allowance;
  }

  /** Whether `bytes` that describe, not record, fit into the reserve behind the quota. */
  admitsDescription(bytes: number): boolean {
    return this.#used + bytes <= this.#quota + Math.max(MIN_RESERVE, this.#quota / 64);
  }

  spend(bytes: number): void {
    this.#allowance -= bytes;
    this.#used += bytes;
  }

  /** Looks at the folder again. Throws what the file system throws. */
  refresh(): void {
    this.#allowance = 0;
    let used = 0;
    for (const name of this.#fs.readdirSync(this.#folder)) {
      // Between the listing and the look the owner of the folder may have deleted an old segment.
      used += this.#fs.statSync(join(this.#folder, name), { throwIfNoEntry: false })?.size ?? 0;
    }
    this.#used = used;
    const step = Math.min(MAX_ALLOWANCE, Math.max(MIN_RESERVE, this.#quota / 16));
    this.#allowance = Math.max(0, Math.min(step, this.#quota - used));
  }
}

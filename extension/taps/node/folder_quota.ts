import { join } from "node:path";
import { PAGE_BYTES, USAGE_FILE } from "../../core/wire/folder_usage.ts";
import type { FileSystem, Originals } from "./originals.ts";

/** Other programs write into the folder too: after so many bytes of our own we look again. */
const MAX_ALLOWANCE = 16 * 1024 ** 2;

/** Granted at once, so that who writes little asks once. */
const MIN_GRANT = 64 * 1024;

/** Beyond the quota, for blocks that say what is missing: a 64th of it, and never less than this. */
const MIN_RESERVE = 64 * 1024;

/** The files are not added up again for so many times as long as that took: a hundredth of the program's time is its due. */
const COUNT_PAUSE = 100;

/** Keeps the capture folder within its quota, as far as programs that don't know each other can; see {@link USAGE_FILE}. */
export class FolderQuota {
  readonly #fs: FileSystem;
  readonly #monotonicMs: () => number;
  readonly #folder: string;
  readonly #quota: number;
  #allowance = 0;
  /** What was granted last. */
  #granted = 0;
  /** Bytes in the folder when it was last looked at, and our own since. */
  #used = 0;
  #countAt = 0;

  constructor({ fs, monotonicMs }: Originals, folder: string, quota: number) {
    this.#fs = fs;
    this.#monotonicMs = monotonicMs;
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

  /**
   * Looks at the folder again, and takes as much of what is left as is missing to `bytes`, or more where there was need
   * of much before. Costs the same however many files there are. Throws what the file system throws.
   */
  refresh(bytes: number): void {
    const missing = bytes - this.#allowance;
    const descriptor = this.#openUsage(this.#fs.constants.O_APPEND);
    try {
      let pages = this.#fs.fstatSync(descriptor).size;
      // Nobody has written yet, or programs that were killed have not used what they were granted.
      if (pages === 0 || this.#left(pages) < missing) pages = this.#count(pages);
      this.#used = pages * PAGE_BYTES - this.#allowance;
      const step = Math.min(MAX_ALLOWANCE, Math.max(MIN_RESERVE, this.#quota / 16));
      const wanted = Math.max(missing, Math.min(step, Math.max(MIN_GRANT, 2 * this.#granted)));
      const most = Math.floor(this.#left(pages) / PAGE_BYTES);
      const granted = Math.max(0, Math.min(Math.ceil(wanted / PAGE_BYTES), most));
      if (granted > 0) this.#fs.writeSync(descriptor, new Uint8Array(granted), 0, granted);
      this.#granted = granted * PAGE_BYTES;
      this.#allowance += this.#granted;
    } finally {
      this.#fs.closeSync(descriptor);
    }
  }

  #left(pages: number): number {
    return this.#quota - pages * PAGE_BYTES;
  }

  /** Never behind a link that somebody planted, and nothing that would be waited for. */
  #openUsage(append: number): number {
    const { O_RDWR, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = this.#fs.constants;
    const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | append;
    const descriptor = this.#fs.openSync(join(this.#folder, USAGE_FILE), flags, 0o600);
    const stats = this.#fs.fstatSync(descriptor);
    if (stats.isFile() && stats.nlink === 1) return descriptor;
    this.#fs.closeSync(descriptor);
    throw new Error("Not our file");
  }

  /** The pages that there really are, with our own allowance, and notes them; those that are known where it was counted just now. */
  #count(known: number): number {
    const start = this.#monotonicMs();
    if (start < this.#countAt) return known;
    let bytes = 0;
    for (const name of this.#fs.readdirSync(this.#folder)) {
      if (name === USAGE_FILE) continue;
      // Between the listing and the look a window may have deleted an old segment.
      bytes += this.#fs.statSync(join(this.#folder, name), { throwIfNoEntry: false })?.size ?? 0;
    }
    const pages = Math.ceil((bytes + this.#allowance) / PAGE_BYTES);
    // Windows lets nobody cut a file that was opened for appending.
    const descriptor = this.#openUsage(0);
    try {
      this.#fs.ftruncateSync(descriptor, pages);
    } finally {
      this.#fs.closeSync(descriptor);
    }
    const end = this.#monotonicMs();
    this.#countAt = end + COUNT_PAUSE * (end - start);
    return pages;
  }
}

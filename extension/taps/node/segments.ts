import { dirname } from "node:path";
import { FolderQuota } from "./folder_quota.ts";
import type { FileSystem, Originals } from "./originals.ts";
import { isOwnFolder } from "./own_folder.ts";
import { SegmentFile } from "./segment_file.ts";
import type { Settings } from "./settings.ts";

/** After a failure, or with the quota used up, the folder is asked again at most once in so many milliseconds. */
const RETRY_MS = 1000;
/** A write that takes longer holds the program up noticeably. */
const SLOW_WRITE_MS = 50;
/** So many slow ones after each other are the disk's doing; one alone is a busy machine's, and costs no datagram. */
const SLOW_WRITES = 3;
/** Then the disk is left alone for so many times as long: a tenth of the program's time is its due. */
const REST_FACTOR = 9;

/**
 * The files that this thread writes in the capture folder. Nothing here throws: what can't be
 * written is refused, and after a pause tried again.
 */
export class Segments {
  readonly #originals: Originals;
  readonly #settings: Settings;
  readonly #quota: FolderQuota;
  readonly #nameOf: (segment: number) => string;
  #number = 0;
  #file: SegmentFile | undefined;
  #retryAt = 0;
  #lookAt = 0;
  #slowWrites = 0;
  #restUntil = 0;

  constructor(originals: Originals, settings: Settings, nameOf: (segment: number) => string) {
    this.#originals = originals;
    this.#settings = settings;
    this.#quota = new FolderQuota(originals, settings.folder, settings.quota);
    this.#nameOf = nameOf;
  }

  /** False for a while after a failure: a full disk must not cost the program anything. */
  get mayTry(): boolean {
    return this.#originals.monotonicMs() >= this.#retryAt;
  }

  /** True for a while after slow writes: what can wait in memory should. */
  get isResting(): boolean {
    return this.#originals.monotonicMs() < this.#restUntil;
  }

  /** Whether there is room for records of so many bytes in all that are not written yet. */
  admits(bytes: number): boolean {
    if (!this.mayTry) return false;
    if (bytes <= this.#quota.allowance) return true;
    if (this.isResting) return false;
    try {
      this.#prepareFolder();
      this.#timed(() => this.#quota.refresh(bytes));
    } catch {
      // Not a folder that we may use: the same as a full one.
    }
    if (bytes <= this.#quota.allowance) return true;
    this.#retryAt = this.#originals.monotonicMs() + RETRY_MS;
    return false;
  }

  /** Whether so many bytes that are not written yet are too many for the current segment. */
  isFull(bytes: number): boolean {
    return this.#size + bytes > this.#settings.segment;
  }

  /** Bytes that can be added before {@link admits} or {@link isFull} may say something else. */
  get room(): number {
    return Math.min(this.#quota.allowance, this.#settings.segment - this.#size);
  }

  get #size(): number {
    return this.#file?.size ?? 0;
  }

  /** Appends whole blocks to the current segment. False: nothing was kept and the segment has ended. */
  append(bytes: Uint8Array): boolean {
    try {
      if (this.#file && this.#wasDeleted(this.#file)) {
        this.end();
        return false;
      }
      if (!this.#admitsDescription(bytes.length)) throw new Error("The quota is used up");
      this.#file ??= this.#create();
      const file = this.#file;
      this.#timed(() => file.append(bytes));
      this.#quota.spend(bytes.length);
      return true;
    } catch {
      this.end();
      this.#retryAt = this.#originals.monotonicMs() + RETRY_MS;
      return false;
    }
  }

  /** A window may have made room since the folder was looked at. */
  #admitsDescription(bytes: number): boolean {
    if (!this.#quota.admitsDescription(bytes)) this.#timed(() => this.#quota.refresh(0));
    return this.#quota.admitsDescription(bytes);
  }

  /** Writes, and notes whether that was slow. */
  #timed(write: () => void): void {
    const before = this.#originals.monotonicMs();
    write();
    const after = this.#originals.monotonicMs();
    this.#slowWrites = after - before > SLOW_WRITE_MS ? this.#slowWrites + 1 : 0;
    if (this.#slowWrites >= SLOW_WRITES) this.#restUntil = after + (after - before) * REST_FACTOR;
  }

  /** The next block starts a new segment. */
  end(): void {
    const file = this.#file;
    this.#file = undefined;
    try {
      file?.close();
    } catch {
      // What could be written has been written.
    }
  }

  #create(): SegmentFile {
    this.#prepareFolder();
    return SegmentFile.create(this.#originals.fs, this.#settings.folder, () =>
      this.#nameOf(++this.#number),
    );
  }

  /** Makes it where it is missing; throws where others could put something there, or take it away. */
  #prepareFolder(): void {
    const { fs } = this.#originals;
    const { folder } = this.#settings;
    if (!fs.existsSync(folder)) makeFolder(fs, folder);
    if (!isOwnFolder(fs, folder)) throw new Error("Others can write there");
  }

  /** Looked at now and then only. */
  #wasDeleted(file: SegmentFile): boolean {
    const now = this.#originals.monotonicMs();
    if (now < this.#lookAt) return false;
    this.#lookAt = now + RETRY_MS;
    return file.isDeleted;
  }
}

/** With what it lies in; step by step, because Node's recursive mkdir never returns for /proc/x. */
function makeFolder(fs: FileSystem, folder: string): void {
  try {
    makeOneFolder(fs, folder);
  } catch (error) {
    const parent = dirname(folder);
    if (codeOf(error) !== "ENOENT" || parent === folder) throw error;
    makeFolder(fs, parent);
    makeOneFolder(fs, folder);
  }
}

/** A folder that another program has made at the same moment is as good. */
function makeOneFolder(fs: FileSystem, folder: string): void {
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

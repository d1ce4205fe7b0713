import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { CaptureSplitter } from "../../core/files/capture_splitter.ts";
import { formatSegmentName } from "../../core/wire/tap_identity.ts";

/** As long as the tap's: what is too old for the quota goes a segment at a time. */
const SEGMENT_BYTES = 32 * 2 ** 20;

/**
 * Writes what a capturing command puts out into the capture folder, as it comes: nothing is converted, and only whole
 * packets are written. A file ends after about {@link SEGMENT_BYTES} and where a new section begins.
 */
export class CommandFiles {
  readonly splitter = new CaptureSplitter();
  readonly #folder: string;
  readonly #pid: number;
  readonly #segmentBytes: number;
  #startMs = 0;
  #segment = 0;
  #file: FileHandle | undefined;
  #size = 0;

  /** @param pid the command's: as long as it runs, the last of its files is not given up. */
  constructor(folder: string, pid: number, segmentBytes = SEGMENT_BYTES) {
    this.#folder = folder;
    this.#pid = pid;
    this.#segmentBytes = segmentBytes;
  }

  /** Takes the next bytes of the output; throws what the file system throws. */
  async write(bytes: Uint8Array): Promise<void> {
    for (const piece of this.splitter.take(bytes)) {
      if (!piece.preamble) {
        await this.close();
        // Another section numbers its interfaces anew: to the panel it is another writer.
        this.#startMs = Math.max(Date.now(), this.#startMs + 1);
        this.#segment = 0;
      } else if (this.#size >= this.#segmentBytes) await this.close();
      this.#file ??= await this.#open(piece.preamble);
      await this.#file.writeFile(piece.bytes);
      this.#size += piece.bytes.length;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#size = 0;
    await file?.close();
  }

  async #open(preamble: Uint8Array | undefined): Promise<FileHandle> {
    const name = formatSegmentName({
      startMs: this.#startMs,
      pid: this.#pid,
      thread: "command",
      segment: ++this.#segment,
    });
    const file = await open(join(this.#folder, name), "wx", 0o600);
    if (preamble) await file.writeFile(preamble);
    return file;
  }
}

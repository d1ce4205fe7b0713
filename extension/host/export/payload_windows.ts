import type { CaptureSource } from "../capture/capture_source.ts";
import { OpenFiles, type ReadableFile } from "../capture/open_files.ts";

/** Bytes that are read at once: hundreds of datagrams, where they are small. */
const WINDOW_BYTES = 1 << 16;
/** Files that are read from at once: those of the programs that talk with each other. */
const MOST_WINDOWS = 32;

/** A stretch of a file that is in memory. */
interface Window {
  readonly file: ReadableFile;
  start: number;
  bytes: Uint8Array;
}

/**
 * Reads the payloads of many datagrams, nearly in the order in which they were recorded: a stretch of a file at a time instead of
 * each by itself, which takes five times as long. The first of each stretch is asked of the capture itself, and what is not to
 * be had so.
 */
export class PayloadWindows {
  readonly #source: Pick<CaptureSource, "capture" | "payload">;
  readonly #files = new OpenFiles(MOST_WINDOWS);
  /** Number of a file → its window; the one that was used last stands last. */
  readonly #windows = new Map<number, Window>();

  constructor(source: Pick<CaptureSource, "capture" | "payload">) {
    this.#source = source;
  }

  /** All captured bytes of a payload. */
  async payload(id: number): Promise<Uint8Array> {
    const { capture } = this.#source;
    if (!capture.has(id)) return this.#source.payload(id);
    const { file, offset, length, pieces } = capture.payloadPlace(id);
    if (pieces || length > WINDOW_BYTES) return this.#source.payload(id);
    const window = this.#windowOf(file);
    const from = offset - window.start;
    if (from >= 0 && from + length <= window.bytes.length) {
      return window.bytes.subarray(from, from + length);
    }
    await fill(window, offset);
    // Another file may have taken its name: what the capture reads is right, and tells whether the rest is.
    const payload = await this.#source.payload(id);
    if (!isEqual(payload, window.bytes.subarray(0, length))) window.bytes = new Uint8Array(0);
    return payload;
  }

  async close(): Promise<void> {
    this.#windows.clear();
    await this.#files.closeAll();
  }

  #windowOf(number: number): Window {
    const known = this.#windows.get(number);
    const { path } = this.#source.capture.files.get(number);
    const window = known ?? { file: this.#files.file(path), start: 0, bytes: new Uint8Array(0) };
    this.#windows.delete(number);
    this.#windows.set(number, window);
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > MOST_WINDOWS && oldest !== undefined) {
      void this.#windows.get(oldest)?.file.close();
      this.#windows.delete(oldest);
    }
    return window;
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** What was read before stays as it is: somebody may still write it down. A file that cannot be read has an empty window. */
async function fill(window: Window, start: number): Promise<void> {
  const bytes = new Uint8Array(WINDOW_BYTES);
  const read = await window.file
    .read(bytes, 0, bytes.length, start)
    .catch(() => ({ bytesRead: 0 }));
  window.start = start;
  window.bytes = bytes.subarray(0, read.bytesRead);
}

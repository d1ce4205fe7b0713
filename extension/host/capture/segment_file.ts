import type { PayloadPlace } from "../../core/capture/datagram_table.ts";
import { CaptureReader } from "../../core/files/capture_reader.ts";
import type { CaptureSink } from "../../core/files/capture_sink.ts";
import type { CaptureProblem } from "../../core/files/problem.ts";
import { FilePieces } from "./file_pieces.ts";
import type { ReadableFile } from "./open_files.ts";
import { piecesOf, readPieces } from "./payload_pieces.ts";

/** What is read at once holds no more datagrams: 44 bytes are the shortest record of one, in pcap. */
export const MOST_IN_CHUNK = 2 ** 15;

/**
 * Reads a capture file while it grows. Only whole packets are taken in; the half-written last one waits for its rest.
 */
export class SegmentFile {
  readonly path: string;
  readonly #reader: CaptureReader;
  readonly #file: ReadableFile;
  readonly #pieces: FilePieces;
  #offset = 0;
  #unfinished = 0;

  /** @param file is closed with this. */
  constructor(path: string, sink: CaptureSink, file: ReadableFile) {
    this.path = path;
    this.#reader = new CaptureReader(sink);
    this.#file = file;
    this.#pieces = new FilePieces(file);
  }

  /** Bytes taken in so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes behind {@link offset} that are no whole packet yet, when the file was read last. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** What is wrong with the file, once it was found out; nothing behind that is read. */
  get problem(): CaptureProblem | undefined {
    return this.#reader.problem;
  }

  /**
   * Takes in what was added since the last call, up to about one piece.
   *
   * @returns true when there may be more to read at once.
   */
  async readOn(): Promise<boolean> {
    if (this.problem !== undefined) return false;
    const { bytes, hasMore } = await this.#pieces.read(this.#offset);
    if (bytes.length === 0) {
      this.#unfinished = 0;
      this.rest();
      return hasMore;
    }
    const consumed = this.#reader.read(bytes, this.#offset);
    this.#offset += consumed;
    this.#unfinished = bytes.length - consumed;
    return hasMore || this.#reader.hasMore;
  }

  /** Reads the first `limit` bytes of a payload; fewer when the file ends before. */
  async payload(place: PayloadPlace, limit: number): Promise<Uint8Array> {
    // Exact size and not from a pool: it goes through postMessage, which would send the whole pool.
    const bytes = new Uint8Array(Math.min(place.length, limit));
    if (bytes.length === 0) return bytes;
    const bytesRead = await readPieces(this.#file, piecesOf(place), bytes);
    return bytesRead === bytes.length ? bytes : bytes.slice(0, bytesRead);
  }

  /** Nothing more is to be read for a while. */
  rest(): void {
    this.#pieces.rest();
  }

  /** A file that can be opened again is when it is read again. */
  async close(): Promise<void> {
    this.rest();
    await this.#file.close();
  }
}

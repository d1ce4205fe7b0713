import type { PayloadPlace } from "../../core/capture/datagram_table.ts";
import { CaptureReader } from "../../core/files/capture_reader.ts";
import type { CaptureSink } from "../../core/files/capture_sink.ts";
import type { CaptureProblem } from "../../core/files/problem.ts";
import type { ReadableFile } from "./open_files.ts";
import { piecesOf, readPieces } from "./payload_pieces.ts";

/** Bytes read at once: large enough to be quick, small enough that the event loop is free every few milliseconds. */
const CHUNK_BYTES = 1 << 20;
/** A chunk holds no more datagrams: 44 bytes are the shortest record of one, in pcap. */
export const MOST_IN_CHUNK = 2 ** 15;
/** Bytes read first: few, because nothing is compiled yet, and the first rows are waited for. */
const FIRST_CHUNK_BYTES = 1 << 17;

/** A buffer that nobody reads into now: of thousands of files, each would keep one of its own. */
let spare: Uint8Array<ArrayBuffer> | undefined;

/**
 * Reads a capture file while it grows. Only whole packets are taken in; the half-written last one waits for its rest.
 */
export class SegmentFile {
  readonly path: string;
  readonly #reader: CaptureReader;
  readonly #file: ReadableFile;
  #offset = 0;
  #unfinished = 0;
  #buffer = new Uint8Array(0);

  /** @param file is closed with this. */
  constructor(path: string, sink: CaptureSink, file: ReadableFile) {
    this.path = path;
    this.#reader = new CaptureReader(sink);
    this.#file = file;
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
   * Takes in what was added since the last call, up to about one chunk.
   *
   * @returns true when there may be more to read at once.
   */
  async readOn(): Promise<boolean> {
    if (this.problem !== undefined) return false;
    if (this.#buffer.length === 0) {
      const whole = spare ?? new Uint8Array(FIRST_CHUNK_BYTES);
      spare = undefined;
      this.#buffer = this.#offset === 0 ? whole.subarray(0, FIRST_CHUNK_BYTES) : whole;
    }
    const { bytesRead } = await this.#file.read(this.#buffer, 0, this.#buffer.length, this.#offset);
    if (bytesRead === 0) {
      this.#unfinished = 0;
      this.rest();
      return false;
    }
    const consumed = this.#reader.read(this.#buffer.subarray(0, bytesRead), this.#offset);
    this.#offset += consumed;
    this.#unfinished = bytesRead - consumed;
    const full = bytesRead === this.#buffer.length;
    // A block larger than the buffer: no progress would ever be made with this one.
    if (full && (consumed === 0 || this.#buffer.length < CHUNK_BYTES)) {
      this.#buffer = new Uint8Array(this.#buffer.length * 2);
    } else if (consumed > 0 && this.#buffer.length > CHUNK_BYTES) {
      this.#buffer = new Uint8Array(CHUNK_BYTES);
    }
    return full || this.#reader.hasMore;
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
    const { buffer } = this.#buffer;
    if (buffer.byteLength > 0 && buffer.byteLength <= CHUNK_BYTES) spare = new Uint8Array(buffer);
    this.#buffer = new Uint8Array(0);
  }

  /** A file that can be opened again is when it is read again. */
  async close(): Promise<void> {
    this.rest();
    await this.#file.close();
  }
}

import type { ReadableFile } from "./open_files.ts";

/** Bytes read at once: large enough to be quick, small enough that the event loop is free every few milliseconds. */
export const PIECE_BYTES = 1 << 20;
/** Bytes read first: few, because nothing is compiled yet, and the first rows are waited for. */
const FIRST_BYTES = 1 << 17;
/** What of one piece may be left for the next one that was read ahead: more than the block of any datagram. */
const MOST_LEFT = 1 << 17;

/** Part of a file: valid until the next one is asked for. */
export interface Piece {
  /** None at the end of the file. */
  readonly bytes: Uint8Array;
  /** There may be more behind it. */
  readonly hasMore: boolean;
}

/** Buffers that nobody reads into now: of thousands of files, each would keep some of its own. */
const spare: Uint8Array<ArrayBuffer>[] = [];
const MOST_SPARE = 2;

/** Reads a file from its start to its end, and the next piece of it while somebody looks at one. */
export class FilePieces {
  readonly #file: ReadableFile;
  #size = FIRST_BYTES;
  #buffer = new Uint8Array(0);
  /** The latest piece, and where in the file it starts. */
  #bytes = new Uint8Array(0);
  #start = 0;
  #isFull = false;
  #ahead:
    | { readonly buffer: Uint8Array<ArrayBuffer>; readonly bytesRead: Promise<number> }
    | undefined;

  /** @param file is not closed with this */
  constructor(file: ReadableFile) {
    this.#file = file;
  }

  /**
   * The bytes from `offset` on, which lies in the latest piece or at its end; more than those where nothing was taken of
   * it. Rejects with the system's error where they cannot be read.
   */
  async read(offset: number): Promise<Piece> {
    const left = this.#start + this.#bytes.length - offset;
    const isTaken = offset > this.#start && left <= MOST_LEFT;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead === undefined || !isTaken) return this.#readAt(offset, isTaken);
    const end = MOST_LEFT + (await ahead.bytesRead);
    ahead.buffer.set(this.#bytes.subarray(this.#bytes.length - left), MOST_LEFT - left);
    const free = this.#buffer;
    this.#buffer = ahead.buffer;
    this.#show(offset, ahead.buffer.subarray(MOST_LEFT - left, end), end === PIECE_BYTES);
    if (this.#isFull) this.#readAhead(free);
    // What a file grows by meanwhile may have been looked for too early.
    return { bytes: this.#bytes, hasMore: true };
  }

  /** Nothing more is to be read for a while. */
  rest(): void {
    this.#ahead = undefined;
    if (this.#buffer.length === PIECE_BYTES && spare.length < MOST_SPARE) spare.push(this.#buffer);
    this.#buffer = new Uint8Array(0);
    this.#show(this.#start, this.#buffer, false);
  }

  async #readAt(offset: number, isTaken: boolean): Promise<Piece> {
    const isStuck = offset === this.#start;
    if (this.#isFull && (isStuck || this.#size < PIECE_BYTES)) this.#size *= 2;
    else if (!isStuck && this.#size > PIECE_BYTES) this.#size = PIECE_BYTES;
    const size = this.#size;
    if (this.#buffer.length !== Math.max(size, PIECE_BYTES)) this.#buffer = bufferOf(size);
    const buffer = this.#buffer;
    const { bytesRead } = await this.#file.read(buffer, 0, size, offset);
    this.#show(offset, buffer.subarray(0, bytesRead), bytesRead === size);
    if (this.#isFull && isTaken && size === PIECE_BYTES) this.#readAhead(bufferOf(size));
    return { bytes: this.#bytes, hasMore: this.#isFull };
  }

  #readAhead(buffer: Uint8Array<ArrayBuffer>): void {
    const end = this.#start + this.#bytes.length;
    const read = this.#file.read(buffer, MOST_LEFT, PIECE_BYTES - MOST_LEFT, end);
    const bytesRead = read.then((result) => result.bytesRead);
    // Whoever asks for the piece is told; perhaps nobody does.
    bytesRead.catch(() => {});
    this.#ahead = { buffer, bytesRead };
  }

  #show(start: number, bytes: Uint8Array<ArrayBuffer>, isFull: boolean): void {
    this.#start = start;
    this.#bytes = bytes;
    this.#isFull = isFull;
  }
}

/** The memory of one that nothing was read into costs nothing. */
function bufferOf(size: number): Uint8Array<ArrayBuffer> {
  return size > PIECE_BYTES ? new Uint8Array(size) : (spare.pop() ?? new Uint8Array(PIECE_BYTES));
}

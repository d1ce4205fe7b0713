import { setImmediate as nextTurn } from "node:timers/promises";
import { loadDecoders } from "../../core/decode/load_decoders.ts";
import type { FieldNeedle, Needle } from "../../core/filter/needle.ts";
import { type OpenedFile, openFile } from "./opened_file.ts";
import { PayloadChunk } from "./payload_chunk.ts";
import { payloadFinder } from "./payload_finder.ts";
import { readPieces } from "./payload_pieces.ts";

/**
 * Datagrams whose payloads lie one behind the other in a file, in this order. New datagrams of a live capture are a new
 * run; the columns of the index serve as they are.
 */
export interface PayloadRun {
  readonly path: string;
  /** Bytes from the start of the file to where `offsets` count from; 0 when left out. */
  readonly start?: number;
  /** Where each payload starts, ascending. */
  readonly offsets: ArrayLike<number>;
  /** Bytes of each payload in the file. */
  readonly lengths: ArrayLike<number>;
  /** Of a single datagram in several pieces: offset in the file and length of one after the other. */
  readonly pieces?: Float64Array;
  /** The ports of each, which a protocol may be told by; none where it is left out. */
  readonly ports?: (payload: number) => readonly number[];
  /** True for one of which the file holds only the first bytes. */
  readonly isCut?: (payload: number) => boolean;
  /** Looks for fields that decoders find; left out: there are none. */
  readonly fieldOf?: (needle: FieldNeedle) => FieldOfPayloads;
}

/** A field of the payloads of a run, for one needle. */
export interface FieldOfPayloads {
  /** Whether the field of a payload, which lies in `bytes` from `start` to `end`, passes the needle's test. */
  passes(payload: number, bytes: Buffer, start: number, end: number): boolean;
  /** What the last call has cost, in reads of one number; a whole decoding costs more than may be done at once. */
  readonly cost: number;
}

/** What was found in a stretch of a run. */
export interface PayloadHits {
  /** Index into the runs. */
  readonly run: number;
  /** The datagrams that have been searched now: `from` up to, but not including, `to`. */
  readonly from: number;
  readonly to: number;
  /** For each needle the datagrams that hold it: indices into the run, ascending. */
  readonly hits: readonly (readonly number[])[];
}

/** A file that could not be searched, or not to its end: nothing was found there. */
export interface UnreadableFile {
  readonly path: string;
  readonly error: Error;
}

export interface PayloadSearchOptions {
  /** Called for each stretch, in order, until every datagram of every run has been searched. */
  readonly onHits: (hits: PayloadHits) => void;
  readonly signal?: AbortSignal;
  /** Bytes read at once: by default what is searched in about a millisecond, and costs little to read. */
  readonly chunkBytes?: number;
}

const CHUNK_BYTES = 1 << 20;
/** The event loop gets its turn after this long. */
const TURN_MS = 5;

/**
 * Looks for needles in the payloads of a capture, for all of them in one pass. A needle is found where it lies wholly
 * inside one payload.
 *
 * @returns the files that could not be read; their datagrams are reported as searched, without hits.
 * @throws the signal's reason once it is aborted; nothing is reported after that.
 */
export async function searchPayloads(
  runs: readonly PayloadRun[],
  needles: readonly Needle[],
  { onHits, signal, chunkBytes = CHUNK_BYTES }: PayloadSearchOptions,
): Promise<readonly UnreadableFile[]> {
  const asksDecoders = needles.some(({ kind }) => kind === "protocol");
  const decoders = asksDecoders ? await loadDecoders() : undefined;
  const finders = needles.map((needle) => payloadFinder(needle, decoders));
  const reader = new ChunkReader(runs, chunkBytes);
  let turnEnds = performance.now() + TURN_MS;
  const takeTurn = async () => {
    if (performance.now() < turnEnds) return;
    await nextTurn();
    signal?.throwIfAborted();
    turnEnds = performance.now() + TURN_MS;
  };
  try {
    signal?.throwIfAborted();
    for (let next = reader.read(); next; ) {
      const { run, chunk } = await next;
      signal?.throwIfAborted();
      // While this one is searched, the next one is read.
      next = reader.read();
      const hits: number[][] = [];
      for (const finder of finders) {
        const found: number[] = [];
        for (const _ of finder(chunk, found)) await takeTurn();
        hits.push(found);
        await takeTurn();
      }
      onHits({ run, from: chunk.from, to: chunk.to, hits });
      await takeTurn();
    }
    return reader.unreadable;
  } finally {
    await reader.close();
  }
}

/** Reads runs chunk by chunk, one ahead of what is searched. */
class ChunkReader {
  readonly unreadable: UnreadableFile[] = [];
  readonly #runs: readonly PayloadRun[];
  readonly #chunkBytes: number;
  #run = 0;
  #payload = 0;
  #reading: Promise<unknown> = Promise.resolve();
  readonly #buffers = [Buffer.alloc(0), Buffer.alloc(0)];
  #file: OpenedFile | undefined;
  #path: string | undefined;

  constructor(runs: readonly PayloadRun[], chunkBytes: number) {
    this.#runs = runs;
    this.#chunkBytes = chunkBytes;
  }

  /** The next chunk, which stays as it is until the one after the next is read; undefined at the end. */
  read(): Promise<{ run: number; chunk: PayloadChunk }> | undefined {
    while (this.#payload >= (this.#runs[this.#run]?.offsets.length ?? Number.POSITIVE_INFINITY)) {
      this.#run++;
      this.#payload = 0;
    }
    const number = this.#run;
    const run = this.#runs[number];
    if (!run) return undefined;
    const from = this.#payload;
    const to = chunkEnd(run, from, this.#chunkBytes);
    this.#payload = to;
    const reading = this.#read(run, from, to).then((chunk) => ({ run: number, chunk }));
    this.#reading = reading;
    return reading;
  }

  async close(): Promise<void> {
    await this.#reading;
    await this.#file?.close();
  }

  /** Never rejects: what cannot be read is an empty chunk, and noted. */
  async #read(run: PayloadRun, from: number, to: number): Promise<PayloadChunk> {
    const base = run.offsets[from] ?? 0;
    const length = (run.offsets[to - 1] ?? 0) + (run.lengths[to - 1] ?? 0) - base;
    const buffer = this.#nextBuffer(length);
    let bytesRead = 0;
    try {
      const file = await this.#open(run.path);
      const pieces = run.pieces ?? Float64Array.of((run.start ?? 0) + base, length);
      bytesRead = await readPieces(file, pieces, buffer.subarray(0, length));
      if (bytesRead < length) {
        const missing = `the last ${length - bytesRead} bytes of its datagrams are missing`;
        this.#note(run.path, new Error(`Cannot search all of ${run.path}: ${missing}`));
      }
    } catch (error) {
      this.#note(run.path, error instanceof Error ? error : new Error(String(error)));
    }
    return new PayloadChunk(buffer.subarray(0, bytesRead), base, run, from, to);
  }

  async #open(path: string): Promise<OpenedFile> {
    if (this.#file && this.#path === path) return this.#file;
    const last = this.#file;
    this.#file = undefined;
    await last?.close();
    this.#path = path;
    const file = await openFile(path);
    if (!file) throw new Error(`Cannot search all of ${path}: it is not a file`);
    this.#file = file;
    return file;
  }

  #nextBuffer(length: number): Buffer {
    const buffer = this.#buffers.shift() ?? Buffer.alloc(0);
    const fitting =
      buffer.length >= length ? buffer : Buffer.allocUnsafeSlow(Math.max(length, this.#chunkBytes));
    this.#buffers.push(fitting);
    return fitting;
  }

  #note(path: string, error: Error): void {
    if (!this.unreadable.some((file) => file.path === path)) this.unreadable.push({ path, error });
  }
}

/** The payload behind the last one that fits into a chunk with `from`; at least that one does. */
function chunkEnd({ offsets, lengths }: PayloadRun, from: number, chunkBytes: number): number {
  const end = (offsets[from] ?? 0) + chunkBytes;
  let to = from + 1;
  while (to < offsets.length && (offsets[to] ?? 0) + (lengths[to] ?? 0) <= end) to++;
  return to;
}

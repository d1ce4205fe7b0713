import { Capture } from "../../core/capture/capture.ts";
import { FileSink } from "../../core/capture/file_sink.ts";
import { DATAGRAM, MemoryGauge } from "../../core/capture/memory_gauge.ts";
import { isGzip, MAGIC_BYTES } from "../../core/files/capture_reader.ts";
import type { OtherPacketCounts } from "../../core/files/capture_sink.ts";
import { type CaptureProblem, captureProblem } from "../../core/files/problem.ts";
import { commitInTurns } from "./commit_in_turns.ts";
import { inTurns } from "./in_turns.ts";
import { openFile } from "./opened_file.ts";
import { MOST_IN_CHUNK, SegmentFile } from "./segment_file.ts";
import { UnpackedFile } from "./unpacked_file.ts";

/** What a gzip file may hold: more than anyone scrolls through, less than a disk. */
const MAX_UNPACKED_BYTES = 4 * 2 ** 30;
/** Datagrams that room is made for at most before they are seen. */
const MOST_GUESSED = 2 ** 24;
/** Flows that are remembered, at some 100 bytes each. */
const MOST_FLOWS = 2 ** 23;
/**
 * Bytes of memory that the content of a file may take however small the file is, and for each of its bytes that was read.
 * A datagram takes 45, and no network writes one into fewer than five packed bytes: its time alone takes two.
 */
const FREE_MEMORY = 2 ** 28;
const MEMORY_FOR_BYTE = 8;
const MIB = 2 ** 20;
/** Unpacked bytes that are worth reading. */
const UNPACKED_CHUNK = 1 << 20;

export interface ReadOptions {
  /** Ends reading; what has been read stays. */
  readonly signal?: AbortSignal;
  /** Waited for once the table has datagrams: whoever is to show them may need the processor first. */
  readonly firstShown?: Promise<void>;
  /** Told after each chunk, when its datagrams are in the table. */
  readonly onProgress?: (progress: ReadProgress) => void;
  /** Bytes that a gzip file may hold; 4 GiB unless given. */
  readonly maxUnpackedBytes?: number;
  /** Flows that are remembered; {@link MOST_FLOWS} unless given. */
  readonly mostFlows?: number;
  /** Bytes of memory that the content of a file may take however small it is; {@link FREE_MEMORY} unless given. */
  readonly freeMemory?: number;
}

/** How far the file has been read, in bytes of the file as it is on disk. */
export interface ReadProgress {
  readonly read: number;
  readonly total: number;
}

/** What was found in a capture file. */
export interface SavedCaptureSummary {
  readonly datagrams: number;
  readonly otherPackets: OtherPacketCounts;
  /** Each thing that kept us from reading all of the file; none where all was read. */
  readonly problems: readonly CaptureProblem[];
}

/** A capture file of any common writer: pcapng or pcap, plain or packed with gzip. It is never written to. */
export class SavedCapture {
  readonly path: string;
  readonly capture = new Capture();
  readonly #closing = new AbortController();
  #file: SegmentFile | undefined;
  #gauge: MemoryGauge | undefined;
  #unpacked: UnpackedFile | undefined;
  #reading: Promise<SavedCaptureSummary> | undefined;
  #mostFlows = MOST_FLOWS;
  #freeMemory = FREE_MEMORY;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Reads the file into {@link capture}, once; the event loop is held for a few milliseconds at most, and the first
   * chunk's datagrams are in the table when it has been read. Rejects with the system's error where the file cannot be
   * opened or read; what is wrong with its content is told in the result.
   */
  read(options: ReadOptions = {}): Promise<SavedCaptureSummary> {
    this.#reading ??= this.#read(options);
    return this.#reading;
  }

  /** The first `limit` bytes of a datagram's payload, or all that were captured. */
  async payload(id: number, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    if (!this.#file || this.#closing.signal.aborted) {
      throw new RangeError(`Cannot read datagram ${id}: ${this.path} is not open`);
    }
    return this.#file.payload(this.capture.payloadPlace(id), limit);
  }

  /** Ends reading, and removes what was unpacked. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reading?.catch(() => {});
    await this.#file?.close();
    await this.#unpacked?.close();
  }

  async #read(options: ReadOptions): Promise<SavedCaptureSummary> {
    const { signal, firstShown, onProgress = () => {} } = options;
    this.#mostFlows = options.mostFlows ?? MOST_FLOWS;
    this.#freeMemory = options.freeMemory ?? FREE_MEMORY;
    const isStopped = () => signal?.aborted === true || this.#closing.signal.aborted;
    const opened = await this.#open(options);
    if ("code" in opened) return this.#summary([opened]);
    const { file, sink, unpacked, total } = opened;
    const takeIn = async () => {
      for (let more = true; more && !isStopped(); ) {
        const isFirst = this.capture.length === 0;
        await inTurns(this.capture.makingRoom(MOST_IN_CHUNK));
        more = (await file.readOn()) && this.#full === undefined;
        await commitInTurns(this.capture);
        // Behind a problem nothing is read, however large the file is.
        if (isFirst && file.problem === undefined) await this.#makeRoom(file.offset, total);
        onProgress({ read: unpacked?.taken ?? file.offset, total });
        if (isFirst && more && this.capture.length > 0) await firstShown;
      }
    };
    const isDone = () => isStopped() || file.problem !== undefined || this.#full !== undefined;
    while (!isDone() && (await unpacked?.unpackOn())) {
      if ((unpacked?.size ?? 0) - file.offset >= UNPACKED_CHUNK) await takeIn();
    }
    await takeIn();
    // Nothing more will come: what has no receipt by now is lost, unless that may be in what was not read.
    const problems = this.#problems(isStopped(), total);
    if (problems.length > 0) sink.stop();
    await inTurns(this.capture.settling(Number.POSITIVE_INFINITY));
    return this.#summary(problems);
  }

  /** Why no more is read: the memory of the window is not the file's to fill. */
  get #full(): CaptureProblem | undefined {
    const { size: flows } = this.capture.flows;
    const offset = this.#file?.offset ?? 0;
    if (flows > this.#mostFlows) return captureProblem("flows", offset, this.#mostFlows);
    const read = this.#unpacked?.taken ?? offset;
    const memory = this.#gauge?.bytes(flows) ?? 0;
    if (memory <= this.#mostMemory(read)) return undefined;
    const mib = Math.ceil(memory / MIB);
    return this.#unpacked
      ? captureProblem("gzipMemory", offset, read, mib)
      : captureProblem("memory", offset, mib);
  }

  /** What the content of so many bytes on the disk may take. */
  #mostMemory(bytes: number): number {
    return this.#freeMemory + MEMORY_FOR_BYTE * bytes;
  }

  #summary(problems: readonly CaptureProblem[]): SavedCaptureSummary {
    const { length: datagrams, otherPackets } = this.capture;
    return { datagrams, otherPackets: { ...otherPackets }, problems };
  }

  /** As many datagrams to a byte as in the first chunk: growing bit by bit would copy the whole index several times. */
  async #makeRoom(read: number, total: number): Promise<void> {
    const { length } = this.capture;
    if (length === 0) return;
    const unpacked = this.#unpacked;
    // A guess, and a hostile file's to spoil: memory that is not used after all costs nothing, up to a point.
    const content = unpacked ? (total * unpacked.size) / unpacked.taken : total;
    const expected = Math.ceil((length / read) * content * 1.02);
    const most = Math.min(MOST_GUESSED, this.#mostMemory(total) / DATAGRAM);
    await inTurns(
      this.capture.growing(Math.ceil(Math.min(expected, most)) + MOST_IN_CHUNK, MOST_IN_CHUNK),
    );
  }

  async #open({ maxUnpackedBytes = MAX_UNPACKED_BYTES }: ReadOptions) {
    const opened = await openFile(this.path);
    if (!opened) return captureProblem("notFile");
    const magic = new Uint8Array(MAGIC_BYTES);
    try {
      await opened.read(magic, 0, MAGIC_BYTES, 0);
    } catch (error) {
      await opened.close();
      throw error;
    }
    try {
      if (isGzip(magic)) this.#unpacked = await UnpackedFile.create(opened, maxUnpackedBytes);
    } catch (error) {
      await opened.close();
      const { code = "" } = error as NodeJS.ErrnoException;
      return captureProblem("gzipNoRoom", 0, code);
    }
    const sink = new FileSink({
      capture: this.capture,
      file: this.capture.addFile(this.path),
      writer: this.path,
      clearedBefore: 0,
    });
    this.#gauge = new MemoryGauge(sink);
    this.#file = new SegmentFile(this.path, this.#gauge, this.#unpacked?.handle ?? opened);
    return { file: this.#file, sink, unpacked: this.#unpacked, total: opened.size };
  }

  #problems(isStopped: boolean, total: number): CaptureProblem[] {
    const unpacked = this.#unpacked;
    const offset = this.#file?.offset ?? 0;
    if (isStopped) {
      return [captureProblem("stopped", unpacked?.taken ?? offset, total)];
    }
    const found = [unpacked?.problem, this.#file?.problem, this.#full].filter(
      (it) => it !== undefined,
    );
    const size = unpacked?.size ?? total;
    if (found.length > 0) return found;
    if (size === 0) return [captureProblem("empty")];
    if (offset === size) return [];
    return [captureProblem("unfinished", size - offset, offset)];
  }
}

import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Capture } from "../../core/capture/capture.ts";
import type { PayloadPlace } from "../../core/capture/datagram_table.ts";
import { FileSink } from "../../core/capture/file_sink.ts";
import { parseSegmentName, type TapSegment } from "../../core/wire/tap_identity.ts";
import { type OpenFiles, UnfitFileError } from "./open_files.ts";
import { MOST_IN_CHUNK, SegmentFile } from "./segment_file.ts";

/**
 * What keeps us from showing all that a file holds. `spoiled`: behind some byte it makes no sense. `unfinished`: its
 * program ended in the midst of a write, and so many bytes at its end are no whole packet. `notFile`: a pipe or a folder
 * has its name. `replaced`, `shortened`: what was read of it is not there any more. `unreadable`: the system says why.
 */
export type SegmentTrouble =
  | { readonly kind: "spoiled"; readonly problem: NonNullable<SegmentFile["problem"]> }
  | { readonly kind: "unfinished"; readonly bytes: number }
  | { readonly kind: "notFile" | "replaced" | "shortened" }
  | { readonly kind: "unreadable"; readonly code: string };

/** What came of a look at a file. */
export type Look = "same" | "read" | "gone" | "changed";

export interface SegmentSurroundings {
  readonly capture: Capture;
  readonly files: OpenFiles;
  /** Called when a chunk was read and there is more, with at most so many datagrams, which is read when it has resolved. */
  readonly onChunk: (most: number) => Promise<void>;
}

/** One file of the capture folder, which is read while it grows. */
export class FollowedSegment {
  readonly name: string;
  readonly path: string;
  /** What is the same for all segments of one writer, and for no other writer's. */
  readonly writer: string;
  readonly identity: TapSegment;
  /** The number that the capture knows it by. */
  readonly number: number;
  readonly #surroundings: SegmentSurroundings;
  readonly #file: SegmentFile;
  readonly #sink: FileSink;
  #size = 0;
  #identity = "";
  #trouble: SegmentTrouble | undefined;
  /** Nothing is written to it any more, and it has been read to its end. */
  isFinished = false;
  /** It could not be removed when it was to be: nothing of it is shown any more. */
  isStuck = false;
  /** Datagrams that went because it is not the file that it was. */
  lost = 0;
  /** Bytes from its start that the user has cleared: what starts there is not in the table. */
  clearedBefore = 0;

  /** @param name one that is a segment's */
  constructor(folder: string, name: string, surroundings: SegmentSurroundings) {
    const identity = parseSegmentName(name);
    if (!identity) throw new RangeError(`Cannot follow ${name}: it is no segment`);
    const { startMs, pid, thread } = identity;
    this.name = name;
    this.path = join(folder, name);
    this.identity = identity;
    this.writer = `${startMs}-${pid}.${thread}`;
    this.#surroundings = surroundings;
    const { capture, files } = surroundings;
    this.number = capture.addFile(this.path);
    const segment = this;
    this.#sink = new FileSink({
      capture,
      file: this.number,
      writer: this.writer,
      get clearedBefore() {
        return segment.clearedBefore;
      },
      startedAt: startMs * 1000,
      isContinued: identity.segment > 1,
      // No tap wrote it, but a command that captures.
      isForeign: thread === "command",
    });
    this.#file = new SegmentFile(this.path, this.#sink, files.file(this.path));
  }

  /** Bytes that it had when it was looked at last. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of it that have been taken in. */
  get offset(): number {
    return this.#file.offset;
  }

  /** See {@link SegmentTrouble}; a last packet that is not whole is none while it may become so. */
  get trouble(): SegmentTrouble | undefined {
    if (this.#trouble) return this.#trouble;
    const { problem, unfinished } = this.#file;
    if (problem !== undefined) return { kind: "spoiled", problem };
    return this.isFinished && unfinished > 0
      ? { kind: "unfinished", bytes: unfinished }
      : undefined;
  }

  /**
   * Takes in what was added. `gone`: there is no such file any more. `changed`: it is not the one that it was, and what
   * was read of it has to go. Never throws, and never waits for anybody.
   */
  async look(): Promise<Look> {
    let stats: Stats;
    try {
      stats = await stat(this.path);
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#isSpent || this.isStuck) return "same";
    if (!stats.isFile()) return this.#change("notFile");
    const identity = `${stats.dev} ${stats.ino}`;
    const isOther = this.#identity !== "" && identity !== this.#identity;
    if (isOther || stats.size < this.offset) {
      this.#size = stats.size;
      return this.#change(isOther ? "replaced" : "shortened");
    }
    this.#identity = identity;
    if (stats.size === this.#size && this.#trouble === undefined) return "same";
    try {
      while (await this.#file.readOn()) await this.#surroundings.onChunk(MOST_IN_CHUNK);
      if (this.#file.problem !== undefined) this.#sink.stop();
      this.#size = Math.max(stats.size, this.offset);
      this.#trouble = undefined;
      return "read";
    } catch (error) {
      return this.#fail(error);
    } finally {
      this.#file.rest();
    }
  }

  payload(place: PayloadPlace, limit: number): Promise<Uint8Array> {
    return this.#file.payload(place, limit);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** What was read is not what is there: reading on would make something up. */
  get #isSpent(): boolean {
    const kind = this.#trouble?.kind;
    return kind === "notFile" || kind === "replaced" || kind === "shortened";
  }

  #fail(error: unknown): Look {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "gone";
    if (error instanceof UnfitFileError) return this.#change(error.reason);
    this.#trouble = { kind: "unreadable", code };
    return "same";
  }

  #change(kind: "notFile" | "replaced" | "shortened"): Look {
    this.#trouble = { kind };
    return "changed";
  }
}

import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { Capture } from "../../core/capture/capture.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { FileSink } from "../../core/capture/file_sink.ts";
import { setting } from "../base/settings.ts";
import { isWriterAlive } from "../system/processes.ts";
import { CaptureFolder } from "./capture_folder.ts";
import type { CaptureSource } from "./capture_source.ts";
import { folderObstacle } from "./folder_obstacle.ts";
import { SegmentFile } from "./segment_file.ts";
import { UnreadEnds } from "./unread_ends.ts";
import { isWritten } from "./written_segment.ts";

/** The watcher tells of new data at once; this is for what it misses, and notices programs that died. */
const SCAN_INTERVAL_MS = 500;
const MIB = 2 ** 20;
/** How long a record may take to get from the program into its file. */
const TAP_DELAY_MS = 100;
/** Several writes of the tap in a row are read together. */
const SETTLE_MS = 15;

/**
 * Follows the capture folder: finds new segments, reads what was added, and notices when a program is gone.
 * The folder is all it knows of the programs: whatever writes capture files into it is shown.
 */
export class LiveCapture implements CaptureSource, vscode.Disposable {
  readonly capture = new Capture();
  readonly isLive = true;
  readonly progress = undefined;
  readonly #folder: CaptureFolder;
  readonly #log: vscode.LogOutputChannel;
  /** File name → its reader. */
  readonly #segments = new Map<string, SegmentFile>();
  /** Capture file number → its reader. */
  readonly #byNumber: SegmentFile[] = [];
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires after datagrams, sockets or their states have changed. */
  readonly onDidChange = this.#changed.event;
  #cleared: Record<string, number> = {};
  #evicted = 0;
  #watcher: FSWatcher | undefined;
  #interval: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #passing: Promise<void> | undefined;
  /** Files that the watcher named since the last pass. */
  readonly #written = new Set<string>();
  #disposed = false;
  readonly #remark: string | undefined;
  /** Why programs cannot record now. */
  #obstacle: string | undefined;
  readonly #unreadEnds: UnreadEnds;

  /** @param remark What is to be said of the folder as long as the window is open. */
  constructor(folder: CaptureFolder, log: vscode.LogOutputChannel, remark?: string) {
    this.#folder = folder;
    this.#log = log;
    this.#unreadEnds = new UnreadEnds(log);
    this.#remark = remark;
  }

  get remarks(): string[] {
    const ofFolder = [this.#remark, this.#obstacle].filter((remark) => remark !== undefined);
    return [...ofFolder, ...this.#unreadEnds.texts];
  }

  /** Reads what is there, then follows. Resolves when everything that was there has been read. */
  async start(): Promise<void> {
    this.#cleared = { ...(await this.#folder.clearedMarks()) };
    await this.scan();
    if (this.#disposed) return;
    this.#interval = setInterval(() => void this.scan(), SCAN_INTERVAL_MS);
    try {
      this.#watcher = watch(this.#folder.path, (_event, name) => this.#scanSoon(name));
      this.#watcher.on("error", (error) =>
        this.#log.warn(`Cannot watch ${this.#folder.path}: ${error.message}`),
      );
    } catch (error) {
      this.#log.warn(
        `Cannot watch ${this.#folder.path}: ${String(error)}; looking every ${SCAN_INTERVAL_MS} ms`,
      );
    }
  }

  /** Takes in everything that is in the folder now. */
  scan(): Promise<void> {
    return this.#pass(async () => {
      // The taps write 20 ms after the first record at the latest; a busy machine gets some more.
      const written = (Date.now() - TAP_DELAY_MS) * 1000;
      for (const name of await this.#folder.segments()) await this.#readOn(this.#segment(name));
      await this.#noticeDeaths();
      await this.#noticeUnreadEnds();
      await this.#keepQuota();
      await this.#noticeObstacle();
      // Only now is everything read that was written before: what has no receipt yet is lost.
      if (this.capture.settle(written)) this.capture.touch();
    });
  }

  /** The first `limit` bytes of a datagram's payload, or all that were captured. */
  async payload(id: number, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    const { file, offset, length } = this.capture.payloadPlace(id);
    const segment = this.#byNumber[file];
    if (!segment) throw new RangeError(`Cannot read datagram ${id}: its file is gone`);
    return segment.payload(offset, Math.min(length, limit));
  }

  /** Datagrams that had to go because the capture folder was full. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Takes all datagrams out of the table and removes the files of programs that have ended. */
  async clear(): Promise<void> {
    await this.scan();
    // As a pass: another one would read a file anew between being forgotten and being removed.
    await this.#pass(() => this.#clear());
    this.#changed.fire();
  }

  /** A live capture is never read to its end. */
  cancel(): void {}

  dispose(): void {
    this.#disposed = true;
    this.#watcher?.close();
    clearInterval(this.#interval);
    clearTimeout(this.#settling);
    for (const segment of this.#segments.values()) void segment.close();
    this.#changed.dispose();
  }

  async #clear(): Promise<void> {
    this.capture.clear();
    this.#evicted = 0;
    const written = new Set([...this.capture.sockets.open()].map(({ program }) => program.writer));
    for (const [name, segment] of this.#segments) {
      if (written.has(CaptureFolder.writerOf(name))) this.#cleared[name] = segment.offset;
      else await this.#forget(name, segment);
    }
    await this.#folder.setClearedMarks(this.#cleared);
  }

  #scanSoon(name: string | null): void {
    if (name !== null && CaptureFolder.isSegment(name)) this.#written.add(name);
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      void this.#pass(async () => {
        const written = new Set(this.#written);
        this.#written.clear();
        // The watcher tells of a file that is gone, too.
        for (const name of await this.#folder.segments()) {
          if (written.has(name)) await this.#readOn(this.#segment(name));
        }
        // Not only with the next scan: a flood brings a hundred megabytes a second.
        await this.#keepQuota();
      });
    }, SETTLE_MS);
  }

  /** One pass at a time, whoever asks, so that no file is read twice at once. */
  async #pass(read: () => Promise<void>): Promise<void> {
    while (this.#passing) await this.#passing;
    if (this.#disposed) return;
    this.#passing = this.#readAndTell(read).finally(() => {
      this.#passing = undefined;
    });
    return this.#passing;
  }

  async #readAndTell(read: () => Promise<void>): Promise<void> {
    const { revision } = this.capture;
    try {
      await read();
    } catch (error) {
      this.#log.error(`Cannot read the capture folder ${this.#folder.path}: ${String(error)}`);
    }
    const added = this.capture.commit();
    if (added || this.capture.revision !== revision) this.#changed.fire();
  }

  /** The reader of a file; made, and the file thereby in the capture, when it is new. */
  #segment(name: string): SegmentFile {
    const known = this.#segments.get(name);
    if (known) return known;
    const path = join(this.#folder.path, name);
    const file = this.capture.addFile(path);
    const sink = new FileSink({
      capture: this.capture,
      file,
      writer: CaptureFolder.writerOf(name),
      clearedBefore: this.#cleared[name] ?? 0,
      startedAt: CaptureFolder.startOf(name),
      isForeign: CaptureFolder.isForeign(name),
    });
    const segment = new SegmentFile(path, sink);
    this.#segments.set(name, segment);
    this.#byNumber[file] = segment;
    return segment;
  }

  async #readOn(segment: SegmentFile): Promise<void> {
    try {
      while (await segment.readOn()) {
        if (this.capture.commit()) this.#changed.fire();
      }
    } catch (error) {
      this.#log.error(`Cannot read ${segment.path}: ${String(error)}`);
    }
  }

  /** A program that was killed could not write that its sockets are closed. */
  async #noticeDeaths(): Promise<void> {
    const open = new Map<string, CapturedSocket[]>();
    for (const socket of this.capture.sockets.open()) {
      const { writer } = socket.program;
      open.set(writer, [...(open.get(writer) ?? []), socket]);
    }
    for (const [writer, sockets] of open) {
      const [name, file] =
        [...this.#segments].find(([other]) => CaptureFolder.writerOf(other) === writer) ?? [];
      const pid = name === undefined ? undefined : CaptureFolder.pidOf(name);
      if (pid === undefined || file === undefined || (await isWriterAlive(pid, file.path)))
        continue;
      // What it wrote before it died must be in first: it may have opened or closed more.
      for (const [other, segment] of this.#segments) {
        if (CaptureFolder.writerOf(other) === writer) await this.#readOn(segment);
      }
      for (const socket of sockets) this.capture.sockets.closeLeftOpen(socket);
    }
  }

  async #noticeUnreadEnds(): Promise<void> {
    for (const [name, segment] of this.#segments) {
      const isNews = await this.#unreadEnds.look(name, segment, () => this.#readOn(segment));
      if (isNews) this.capture.touch();
    }
  }

  /** The programs have nobody to complain to, and a folder that nothing is written to looks like silence. */
  async #noticeObstacle(): Promise<void> {
    const obstacle = await folderObstacle(this.#folder.path);
    if (obstacle === this.#obstacle) return;
    this.#obstacle = obstacle;
    if (obstacle !== undefined) this.#log.warn(obstacle);
    this.capture.touch();
  }

  /** Gives up the oldest segments when there are too many bytes, but never the one that a program writes to. */
  async #keepQuota(): Promise<void> {
    const quota = setting("captureQuota") * MIB;
    const names = [...this.#segments.keys()].sort();
    let size = [...this.#segments.values()].reduce((sum, { offset }) => sum + offset, 0);
    const files = new Set<number>();
    for (const name of names) {
      const segment = this.#segments.get(name);
      if (size <= quota || !segment) break;
      if (isWritten(name, names, [...this.capture.sockets.open()])) continue;
      size -= segment.offset;
      files.add(this.#byNumber.indexOf(segment));
      await this.#forget(name, segment);
    }
    this.#evicted += this.capture.dropFiles(files);
    if (files.size > 0) this.capture.touch();
  }

  async #forget(name: string, segment: SegmentFile): Promise<void> {
    await segment.close();
    try {
      await this.#folder.remove(name);
    } catch (error) {
      // In a folder that is read-only now. It stays known: as a new file, all that is in it would be shown again.
      if (this.#cleared[name] === undefined) {
        this.#log.error(`Cannot remove ${segment.path}: ${String(error)}`);
      }
      this.#cleared[name] = segment.offset;
      return;
    }
    this.#segments.delete(name);
    this.#unreadEnds.forget(name);
    delete this.#cleared[name];
  }
}

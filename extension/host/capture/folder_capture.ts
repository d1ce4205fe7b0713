import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import type { Capture } from "../../core/capture/capture.ts";
import { isWriterAlive } from "../system/processes.ts";
import { CaptureFolder } from "./capture_folder.ts";
import { commitInTurns } from "./commit_in_turns.ts";
import { covers, evictedOf, type Marks, MarksFile, mergeMarks, NO_MARKS } from "./folder_marks.ts";
import type { FollowedSegment, SegmentTrouble } from "./followed_segment.ts";
import { inTurns } from "./in_turns.ts";
import { OpenFiles } from "./open_files.ts";

/** How long a record may take to get from the program into its file: 20 ms, and on a busy machine some more. */
const TAP_DELAY_MS = 100;
/** Descriptors that are used at most, whatever the folder holds. */
const MOST_OPEN_FILES = 32;
/** Files that the folder may hold; beyond that the oldest go. */
const MOST_FILES = 10_000;
/**
 * Sockets and flows that the index may hold, at some 400 bytes each; beyond that the oldest files go. A program that opens
 * a socket for each question has four millions in a gigabyte.
 */
const MOST_ENDS = 300_000;
/** Files that were read to their end and are looked at again in one turn: somebody we cannot see may write to them. */
const PATROL = 16;
/** A folder that has not changed for so long has the same files as long as it says that it has not. */
const SURE_AFTER_MS = 3000;
/** After so many turns it is not believed any more. */
const MOST_TURNS_UNLISTED = 20;
/** How often the folder is told to be in use. */
const KEEP_EVERY_MS = 600_000;

export interface FolderOptions {
  readonly folder: CaptureFolder;
  readonly capture: Capture;
  /** Bytes that the folder may hold. */
  readonly quota: () => number;
  /** Called after datagrams, sockets or what is told of the files have changed. */
  readonly onChange: () => void;
  readonly log: { warn(text: string): void };
  /** Milliseconds since 1970; the machine's clock unless told. */
  readonly now?: () => number;
  /** Whether the process that writes a file runs; asked of the system unless told. */
  readonly isAlive?: (pid: number, path: string) => Promise<boolean>;
  readonly mostFiles?: number;
  /** Sockets and flows in the index. */
  readonly mostEnds?: number;
}

/** One thread of one program, or a command that captures. */
interface Writer {
  readonly name: string;
  /** Its files that are still there. */
  readonly segments: Set<FollowedSegment>;
  /** Where it writes, as long as it runs: the others are done with. */
  last: FollowedSegment;
}

/**
 * The capture of a folder: what its files hold, without what was cleared or had to go. The folder is all it knows of the
 * programs, and of other windows that read along: each may remove a file at any time. It does nothing by itself; what
 * is there is taken in with each {@link look}, at a cost that does not depend on the files that are finished.
 */
export class FolderCapture {
  readonly #options: FolderOptions;
  readonly #capture: Capture;
  readonly #folder: CaptureFolder;
  readonly #marksFile: MarksFile;
  readonly #files = new OpenFiles(MOST_OPEN_FILES);
  /** File name → file. */
  readonly #segments = new Map<string, FollowedSegment>();
  readonly #writers = new Map<string, Writer>();
  /** Those that may be running. */
  readonly #living = new Set<Writer>();
  /** Those that may grow. */
  readonly #growing = new Set<FollowedSegment>();
  /** Those to be looked at again some time, the next first. */
  readonly #patrol = new Set<FollowedSegment>();
  /** Those of which nothing is shown, and nothing will be. */
  readonly #garbage = new Set<FollowedSegment>();
  readonly #troubled = new Map<FollowedSegment, SegmentTrouble>();
  /** Those that are not there any more. */
  readonly #missing = new Set<FollowedSegment>();
  /** Tells this window from others in {@link Marks.removed}. */
  readonly #window = randomUUID();
  #marks: Marks = NO_MARKS;
  /** What the file of marks said when it was read last. */
  #told: Marks = NO_MARKS;
  /** When the list of files was read last, as far as the folder tells. */
  #listed = { changedAt: 0, isSure: false, turns: 0 };
  #keptAt = 0;
  /** Fewer bytes are there than the programs know of; a window that opens tells at once. */
  #hasRemoved = true;
  /** What the log knows. */
  readonly #faults = new Set<string>();
  #passing: Promise<void> | undefined;
  #isDisposed = false;

  constructor(options: FolderOptions) {
    this.#options = options;
    this.#capture = options.capture;
    this.#folder = options.folder;
    this.#marksFile = new MarksFile(options.folder.path);
  }

  /** Datagrams that had to go since the capture was cleared, in whichever window that was noticed. */
  get evicted(): number {
    return evictedOf(this.#marks);
  }

  /** What keeps us from showing all that the files hold. */
  get troubled(): ReadonlyMap<FollowedSegment, SegmentTrouble> {
    return this.#troubled;
  }

  /** Descriptors that are open now. */
  get openFiles(): number {
    return this.#files.size;
  }

  /** Takes in everything that is in the folder now; verdicts are settled when all of it has been read. */
  look(): Promise<void> {
    return this.#pass(() => this.#look());
  }

  /** The same for files that have just been written to, by name: quicker, but it says nothing of the others. */
  lookAt(names: ReadonlySet<string>): Promise<void> {
    return this.#pass(async () => {
      // What the windows tell each other is understood with the list of files only.
      if ((await this.#marksFile.read()) !== this.#told) return this.#look();
      const written = [...names].filter(CaptureFolder.isSegment).sort();
      const segments: FollowedSegment[] = [];
      for (const name of written)
        segments.push(this.#segments.get(name) ?? (await this.#add(name)));
      await this.#endSuperseded();
      for (const segment of segments) await this.#lookAt(segment);
      await this.#giveUpMissing();
      // Not only with the next turn: a flood brings a hundred megabytes a second.
      await this.#keepQuota();
    });
  }

  /** Takes all datagrams out of the table, in all windows, and removes the files of programs that have ended. */
  clear(): Promise<void> {
    return this.#pass(async () => {
      await this.#look();
      const cleared = new Map(
        [...this.#segments.values()].map(({ name, isFinished, size, offset }) => [
          name,
          isFinished ? Math.max(size, offset) : offset,
        ]),
      );
      const all = { ...NO_MARKS, clears: this.#marks.clears + 1, cleared };
      this.#marks = mergeMarks(this.#marks, all);
      // The others first know of it, and then miss the files.
      await this.#tellMarks();
      await this.#applyMarks(true);
      this.#capture.touch();
      await this.#removeGarbage();
    });
  }

  /** The first `limit` bytes of a datagram's payload, or all that were captured. */
  async payload(id: number, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    const place = this.#capture.payloadPlace(id);
    const segment = this.#segments.get(basename(this.#capture.files.get(place.file).path));
    if (!segment) throw new RangeError(`Cannot read datagram ${id}: its file is gone`);
    return segment.payload(place, limit);
  }

  dispose(): void {
    this.#isDisposed = true;
    void this.#files.closeAll();
  }

  /** One pass at a time, whoever asks, so that no file is read twice at once. */
  async #pass(read: () => Promise<void>): Promise<void> {
    while (this.#passing) await this.#passing;
    if (this.#isDisposed) return;
    this.#passing = this.#readAndTell(read).finally(() => {
      this.#passing = undefined;
    });
    return this.#passing;
  }

  async #readAndTell(read: () => Promise<void>): Promise<void> {
    const { revision } = this.#capture;
    try {
      await read();
    } catch (error) {
      this.#fault("read", error);
    }
    const added = await commitInTurns(this.#capture);
    if (added || this.#capture.revision !== revision) this.#options.onChange();
    if (this.#isDisposed) await this.#files.closeAll();
  }

  async #look(): Promise<void> {
    const { now = Date.now } = this.#options;
    const written = (now() - TAP_DELAY_MS) * 1000;
    // Before the list: then what was given up by what is read here is missing there.
    const told = await this.#marksFile.read();
    await this.#compare(await this.#list());
    await this.#takeMarks(told);
    const ended = await this.#endedWriters();
    // The segments of a program in their order.
    for (const segment of [...this.#growing].sort(byName)) await this.#lookAt(segment);
    await this.#goOnPatrol();
    await this.#endSuperseded();
    this.#end(ended);
    await this.#giveUpMissing();
    await this.#keepFolder();
    await this.#removeGarbage();
    await this.#keepQuota();
    await this.#tellBytes();
    if (!covers(told, this.#marks)) await this.#tellMarks();
    // Only now is everything read that was written before: what has no receipt yet is lost.
    if (await inTurns(this.#capture.settling(written))) this.#capture.touch();
  }

  /**
   * The names of the files; undefined where they are those of before. None where somebody has removed the folder, which
   * is there again then.
   */
  async #list(): Promise<string[] | undefined> {
    try {
      const changedAt = await this.#folder.changedAt();
      // Some disks tell the time in steps of two seconds, and some not at all.
      const isSame = changedAt === this.#listed.changedAt && this.#listed.isSure;
      if (isSame && this.#listed.turns++ < MOST_TURNS_UNLISTED) return undefined;
      const isSure = Math.abs(Date.now() - changedAt) > SURE_AFTER_MS;
      this.#listed = { changedAt, isSure, turns: 0 };
      return await this.#folder.segments();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      this.#keptAt = 0;
      return [];
    }
  }

  async #compare(names: readonly string[] | undefined): Promise<void> {
    if (!names) return;
    for (const name of names) if (!this.#segments.has(name)) await this.#add(name);
    if (names.length === this.#segments.size) return;
    const listed = new Set(names);
    for (const segment of this.#segments.values()) {
      if (!listed.has(segment.name)) this.#missing.add(segment);
    }
    await this.#giveUpMissing();
  }

  /** Takes in what other windows have told. */
  async #takeMarks(told: Marks): Promise<void> {
    if (told === this.#told) return;
    this.#told = told;
    const before = this.#marks;
    this.#marks = mergeMarks(before, told);
    const isCleared = this.#marks.clears !== before.clears;
    if (isCleared || evictedOf(this.#marks) !== evictedOf(before)) this.#capture.touch();
    await this.#applyMarks(isCleared);
  }

  /**
   * Takes out of the table what was cleared.
   *
   * @param isCleared whether the user has cleared the capture, here or in another window
   */
  async #applyMarks(isCleared: boolean): Promise<void> {
    const { cleared } = this.#marks;
    const segments = [...this.#segments.values()].sort(byName);
    const raised = new Set(
      segments.filter(({ name, clearedBefore }) => (cleared.get(name) ?? 0) > clearedBefore),
    );
    this.#marks = this.#bounded(this.#marks);
    // Two windows may have cleared at once, and the other one has read further.
    const isAnew = isCleared || [...raised].some(({ isFinished }) => !isFinished);
    if (isAnew) {
      this.#capture.commit();
      this.#capture.clear();
    }
    for (const segment of segments) {
      if (raised.has(segment)) segment.clearedBefore = cleared.get(segment.name) ?? 0;
      // What was written since is shown, and counted, as after a reload: the file is read anew from its start.
      const from = isAnew ? segment.clearedBefore : 0;
      if (segment.offset > from && (isAnew || raised.has(segment))) await this.#restart(segment);
      else this.#noteGarbage(segment);
    }
  }

  /** Where there are many, without those of which no file is left. */
  #bounded(marks: Marks): Marks {
    const { mostFiles = MOST_FILES } = this.#options;
    if (marks.cleared.size <= mostFiles) return marks;
    const known = [...marks.cleared].filter(([name]) => this.#segments.has(name));
    return { ...marks, cleared: new Map(known) };
  }

  async #tellMarks(): Promise<void> {
    try {
      // A window that is gone by now may have told what nobody else knows.
      const all = mergeMarks(await this.#marksFile.read(), this.#marks);
      await this.#marksFile.write(this.#bounded(all));
    } catch (error) {
      // In a folder that is read-only now, or gone: then the next turn tells again.
      this.#fault("write", error);
    }
  }

  async #add(name: string): Promise<FollowedSegment> {
    // What reads capture files is loaded with the first of them.
    const { FollowedSegment } = await import("./followed_segment.ts");
    const segment = new FollowedSegment(this.#folder.path, name, {
      capture: this.#capture,
      files: this.#files,
      onChunk: async (most) => {
        if (await commitInTurns(this.#capture)) this.#options.onChange();
        await inTurns(this.#capture.makingRoom(most));
      },
    });
    segment.clearedBefore = this.#marks.cleared.get(name) ?? 0;
    this.#segments.set(name, segment);
    this.#growing.add(segment);
    const writer = this.#writers.get(segment.writer) ?? {
      name: segment.writer,
      segments: new Set(),
      last: segment,
    };
    this.#writers.set(writer.name, writer);
    this.#living.add(writer);
    writer.segments.add(segment);
    if (segment.identity.segment >= writer.last.identity.segment) writer.last = segment;
    return segment;
  }

  /** Forgets what was read of a file that is still there. */
  async #restart(segment: FollowedSegment): Promise<void> {
    await this.#drop([segment]);
    this.#forget(segment);
    await this.#add(segment.name);
  }

  async #lookAt(segment: FollowedSegment): Promise<void> {
    const look = await segment.look();
    if (look === "gone") this.#missing.add(segment);
    else if (look === "changed") segment.lost = await this.#drop([segment]);
    else if (look === "read" && segment.isFinished) {
      // Somebody writes to it after all.
      segment.isFinished = false;
      this.#patrol.delete(segment);
      this.#garbage.delete(segment);
      this.#growing.add(segment);
      const writer = this.#writers.get(segment.writer);
      if (writer) this.#living.add(writer);
    }
    this.#noteTrouble(segment);
  }

  async #goOnPatrol(): Promise<void> {
    for (const segment of [...this.#patrol].slice(0, PATROL)) {
      this.#patrol.delete(segment);
      this.#patrol.add(segment);
      await this.#lookAt(segment);
    }
  }

  /** The writers that do not run any more; asked before their files are read to the end. */
  async #endedWriters(): Promise<readonly Writer[]> {
    const { isAlive = isWriterAlive } = this.#options;
    const ended: Writer[] = [];
    for (const writer of this.#living) {
      const { identity, path } = writer.last;
      if (!(await isAlive(identity.pid, path))) ended.push(writer);
    }
    return ended;
  }

  /** What a writer had before its last file is done with: after it was seen to write the next one, it is read once more. */
  async #endSuperseded(): Promise<void> {
    for (const segment of [...this.#growing].sort(byName)) {
      if (this.#writers.get(segment.writer)?.last === segment) continue;
      await this.#lookAt(segment);
      this.#finish(segment);
    }
  }

  /** These are gone, and all that they wrote has been read: a program that was killed closes no socket. */
  #end(writers: readonly Writer[]): void {
    if (writers.length === 0) return;
    for (const writer of writers) {
      this.#living.delete(writer);
      for (const segment of writer.segments) this.#finish(segment);
      if (writer.segments.size === 0) this.#writers.delete(writer.name);
    }
    const names = new Set(writers.map(({ name }) => name));
    const { sockets } = this.#capture;
    for (const socket of [...sockets.open()]) {
      if (names.has(socket.program.writer)) sockets.closeLeftOpen(socket);
    }
  }

  #finish(segment: FollowedSegment): void {
    if (segment.isFinished) return;
    segment.isFinished = true;
    this.#growing.delete(segment);
    this.#patrol.add(segment);
    void segment.close();
    this.#noteGarbage(segment);
    this.#noteTrouble(segment);
  }

  #noteGarbage(segment: FollowedSegment): void {
    const { isFinished, clearedBefore, size } = segment;
    if (isFinished && clearedBefore > 0 && clearedBefore >= size) this.#garbage.add(segment);
  }

  #noteTrouble(segment: FollowedSegment): void {
    const { trouble } = segment;
    const known = this.#troubled.get(segment);
    if (JSON.stringify(trouble) === JSON.stringify(known)) return;
    if (trouble && this.#segments.has(segment.name)) this.#troubled.set(segment, trouble);
    else this.#troubled.delete(segment);
    this.#capture.touch();
  }

  /** Gives up what another window, or anybody, has removed: what was cleared is in the table no more. */
  async #giveUpMissing(): Promise<void> {
    if (this.#missing.size === 0) return;
    const missing = [...this.#missing];
    this.#missing.clear();
    await this.#evict(missing);
    for (const segment of missing) this.#forget(segment);
  }

  /** Gives up the oldest files where there is too much, but never the one that a program writes to. */
  async #keepQuota(): Promise<void> {
    const { quota, mostFiles = MOST_FILES, mostEnds = MOST_ENDS } = this.#options;
    const most = quota();
    const { sockets, flows } = this.#capture;
    let count = this.#segments.size;
    let size = this.#bytes;
    let ends = sockets.size + flows.size;
    const isEnough = () => size <= most && count <= mostFiles && ends <= mostEnds;
    if (isEnough()) return;
    const oldest = [...this.#segments.values()].sort(byName);
    const given: FollowedSegment[] = [];
    for (const segment of oldest) {
      if (isEnough()) break;
      if (!segment.isFinished) continue;
      // Which of them are in no other file, nobody knows before it is gone: its share, then.
      ends -= (ends * segment.size) / size;
      size -= segment.size;
      count--;
      if (!segment.isStuck) given.push(segment);
    }
    if (given.length === 0) return;
    const own: FollowedSegment[] = [];
    const others: FollowedSegment[] = [];
    for (const segment of given) ((await this.#remove(segment)) ? own : others).push(segment);
    const evicted = await this.#evict(own);
    const removed = new Map(this.#marks.removed);
    removed.set(this.#window, (removed.get(this.#window) ?? 0) + evicted);
    this.#marks = { ...this.#marks, removed };
    await this.#evict(others);
    await this.#tellMarks();
    await this.#tellBytes();
  }

  /** The bytes of all files. */
  get #bytes(): number {
    let bytes = 0;
    for (const segment of this.#segments.values()) bytes += segment.size;
    return bytes;
  }

  /** What was removed is room for the programs, and so is what they were granted and did not use. */
  async #tellBytes(): Promise<void> {
    const isFull = (await this.#folder.toldBytes()) > this.#options.quota();
    if (!this.#hasRemoved && !isFull) return;
    this.#hasRemoved = false;
    await this.#folder.tellBytes(this.#bytes).catch((error) => this.#fault("write", error));
  }

  /** Returns how many datagrams go with these files. */
  async #evict(segments: readonly FollowedSegment[]): Promise<number> {
    if (segments.length === 0) return 0;
    const datagrams = await this.#drop(segments);
    this.#marks = { ...this.#marks, evicted: this.#marks.evicted + datagrams };
    this.#capture.touch();
    return datagrams;
  }

  /** Takes what is shown of these files out of the table; returns how many datagrams that were. */
  async #drop(segments: readonly FollowedSegment[]): Promise<number> {
    await commitInTurns(this.#capture);
    return inTurns(this.#capture.dropping(new Set(segments.map(({ number }) => number))));
  }

  async #removeGarbage(): Promise<void> {
    if (this.#garbage.size === 0) return;
    const garbage = [...this.#garbage];
    this.#garbage.clear();
    await this.#drop(garbage);
    for (const segment of garbage) await this.#remove(segment);
  }

  /** Removes a file of which nothing is to be in the table any more; true where it was there, and is not now. */
  async #remove(segment: FollowedSegment): Promise<boolean> {
    try {
      // What is no file was put there by somebody else.
      if (segment.trouble?.kind !== "notFile") {
        const isOurs = await this.#folder.remove(segment.name);
        this.#forget(segment);
        return isOurs;
      }
    } catch (error) {
      if (!segment.isStuck) this.#options.log.warn(`Cannot remove ${segment.path}: ${error}`);
    }
    // In a folder that is read-only now. It stays known: as a new file, all that is in it would be shown again.
    segment.isStuck = true;
    segment.clearedBefore = Math.max(segment.clearedBefore, segment.size);
    const cleared = new Map([[segment.name, segment.clearedBefore]]);
    this.#marks = mergeMarks(this.#marks, { ...this.#marks, cleared });
    return false;
  }

  #forget(segment: FollowedSegment): void {
    this.#hasRemoved = true;
    void segment.close();
    this.#segments.delete(segment.name);
    for (const set of [this.#growing, this.#patrol, this.#garbage]) set.delete(segment);
    if (this.#troubled.delete(segment)) this.#capture.touch();
    const writer = this.#writers.get(segment.writer);
    writer?.segments.delete(segment);
    // One that runs may have sockets open: it is asked after until it ends.
    if (writer?.segments.size === 0 && !this.#living.has(writer)) this.#writers.delete(writer.name);
  }

  /** Says that the folder is in use, now and then, and makes it again where it is gone. */
  async #keepFolder(): Promise<void> {
    const { now = Date.now } = this.#options;
    if (Math.abs(now() - this.#keptAt) < KEEP_EVERY_MS) return;
    this.#keptAt = now();
    await this.#folder.keep(new Date(now())).catch((error) => this.#fault("write", error));
  }

  /** A fault that stays is told in the log once. */
  #fault(what: "read" | "write", error: unknown): void {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const fault = `${what} ${code}`;
    if (this.#faults.has(fault)) return;
    this.#faults.add(fault);
    this.#options.log.warn(`Cannot ${what} the capture folder ${this.#folder.path}: ${code}`);
  }
}

/** Names begin with the time: the oldest first. */
function byName(one: FollowedSegment, other: FollowedSegment): number {
  return one.name < other.name ? -1 : 1;
}

import type { Direction, Refusal } from "../../core/files/capture_sink.ts";
import { MAX_DESCRIPTION_BLOCK } from "../../core/files/pcapng/writer.ts";
import {
  formatProcess,
  formatSegmentName,
  formatSocket,
  RECONSTRUCTED_HEADERS,
} from "../../core/wire/tap_identity.ts";
import type { PacketAddress } from "./address_cache.ts";
import { BlockBuffer, BUFFER_BYTES } from "./block_buffer.ts";
import { Clock, type RecorderClock } from "./clock.ts";
import { UNFINISHED } from "./dgram_errors.ts";
import { neverThrows } from "./never_throws.ts";
import type { Originals } from "./originals.ts";
import type { Program } from "./program.ts";
import { Segments } from "./segments.ts";
import type { Settings } from "./settings.ts";
import { type LocalEnd, TappedSocket, UNDESCRIBED } from "./tapped_socket.ts";

/** How long a block stays in memory at most. */
const FLUSH_MS = 20;
/** The same in a worker thread, which may be ended at any moment and learns nothing of it. */
const WORKER_FLUSH_MS = 1;
/** How often the drops of open sockets are told while there is no datagram that could tell them. */
const TELL_DROPS_MS = 1000;
/** Closed sockets that wait for a folder which takes their end; the oldest beyond that are told as one. */
const MAX_WAITING = 4096;
const OTHERS = {
  name: "other sockets",
  address: { ipv4: 0, ipv6: undefined },
  port: 0,
} as const satisfies LocalEnd;

/** Writes what a thread's sockets do into the capture folder. Nothing here throws because of the folder. */
export class Recorder {
  readonly clock: RecorderClock;
  /** Records that wait for the outcome of a send. */
  readonly unfinished = new Set<(outcome: unknown) => void>();
  readonly #isDebugged: Originals["isDebugged"];
  readonly #setTimeout: Originals["setTimeout"];
  readonly #setImmediate: Originals["setImmediate"];
  readonly #program: Program;
  readonly #segments: Segments;
  readonly #buffer: BlockBuffer;
  /** Bound, and not yet seen off in a file. */
  readonly #sockets = new Set<TappedSocket>();
  /** Stands for the sockets that had to be forgotten; no socket has the number 0. */
  readonly #others = new TappedSocket(0, []);
  /** The buffer or the file has the section header; interfaces are numbered from there. */
  #isStarted = false;
  #hasDatagrams = false;
  #interfaces = 0;
  /** Up to so many bytes in the buffer, a datagram needs no second thought. */
  #limit = 0;
  #flushIsDue = false;
  #tellingIsDue = false;
  #isFinished = false;

  constructor(
    settings: Settings,
    program: Program,
    originals: Originals,
    clock: RecorderClock = new Clock(originals),
  ) {
    this.clock = clock;
    this.#isDebugged = originals.isDebugged;
    this.#setTimeout = originals.setTimeout;
    this.#setImmediate = originals.setImmediate;
    const startMs = Math.floor(this.clock.now() / 1000);
    const { pid, thread } = program.process;
    this.#program = program;
    this.#buffer = new BlockBuffer(settings.snapLength);
    this.#segments = new Segments(originals, settings, (segment) =>
      formatSegmentName({ startMs, pid, thread, segment }),
    );
  }

  /** What there is goes to a file now, and there is room for some datagrams behind it. */
  begin(): void {
    this.#segments.admits(this.#buffer.used + 1);
    this.flush();
  }

  /** The socket was bound, or its local end is another one now. */
  bound(socket: TappedSocket, local: LocalEnd): void {
    const { name } = local;
    const isNew = socket.local?.name !== name || !this.#sockets.has(socket);
    socket.local = local;
    socket.endTime = undefined;
    socket.isEndTold = false;
    this.#sockets.add(socket);
    if (!isNew) return;
    const isBound = socket.startTime === undefined;
    socket.startTime ??= this.clock.now();
    if (!this.#isStarted) this.#tryStart();
    else {
      this.#describe(socket, name, socket.comments);
      if (isBound) this.#writeStatistics(socket);
    }
    this.#flushSoon();
  }

  /** The socket could not be bound to what `name` says. At once in the file: somebody waits for it. */
  bindFailed(socket: TappedSocket, name: string, reason: string): void {
    if (!this.#tryStart()) return;
    const id = this.#describe(socket, name, [...socket.comments, reason]);
    socket.interfaceId = UNDESCRIBED;
    const time = this.clock.now();
    if (this.#makeRoom()) this.#buffer.addStatistics({ id, endTime: time }, time);
    this.flush();
  }

  /** A datagram passed the socket, which is bound; a `comment` says what was odd about it. */
  datagram(
    socket: TappedSocket,
    direction: Direction,
    time: number,
    peer: PacketAddress,
    peerPort: number,
    payload: Uint8Array,
    comment: string,
  ): void {
    const { local } = socket;
    const length = this.#buffer.lengthOf(peer, payload, comment);
    if (!local || (this.#buffer.used + length > this.#limit && !this.#admits(length))) {
      socket.drop();
      this.#tellDropsLater();
      return;
    }
    const { interfaceId, untoldDrops } = socket;
    this.#buffer.addDatagram(
      interfaceId,
      direction,
      time,
      local,
      peer,
      peerPort,
      payload,
      untoldDrops,
      comment,
    );
    socket.keep();
    if (!this.#flushIsDue || this.#isFinished) this.#flushSoon();
  }

  /** Says something more about the socket, for good. */
  remark(socket: TappedSocket, comment: string): void {
    socket.comments.push(comment);
    if (!socket.local || !this.#isStarted || !this.#sockets.has(socket)) return;
    this.#describe(socket, socket.local.name, socket.comments);
    this.#flushSoon();
  }

  /** A datagram passed the socket that cannot be recorded. */
  missed(socket: TappedSocket): void {
    socket.drop();
    this.#tellDropsLater();
  }

  /**
   * The network has refused a datagram of `length` bytes that the socket sent to its peer. Where there is no room for that, it is
   * not told: it is no datagram, and none is missing.
   */
  refused(
    socket: TappedSocket,
    time: number,
    peer: PacketAddress,
    peerPort: number,
    length: number,
    refusal: Refusal,
    comment: string,
  ): void {
    const { local } = socket;
    const bytes = this.#buffer.refusalLengthOf(peer, comment);
    if (!local || (this.#buffer.used + bytes > this.#limit && !this.#admits(bytes))) return;
    const { interfaceId } = socket;
    this.#buffer.addRefusal(interfaceId, time, local, peer, peerPort, length, refusal, comment);
    if (!this.#flushIsDue || this.#isFinished) this.#flushSoon();
  }

  closed(socket: TappedSocket): void {
    if (!this.#sockets.has(socket)) return;
    socket.endTime = this.clock.now();
    if (this.#isStarted) this.#writeStatistics(socket);
    else this.#forgetWaiting();
    this.#flushSoon();
  }

  /** The program ends: so do its sockets. What comes after this is written at once. */
  finish(): void {
    for (const finish of this.unfinished) finish(UNFINISHED);
    this.#isFinished = true;
    for (const socket of this.#sockets) if (socket.endTime === undefined) this.closed(socket);
    // What could not be told so far has its last chance.
    if (!this.#isStarted && this.#sockets.size > 0) this.#startSegment();
    this.flush();
  }

  /** The same for a program that this process outlives. */
  close(): void {
    this.finish();
    this.#segments.end();
  }

  flush(): void {
    if (this.#buffer.used === 0) return;
    const isKept = this.#segments.append(this.#buffer.blocks);
    this.#buffer.clear();
    this.#limit = 0;
    if (!isKept) this.#isStarted = false;
    for (const socket of this.#sockets) {
      if (!isKept) socket.loseUnflushed();
      else if (socket.isEndTold) this.#forget(socket);
      else socket.keepUnflushed();
    }
    if (!isKept) this.#tellDropsLater();
    this.clock.adjust();
  }

  /**
   * Makes everything ready for a datagram block of `length` bytes; false where it can't be kept. Sets how
   * far the buffer may grow before all this has to be thought about again.
   */
  #admits(length: number): boolean {
    if (!this.#segments.admits(this.#buffer.used + length)) return false;
    const isFull = !this.#buffer.hasRoom(length);
    // A slow disk must not hold the program up with each datagram.
    if (isFull && this.#segments.isResting) return false;
    if (isFull) this.flush();
    if (this.#hasDatagrams && this.#segments.isFull(this.#buffer.used + length)) {
      this.flush();
      this.#segments.end();
      this.#isStarted = false;
    }
    if (!this.#isStarted) {
      this.#startSegment();
      if (!this.#buffer.hasRoom(length)) this.flush();
    }
    this.#limit = Math.min(this.#segments.room, BUFFER_BYTES);
    this.#hasDatagrams = this.#isStarted;
    return this.#isStarted;
  }

  /** Starts a segment where there is none; false where that has just failed, so that it is tried later. */
  #tryStart(): boolean {
    if (this.#isStarted) return true;
    if (this.#segments.mayTry) this.#startSegment();
    else this.#tellDropsLater();
    return this.#isStarted;
  }

  /**
   * Each segment is a capture file of its own: all sockets are described again, with what they have counted so far. Who
   * does not have the segments before it knows by that from when on nothing is missing.
   */
  #startSegment(): void {
    this.#isStarted = true;
    this.#hasDatagrams = false;
    this.#interfaces = 0;
    this.#limit = 0;
    this.#buffer.addSection({
      application: formatProcess(this.#program.process),
      os: `${process.platform} ${process.arch}`,
      comments: [RECONSTRUCTED_HEADERS],
    });
    for (const socket of this.#sockets) {
      socket.interfaceId = UNDESCRIBED;
      socket.isEndTold = false;
    }
    for (const socket of this.#sockets) {
      if (socket.local) this.#describe(socket, socket.local.name, socket.comments);
      this.#writeStatistics(socket);
    }
  }

  /** Returns the interface's number, or {@link UNDESCRIBED} where there was no room for it. */
  #describe(socket: TappedSocket, name: string, comments: readonly string[]): number {
    if (!this.#makeRoom()) return UNDESCRIBED;
    const { pid, thread } = this.#program.process;
    const program = this.#program.name;
    const description = formatSocket({ program, pid, thread, socket: socket.number });
    socket.interfaceId = this.#interfaces++;
    this.#buffer.addInterface({ id: socket.interfaceId, name, description, comments });
    return socket.interfaceId;
  }

  #writeStatistics(socket: TappedSocket): void {
    if (!this.#makeRoom() || socket.interfaceId === UNDESCRIBED) return;
    this.#buffer.addStatistics(socket.statistics(), this.clock.now());
  }

  /** Room for a block that describes; false where the segment could not be written and has ended. */
  #makeRoom(): boolean {
    if (!this.#buffer.hasRoom(MAX_DESCRIPTION_BLOCK)) this.flush();
    return this.#isStarted;
  }

  #flushSoon(): void {
    if (this.#isFinished) this.flush();
    if (this.#flushIsDue) return;
    // At a breakpoint in the program's handler no timer comes, and what it is about is to be seen there.
    if (this.#isDebugged() && !this.#segments.isResting) {
      this.flush();
      return;
    }
    this.#flushIsDue = true;
    let isDue = true;
    const flush = (): void => {
      if (!isDue) return;
      isDue = false;
      this.#flushIsDue = false;
      if (this.#segments.isResting) this.#flushSoon();
      else this.flush();
    };
    const isWorker = this.#program.process.thread > 0;
    this.#runLater(isWorker ? WORKER_FLUSH_MS : FLUSH_MS, flush);
    // After each turn of its event loop. What a timer has sent would wait there for what comes next: without a reference
    // this ends no waiting, as the timer above does.
    if (isWorker) this.#setImmediate(() => neverThrows(flush)).unref();
  }

  #tellDropsLater(): void {
    if (this.#tellingIsDue) return;
    this.#tellingIsDue = true;
    this.#runLater(TELL_DROPS_MS, () => {
      this.#tellingIsDue = false;
      this.#tellDrops();
    });
  }

  #tellDrops(): void {
    if (!this.#segments.isResting && this.#tryStart()) {
      for (const socket of this.#sockets) if (socket.hasUntoldDrops) this.#writeStatistics(socket);
      this.flush();
    }
    for (const socket of this.#sockets) if (socket.hasUntoldDrops) this.#tellDropsLater();
  }

  /** Runs `task` after a while, if the program is still there: the timer does not keep it alive. */
  #runLater(delayMs: number, task: () => void): void {
    const setTimeout = this.#setTimeout;
    setTimeout(() => neverThrows(task), delayMs).unref();
  }

  #forgetWaiting(): void {
    // Not with each socket: to look through all of them takes its time.
    if (this.#sockets.size < 2 * MAX_WAITING) return;
    let waiting = 0;
    for (const { endTime } of this.#sockets) if (endTime !== undefined) waiting++;
    for (const socket of this.#sockets) {
      if (waiting <= MAX_WAITING) return;
      if (socket.endTime === undefined || socket === this.#others) continue;
      this.#others.local = OTHERS;
      this.#others.endTime = socket.endTime;
      this.#others.absorb(socket);
      this.#sockets.add(this.#others);
      this.#forget(socket);
      waiting--;
    }
  }

  #forget(socket: TappedSocket): void {
    this.#sockets.delete(socket);
    socket.local = undefined;
  }
}

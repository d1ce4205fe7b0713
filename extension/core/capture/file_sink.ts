import {
  type CaptureSink,
  type DatagramRecord,
  Direction,
  type InterfaceRecord,
  type OtherPacket,
  type SectionRecord,
  type StatisticsRecord,
} from "../files/capture_sink.ts";
import { BIND_FAILED, parseProcess, parseSocket, type TapSocket } from "../wire/tap_identity.ts";
import type { Capture } from "./capture.ts";
import { type CapturedProgram, type CapturedSocket, parseEndpoint } from "./captured_socket.ts";
import { MAX_FILE_PART } from "./datagram_table.ts";
import { payloadDigest } from "./digest.ts";

/** What several files of one writer share: the same socket goes on in the next segment. */
export class WriterRegistry {
  readonly #sockets = new Map<string, CapturedSocket>();

  /** The socket that this writer calls so, made by `create` when it is new. */
  socket(writer: string, tapped: TapSocket, create: () => CapturedSocket): CapturedSocket {
    // Files of several programs may have been merged into one.
    const key = `${writer} ${tapped.pid}.${tapped.thread} ${tapped.socket}`;
    let socket = this.#sockets.get(key);
    if (!socket) {
      socket = create();
      this.#sockets.set(key, socket);
    }
    return socket;
  }
}

export interface FileSinkOptions {
  readonly capture: Capture;
  readonly writers: WriterRegistry;
  /** The file's number in the capture. */
  readonly file: number;
  /** The same for all segments of one writer, and for no other writer. */
  readonly writer: string;
  /** Datagrams whose payload starts before this byte were cleared by the user: counted, but not in the table. */
  readonly clearedBefore: number;
  /**
   * No tap of this machine wrote it: its interfaces are no ports that anything here has bound, whatever they are
   * called, and its process ids mean nothing here.
   */
  readonly isForeign?: boolean;
  /** When the writer began, microseconds since 1970, where that is known: no socket of it was bound before. */
  readonly startedAt?: number;
}

/** What a datagram without a time stamp says; it is shown at the time of the one before it. */
export const NO_TIME = "no time stamp in the file";
/** Microseconds from 1970 to the last moment that a Date can hold. */
const MAX_TIME = 8.64e18;

/** Takes what one file tells into the capture. */
export class FileSink implements CaptureSink {
  readonly #options: FileSinkOptions;
  #program: CapturedProgram;
  /** The latest time that the file has told so far. */
  #latest: number | undefined;
  /** Interface id of the file → socket of the capture. */
  readonly #sockets: CapturedSocket[] = [];
  #part: number;
  /** Where in the file the part starts. */
  #partStart = 0;
  #latestTime = 0;

  constructor(options: FileSinkOptions) {
    this.#options = options;
    this.#part = options.file;
    this.#program = unknownProgram(options.writer, "");
    this.#latest = options.startedAt;
  }

  section({ application }: SectionRecord): void {
    const { writer, isForeign = false } = this.#options;
    const tapped = isForeign ? undefined : parseProcess(application);
    this.#program = tapped
      ? {
          writer,
          name: "",
          command: tapped.program,
          runtime: `${tapped.runtime} ${tapped.version}`,
          pid: tapped.pid,
          ppid: tapped.ppid,
        }
      : unknownProgram(writer, application);
  }

  interface({ id, name, description, comments }: InterfaceRecord): void {
    const { capture, writers, writer, isForeign = false } = this.#options;
    // An interface of a command goes on in the next segment under the same number.
    const tapped = isForeign ? foreignSocket(id) : parseSocket(description);
    const program =
      tapped && !isForeign ? { ...this.#program, name: tapped.program } : this.#program;
    const socket = tapped
      ? writers.socket(writer, tapped, () => capture.sockets.add(program, tapped))
      : capture.sockets.add(program);
    socket.name = name;
    capture.sockets.setLocal(socket, isForeign ? undefined : parseEndpoint(name));
    // Between what was written before it and what follows; a segment that repeats it says nothing new.
    socket.boundAt ??= this.#latest;
    const failure = comments.find((comment) => comment.startsWith(BIND_FAILED));
    if (failure !== undefined) capture.sockets.fail(socket, failure.slice(BIND_FAILED.length));
    this.#sockets[id] = socket;
  }

  datagram(datagram: DatagramRecord): void {
    const { capture, clearedBefore } = this.#options;
    const socket = this.#sockets[datagram.interfaceId];
    if (!socket) return;
    const flow = capture.flows.idOf(socket.id, datagram);
    this.#latest = datagram.time;
    let { time, comment } = datagram;
    if (Math.abs(time) <= MAX_TIME) this.#latestTime = time;
    else {
      time = this.#latestTime;
      comment = comment === "" ? NO_TIME : `${comment}; ${NO_TIME}`;
    }
    capture.flows.count(flow, time);
    if (datagram.direction === Direction.out) socket.sent++;
    else if (datagram.direction === Direction.in) socket.received++;
    socket.droppedBetween += datagram.dropped;
    if (datagram.payloadFileOffset < clearedBefore) return;
    const { bytes, payload, payloadFileOffset, capturedLength, length } = datagram;
    if (payloadFileOffset - this.#partStart >= MAX_FILE_PART) this.#startPart(payloadFileOffset);
    capture.datagrams.append(
      time,
      flow,
      this.#part,
      payloadFileOffset - this.#partStart,
      capturedLength,
      length,
      // Only a record with a direction can have another end.
      datagram.direction === Direction.unknown
        ? 0
        : payloadDigest(bytes, payload, capturedLength, length),
      comment,
    );
  }

  statistics({ id, dropped, startTime, endTime }: StatisticsRecord): void {
    const socket = this.#sockets[id];
    if (!socket) return;
    if (dropped !== undefined) socket.droppedInAll = Math.max(socket.droppedInAll ?? 0, dropped);
    const { capture } = this.#options;
    capture.touch();
    // Better than the guess from what stands around its description.
    if (startTime !== undefined) socket.boundAt = startTime;
    if (endTime !== undefined && socket.state === "bound") capture.sockets.close(socket, endTime);
  }

  otherPacket(reason: OtherPacket): void {
    this.#options.capture.countOtherPacket(reason);
  }

  #startPart(fileOffset: number): void {
    const { capture, file } = this.#options;
    const { datagrams } = capture;
    this.#partStart = fileOffset;
    this.#part = datagrams.addFile(datagrams.filePath(file), fileOffset);
  }
}

function foreignSocket(id: number): TapSocket {
  return { program: "", pid: 0, thread: 0, socket: id };
}

function unknownProgram(writer: string, name: string): CapturedProgram {
  return { writer, name, command: "", runtime: "", pid: undefined, ppid: undefined };
}

import {
  type CaptureSink,
  type DatagramRecord,
  Direction,
  type InterfaceRecord,
  type OtherPacket,
  opposite,
  type Refusal,
  type SectionRecord,
  type StatisticsRecord,
} from "../files/capture_sink.ts";
import { parseRuleEffect } from "../wire/rule_effect.ts";
import {
  BIND_FAILED,
  EXPORTER,
  parseProcess,
  parseSocket,
  REFUSED,
  type TapSocket,
} from "../wire/tap_identity.ts";
import type { Capture } from "./capture.ts";
import type { CapturedProgram } from "./captured_socket.ts";
import { PayloadDigests, sampleDigest } from "./digest.ts";
import { MAX_FILE_PART } from "./file_table.ts";
import { ownerKey, type SocketOwner } from "./socket_owner.ts";

export interface FileSinkOptions {
  readonly capture: Capture;
  /** The file's number in the capture. */
  readonly file: number;
  /** The same for all segments of one writer, and for no other writer; they are read in their order. */
  readonly writer: string;
  /** Datagrams whose payload starts before this byte were cleared by the user: not counted, and not in the table. */
  readonly clearedBefore: number;
  /**
   * No tap of this machine wrote it: its interfaces are no ports that anything here has bound, whatever they are
   * called, and its process ids mean nothing here.
   */
  readonly isForeign?: boolean;
  /** When the writer began, microseconds since 1970, where that is known: no socket of it was bound before. */
  readonly startedAt?: number;
  /** There are, or were, earlier files of the same writer. */
  readonly isContinued?: boolean;
}

/** What a datagram without a time stamp says; it is shown at the time of the one before it. */
export const NO_TIME = "no time stamp in the file";
/** Microseconds from 1970 to the last moment that a Date can hold. */
const MAX_TIME = 8.64e18;

/** Takes what one file tells into the capture. */
export class FileSink implements CaptureSink {
  readonly #options: FileSinkOptions;
  #program: CapturedProgram;
  /** The owner of the interface that was described last: nearly always that of the next one, too. */
  #owner: SocketOwner | undefined;
  /** The latest time that the file has told so far. */
  #latest: number;
  /** Interface id of the file → place of its socket. */
  readonly #sockets: number[];
  /** Interface id of the file → {@link RecordSpans.open}. */
  readonly #spans: number[] = [];
  /** Its datagrams may be those of taps, too: all of their payload has to be compared. */
  #isBesideTaps: boolean;
  readonly #digests = new PayloadDigests();
  #part: number;
  /** Where in the file the part starts. */
  #partStart = 0;
  #latestTime = 0;

  constructor(options: FileSinkOptions) {
    this.#options = options;
    this.#part = options.file;
    this.#isBesideTaps = options.isForeign === true;
    this.#sockets = options.capture.files.get(options.file).sockets;
    this.#program = unknownProgram(options.writer, "");
    this.#latest = options.startedAt ?? Number.NaN;
  }

  section({ application }: SectionRecord): void {
    const { writer, isForeign = false } = this.#options;
    const tapped = isForeign ? undefined : parseProcess(application);
    this.#owner = undefined;
    this.#isBesideTaps ||= application.startsWith(EXPORTER);
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
    const { isForeign = false, isContinued = false } = this.#options;
    const { sockets } = this.#options.capture;
    // An interface of a command goes on in the next segment under the same number.
    const tapped = isForeign ? foreignSocket(id) : parseSocket(description);
    const place = sockets.place(this.#ownerOf(tapped), tapped?.socket);
    sockets.mention(place);
    this.#options.capture.expect(sockets.isTapped(place));
    this.#sockets[id] = place;
    this.#spans[id] = sockets.spans.open(place, this.#options.file, isContinued);
    // Between what was written before it and what follows; a segment that repeats it says nothing new.
    if (!Number.isNaN(this.#latest)) sockets.guessBoundAt(place, this.#latest);
    sockets.setName(place, name);
    const failure = comments.find((comment) => comment.startsWith(BIND_FAILED));
    if (failure !== undefined) sockets.fail(place, failure.slice(BIND_FAILED.length));
  }

  datagram(datagram: DatagramRecord): void {
    const { capture, clearedBefore } = this.#options;
    const socket = this.#sockets[datagram.interfaceId];
    if (socket === undefined) return;
    this.#latest = datagram.time;
    let { time, comment } = datagram;
    if (Math.abs(time) <= MAX_TIME) this.#latestTime = time;
    else {
      time = this.#latestTime;
      comment = comment === "" ? NO_TIME : `${comment}; ${NO_TIME}`;
    }
    const span = this.#spans[datagram.interfaceId] ?? 0;
    const { dropped } = datagram;
    // One of which nobody knows who has sent it is the receipt of any: as good as missing.
    if (dropped > 0 || (datagram.sourcePort === 0 && isFromNobody(datagram)))
      capture.sockets.spans.drop(span, time, dropped);
    if (datagram.payloadFileOffset < clearedBefore) {
      capture.sockets.spans.count(socket, span, time);
      capture.sockets.spans.clear(span);
      return;
    }
    const flow = capture.flows.idOf(socket, datagram);
    capture.flows.count(flow, time);
    capture.sockets.count(socket, datagram.direction);
    capture.sockets.spans.count(socket, span, time);
    if (dropped > 0) capture.sockets.countMissing(socket, dropped);
    const { payloadFileOffset, capturedLength, length, direction } = datagram;
    const effect = comment === "" ? undefined : parseRuleEffect(comment);
    if (effect?.dropped !== undefined) capture.sockets.countDropped(socket);
    if (payloadFileOffset - this.#partStart >= MAX_FILE_PART) this.#startPart(payloadFileOffset);
    // What a rule has changed where it was received is compared with its sending, which has the bytes from before.
    const flipped = direction === Direction.in ? effect?.flippedBit : undefined;
    if (flipped !== undefined) flip(datagram, flipped);
    const digests = this.#digestsOf(datagram);
    capture.datagrams.append(
      time,
      flow,
      this.#part,
      payloadFileOffset - this.#partStart,
      capturedLength,
      length,
      digests.whole,
      digests.head,
      comment,
      datagram.pieces ??
        (length >= 0xffff ? Float64Array.of(payloadFileOffset, capturedLength) : undefined),
    );
    if (flipped !== undefined) flip(datagram, flipped);
  }

  statistics(statistics: StatisticsRecord, fileOffset: number, time: number): void {
    const { id, received, dropped, startTime, endTime } = statistics;
    const socket = this.#sockets[id];
    if (socket === undefined) return;
    const { capture, clearedBefore } = this.#options;
    const { sockets } = capture;
    const isCleared = fileOffset < clearedBefore;
    if (dropped !== undefined) sockets.setMissingInAll(socket, dropped, isCleared);
    const span = this.#spans[id] ?? 0;
    sockets.spans.tell(span, time, received, dropped ?? 0);
    if (isCleared) sockets.spans.clear(span);
    // Better than the guess from what stands around its description.
    if (startTime !== undefined) sockets.setBoundAt(socket, startTime);
    if (endTime !== undefined) sockets.close(socket, endTime);
    capture.touch();
  }

  /** Nothing more is read of the file: it makes no sense from here on, or nobody wants it. */
  stop(): void {
    const { sockets } = this.#options.capture;
    for (const span of this.#spans) if (span !== undefined) sockets.spans.stop(span);
  }

  otherPacket(reason: OtherPacket, time: number): void {
    this.#options.capture.countOtherPacket(reason, time);
  }

  refusal(quoted: DatagramRecord, refusal: Refusal): void {
    const { capture, clearedBefore } = this.#options;
    // What a tap has made of an error is no packet.
    if (!quoted.comment.startsWith(REFUSED)) this.otherPacket("notUdp", quoted.time);
    const socket = this.#sockets[quoted.interfaceId];
    if (socket === undefined || quoted.payloadFileOffset < clearedBefore) return;
    const direction = opposite(quoted.direction);
    const flow = capture.flows.idOf(socket, { ...quoted, direction });
    const { time, length, capturedLength, comment } = quoted;
    capture.addRefusal({
      flow,
      part: this.#part,
      time,
      length,
      digest: capturedLength === length ? this.#digestsOf(quoted).whole : undefined,
      isByTap: comment.startsWith(REFUSED),
      refusal,
    });
  }

  joined(packets: number): void {
    this.#options.capture.uncountFragments(packets);
  }

  #ownerOf(tapped: TapSocket | undefined): SocketOwner {
    const { isForeign = false, startedAt } = this.#options;
    const name = tapped && !isForeign ? tapped.program : this.#program.name;
    const thread = tapped?.thread;
    const known = this.#owner;
    if (known?.program.name === name && known.thread === thread) return known;
    const program = { ...this.#program, name };
    const key = ownerKey(program, thread);
    this.#owner = { program, thread, startedAt, isForeign, key };
    return this.#owner;
  }

  /** Only a record with a direction can have another end, and what is captured beside taps another record. */
  #digestsOf({ direction, bytes, payload, capturedLength, length }: DatagramRecord) {
    const digests = this.#digests;
    if (direction !== Direction.unknown || this.#isBesideTaps) {
      digests.take(bytes, payload, capturedLength, length);
    } else {
      digests.whole = sampleDigest(bytes, payload, capturedLength);
      digests.head = 0;
    }
    return digests;
  }

  #startPart(fileOffset: number): void {
    const { capture, file } = this.#options;
    this.#partStart = fileOffset;
    this.#part = capture.files.addPart(file, fileOffset);
  }
}

/** Changes a bit of the payload, as far as that was captured; to do it again undoes it. */
function flip({ bytes, payload, capturedLength }: DatagramRecord, bit: number): void {
  if (bit >>> 3 >= capturedLength) return;
  const at = payload + (bit >>> 3);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
}

function foreignSocket(id: number): TapSocket {
  return { program: "", pid: 0, thread: 0, socket: id };
}

function unknownProgram(writer: string, name: string): CapturedProgram {
  return { writer, name, command: "", runtime: "", pid: undefined, ppid: undefined };
}

/** Whether a tap could not tell who has sent it, from port 0: the program received it without asking. */
function isFromNobody(datagram: DatagramRecord): boolean {
  const { direction, bytes, sourceAddress, addressLength } = datagram;
  if (direction !== Direction.in) return false;
  for (let at = sourceAddress; at < sourceAddress + addressLength; at++) {
    if (bytes[at] !== 0) return false;
  }
  return true;
}

import type { StatisticsRecord } from "../../core/files/capture_sink.ts";
import type { PacketAddress } from "./address_cache.ts";

/** The interface number of a socket that the current segment has not described. */
export const UNDESCRIBED = -1;

/** The local end of a socket. */
export interface LocalEnd {
  /** As people write it: `127.0.0.1:9999`, `[::]:9999`. */
  readonly name: string;
  readonly address: PacketAddress;
  readonly port: number;
}

/** What the recorder knows of one socket, and its counters. */
export class TappedSocket {
  /** Counts the thread's sockets from 1. */
  readonly number: number;
  /** What a reader of the capture has to know about this socket. */
  readonly comments: string[];
  /** Undefined until the socket is bound. */
  local: LocalEnd | undefined;
  /** Its number in the current segment, or {@link UNDESCRIBED}. */
  interfaceId = UNDESCRIBED;
  /** Microseconds since 1970: when it was bound. */
  startTime: number | undefined;
  /** Microseconds since 1970: when it was closed. */
  endTime: number | undefined;
  /** The block that tells its end is in the buffer or in the current segment. */
  isEndTold = false;
  /** Datagrams that passed, in and out; and how many of them are in no file. */
  #passed = 0;
  #dropped = 0;
  /** Of those dropped, how many no datagram's block, and no statistics block, has told. */
  #untoldDrops = 0;
  #toldInStatistics = 0;
  /** In the buffer and not in the file: datagrams, and the drops that they tell. */
  #unflushed = 0;
  #unflushedDrops = 0;

  constructor(number: number, comments: string[]) {
    this.number = number;
    this.comments = comments;
  }

  /** Drops that the next datagram's block has to tell. */
  get untoldDrops(): number {
    return this.#untoldDrops;
  }

  /** Whether a statistics block would say something new. */
  get hasUntoldDrops(): boolean {
    return this.#untoldDrops > 0 && this.#toldInStatistics < this.#dropped;
  }

  /** A datagram passed that will be in no file. */
  drop(): void {
    this.#passed++;
    this.#dropped++;
    this.#untoldDrops++;
  }

  /** A datagram passed, and its block, which tells all untold drops, is in the buffer. */
  keep(): void {
    this.#passed++;
    this.#unflushed++;
    this.#unflushedDrops += this.#untoldDrops;
    this.#untoldDrops = 0;
  }

  /** What was in the buffer is in the file. */
  keepUnflushed(): void {
    this.#unflushed = 0;
    this.#unflushedDrops = 0;
  }

  /** What was in the buffer is gone. */
  loseUnflushed(): void {
    this.#dropped += this.#unflushed;
    this.#untoldDrops += this.#unflushed + this.#unflushedDrops;
    this.#toldInStatistics = 0;
    this.keepUnflushed();
  }

  /** Counts what `other`, which is given up, has counted: it will be told as this one's. */
  absorb(other: TappedSocket): void {
    this.#passed += other.#passed;
    this.#dropped += other.#dropped;
    this.#untoldDrops += other.#untoldDrops;
    this.#toldInStatistics = 0;
  }

  /** The counters as they are now; they count on over all segments. */
  statistics(): StatisticsRecord {
    this.#toldInStatistics = this.#dropped;
    this.isEndTold = this.endTime !== undefined;
    return {
      id: this.interfaceId,
      received: this.#passed,
      dropped: this.#dropped,
      ...(this.startTime !== undefined && { startTime: this.startTime }),
      ...(this.endTime !== undefined && { endTime: this.endTime }),
    };
  }
}

import { WaitingRequests } from "../capture/waiting_requests.ts";
import { Distribution } from "./distribution.ts";
import { Jitter } from "./jitter.ts";
import { Sequence } from "./sequence.ts";

/** What a clock says, which may begin anew. */
export interface ClockTime {
  /** Microseconds. */
  readonly time: number;
  /** After so many of them it begins anew; left out: never. */
  readonly period?: number;
}

/** What is counted of one datagram. */
export interface CountedDatagram {
  /** Microseconds since 1970: when it was sent, as far as its sender was recorded, else when it came. */
  time: number;
  /** When it came, where its receiver recorded it as well; else the same as `time`. */
  arrival: number;
  /** Payload bytes on the wire. */
  bytes: number;
  isLost: boolean;
  isDuplicate: boolean;
  /** False for what the system did not send, and for what was refused or dropped: it asks and answers nothing. */
  isOnItsWay: boolean;
  /** Who sent it to whom, as a number: a jitter is of one stream. */
  stream: number;
  /** By its sender's clock; undefined where nothing tells. */
  sent: ClockTime | undefined;
  /** What it says of itself in a field that counts; undefined where it has none. */
  number: number | undefined;
}

/** No stream yet, and more than one. */
const NO_STREAM = -1;
const SEVERAL = -2;

/** All that is counted of one group. What a way forward is, its grouping knows; intervals are of that way. */
export class GroupTally {
  forward = 0;
  back = 0;
  bytesForward = 0;
  bytesBack = 0;
  lostForward = 0;
  lostBack = 0;
  duplicates = 0;
  /** Of a group between two ends: the second one began. */
  isTurned = false;
  /** Of all. */
  first = Number.POSITIVE_INFINITY;
  last = Number.NEGATIVE_INFINITY;
  /** Of those that went forward. */
  #firstForward = 0;
  #lastForward = 0;
  #intervals = new Distribution();
  #sizes = new Distribution();
  #answers = new Distribution();
  #waiting = new WaitingRequests<{ readonly time: number }>();
  #jitter = new Jitter();
  #stream = NO_STREAM;
  #sequence: Sequence | undefined;

  get intervals(): Distribution {
    return this.#intervals;
  }

  get sizes(): Distribution {
    return this.#sizes;
  }

  /** Microseconds from requests to their answers, as far as these are known. */
  get answers(): Distribution {
    return this.#answers;
  }

  /** Undefined where it is of several streams. */
  get jitter(): Jitter | undefined {
    return this.#stream >= 0 ? this.#jitter : undefined;
  }

  get sequence(): Sequence | undefined {
    return this.#sequence;
  }

  get datagrams(): number {
    return this.forward + this.back;
  }

  /** Datagrams a second on the way forward, over the time between the first and the last of them; undefined below two. */
  get rate(): number | undefined {
    const microseconds = this.#lastForward - this.#firstForward;
    return this.forward < 2 || microseconds <= 0
      ? undefined
      : ((this.forward - 1) * 1e6) / microseconds;
  }

  /** One more, in the order of time. `asks`: what goes forward may be answered by what comes back. */
  add(datagram: CountedDatagram, isForward: boolean, asks: boolean): void {
    const { time, bytes } = datagram;
    if (time < this.first) this.first = time;
    if (time > this.last) this.last = time;
    if (datagram.isDuplicate) this.duplicates++;
    this.#sizes.add(bytes);
    if (isForward) this.#addForward(datagram);
    else {
      this.back++;
      this.bytesBack += bytes;
      if (datagram.isLost) this.lostBack++;
    }
    if (!asks || datagram.isLost || datagram.isDuplicate || !datagram.isOnItsWay) return;
    if (isForward) this.#waiting.add({ time });
    else {
      const request = this.#waiting.answered();
      if (request) this.#answers.add(Math.max(0, datagram.arrival - request.time));
    }
  }

  /** The same, which goes on by itself. */
  clone(): GroupTally {
    const copy = new GroupTally();
    Object.assign(copy, this);
    copy.#firstForward = this.#firstForward;
    copy.#lastForward = this.#lastForward;
    copy.#intervals = this.#intervals.clone();
    copy.#sizes = this.#sizes.clone();
    copy.#answers = this.#answers.clone();
    copy.#waiting = this.#waiting.clone();
    copy.#jitter = this.#jitter.clone();
    copy.#stream = this.#stream;
    copy.#sequence = this.#sequence?.clone();
    return copy;
  }

  #addForward(datagram: CountedDatagram): void {
    const { time, stream, sent, number } = datagram;
    if (this.forward === 0) this.#firstForward = time;
    else this.#intervals.add(time - this.#lastForward);
    this.#lastForward = time;
    this.forward++;
    this.bytesForward += datagram.bytes;
    if (datagram.isLost) {
      this.lostForward++;
      return;
    }
    if (!datagram.isOnItsWay) return;
    if (sent !== undefined) {
      if (this.#stream === NO_STREAM) this.#stream = stream;
      else if (this.#stream !== stream) this.#stream = SEVERAL;
      this.#jitter.add(datagram.arrival - sent.time, sent.period);
    }
    if (number === undefined) return;
    this.#sequence ??= new Sequence();
    this.#sequence.add(number);
  }
}

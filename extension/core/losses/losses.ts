import type { Capture } from "../capture/capture.ts";
import { Delivery } from "../capture/delivery.ts";
import type { Flow } from "../capture/flow_table.ts";
import { localEnd, peerEnd } from "../capture/peers.ts";
import type { Steps } from "../capture/steps.ts";
import { Direction } from "../files/capture_sink.ts";
import { type Endpoint, formatEndpoint } from "../wire/endpoint.ts";
import { bufferBytes } from "./receive_buffer.ts";

/** Losses that followed each other. */
export interface Burst {
  /** Id of the first that was lost. */
  readonly first: number;
  /** When the first and the last of them were sent, microseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly lost: number;
  /** Payload bytes of the largest of them. */
  readonly length: number;
  /** Datagrams that had been sent when it began, and that the program took later: they waited. */
  readonly waiting: number;
  /**
   * Microseconds in which the program took nothing, around its begin; undefined where it took none before, or none
   * after it.
   */
  readonly pause: number | undefined;
  /** How many would have had to wait at the end of that, had none been lost; undefined as `pause`. */
  readonly needed: number | undefined;
}

/** What was sent from one end to another, both of them watched. */
export interface ConversationLosses {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** What people call the two programs, or "". Hostile text. */
  readonly sender: string;
  readonly receiver: string;
  readonly sent: number;
  readonly arrived: number;
  readonly lost: number;
  readonly bursts: number;
  /** Lost in the longest burst. */
  readonly longest: number;
  /** Each so manieth of those that were sent is lost, alone; undefined where it is not so. */
  readonly every: number | undefined;
  readonly reason: LossReason;
}

/**
 * `buffer`: as many waited as ever did there, so the receive buffer was full. `notBuffer`: fewer waited than it held at another
 * time, or none at all: a larger one would not help. `unknown`: neither can be told.
 */
export type LossReason = "buffer" | "notBuffer" | "unknown";

/** What was lost on its way to one end. */
export interface Losses {
  readonly to: Endpoint;
  readonly receiver: string;
  readonly sent: number;
  readonly arrived: number;
  readonly lost: number;
  /** Nobody can tell whether these arrived. */
  readonly unclear: number;
  /** When the first and the last were sent, microseconds since 1970. */
  readonly start: number;
  readonly end: number;
  /** In the order of time; of very many the longest. */
  readonly bursts: readonly Burst[];
  /** How many there are in all. */
  readonly burstCount: number;
  /** Datagrams that waited at once, at the most. */
  readonly mostWaiting: number;
  readonly reason: LossReason;
  /** From whom, what lost most first. */
  readonly conversations: readonly ConversationLosses[];
}

/** What is asked of a capture. */
export type Records = Pick<
  Capture,
  | "length"
  | "idAt"
  | "has"
  | "time"
  | "standsBefore"
  | "flow"
  | "wireLength"
  | "delivery"
  | "partner"
  | "socket"
>;

/** A burst is over when so many arrive one after the other: while a full buffer is emptied, one or the other gets in. */
const ARRIVED_BETWEEN = 8;
/** More bursts are counted, and the shortest of them given up. */
const MOST_BURSTS = 10_000;
/** Records that are looked at in one step: some milliseconds. */
const LOOKED_AT_ONCE = 20_000;
/** A buffer that was full holds about the same each time; datagrams of several sizes share it. */
const ABOUT_AS_MUCH = 0.5;

/**
 * Finds what was lost on the way to each watched end, in one pass over the records in the order of their time. Costs as much as
 * there are records; what it keeps grows with the flows, and with bursts up to a number.
 */
export function* findingLosses(capture: Records): Steps<Losses[]> {
  const ends = new Map<string, End>();
  const byFlow = new Map<number, End>();
  const endOf = (flow: Flow): End => {
    const known = byFlow.get(flow.id);
    if (known) return known;
    const to = peerEnd(flow);
    const key = formatEndpoint(to);
    const end = ends.get(key) ?? new End(to);
    ends.set(key, end);
    byFlow.set(flow.id, end);
    return end;
  };
  for (let at = 0; at < capture.length; at++) {
    if (at % LOOKED_AT_ONCE === LOOKED_AT_ONCE - 1) yield;
    // What was cleared meanwhile is told anew by whoever asks again.
    if (at >= capture.length) break;
    const id = capture.idAt(at);
    const flow = capture.flow(id);
    const delivery = capture.delivery(id);
    if (delivery === Delivery.receipt) {
      const sending = capture.partner(id);
      if (!capture.has(sending)) continue;
      endOf(capture.flow(sending)).took(capture, id, sending);
    } else if (flow.direction !== Direction.in && IS_SENDING.has(delivery)) {
      endOf(flow).sent(capture, id, flow, delivery);
    }
  }
  return [...ends.values()].map((end) => end.told(capture)).filter(({ sent }) => sent > 0);
}

const IS_SENDING: ReadonlySet<Delivery> = new Set([
  Delivery.delivered,
  Delivery.lost,
  Delivery.unclear,
]);

/** A burst that is being found. */
interface OpenBurst {
  first: number;
  start: number;
  end: number;
  lost: number;
  length: number;
  waiting: number;
  /** What that takes of a buffer. */
  waitingBytes: number;
  pause: number | undefined;
  needed: number | undefined;
  readonly lastTaken: number | undefined;
  /** The program has taken something since. */
  isTakenAfter: boolean;
  sentSince: number;
  arrivedInARow: number;
}

/** One end that others send to. */
class End {
  readonly #to: Endpoint;
  readonly #conversations = new Map<number, Counting>();
  #sent = 0;
  #arrived = 0;
  #lost = 0;
  #unclear = 0;
  #start = Number.POSITIVE_INFINITY;
  #end = Number.NEGATIVE_INFINITY;
  #waiting = 0;
  #waitingBytes = 0;
  #mostWaiting = 0;
  #mostWaitingBytes = 0;
  #lastTaken: number | undefined;
  #open: OpenBurst | undefined;
  /** The latest burst whose pause is not over. */
  #paused: OpenBurst | undefined;
  #bursts: OpenBurst[] = [];
  #burstCount = 0;
  #receiver = "";

  constructor(to: Endpoint) {
    this.#to = to;
  }

  sent(capture: Records, id: number, flow: Flow, delivery: Delivery): void {
    const time = capture.time(id);
    this.#start = Math.min(this.#start, time);
    this.#end = Math.max(this.#end, time);
    this.#sent++;
    if (this.#paused) this.#paused.sentSince++;
    let counting = this.#conversations.get(flow.id);
    if (!counting) {
      counting = new Counting(localEnd(flow), capture.socket(flow.socket).program.name);
      this.#conversations.set(flow.id, counting);
    }
    const length = capture.wireLength(id);
    if (delivery === Delivery.lost) {
      this.#lost++;
      counting.lost(this.#loses(id, time, length));
    } else if (delivery === Delivery.delivered) {
      this.#arrived++;
      counting.arrived();
      this.#arrives(capture, id, length);
    } else {
      this.#unclear++;
      counting.unclear();
    }
  }

  /** The program has got one. */
  took(capture: Records, receipt: number, sending: number): void {
    const time = capture.time(receipt);
    if (capture.standsBefore(sending, receipt)) {
      this.#waiting--;
      this.#waitingBytes -= bufferBytes(capture.wireLength(sending));
    }
    this.#lastTaken = time;
    const paused = this.#paused;
    if (!paused) return;
    paused.isTakenAfter = true;
    if (paused.lastTaken !== undefined) {
      paused.pause = time - paused.lastTaken;
      paused.needed = paused.waiting + paused.sentSince;
    }
    this.#paused = undefined;
  }

  told(capture: Records): Losses {
    const whole = (burst: OpenBurst): LossReason => this.#reasonOf(burst);
    const conversations = [...this.#conversations.values()]
      .map((it) => it.told(this.#to, this.#receiver, whole))
      .sort((a, b) => b.lost - a.lost || b.sent - a.sent);
    const bursts = this.#bursts.toSorted((a, b) => a.start - b.start || a.first - b.first);
    return {
      to: this.#to,
      receiver: this.#receiver,
      sent: this.#sent,
      arrived: this.#arrived,
      lost: this.#lost,
      unclear: this.#unclear,
      start: this.#start,
      end: this.#end,
      bursts: bursts.filter(({ first }) => capture.has(first)).map(asBurst),
      burstCount: this.#burstCount,
      mostWaiting: this.#mostWaiting,
      reason: reasonOfMost(bursts.map((burst) => [whole(burst), burst.lost])),
      conversations,
    };
  }

  /** @returns the burst that it is in */
  #loses(id: number, time: number, length: number): OpenBurst {
    if (!this.#open) {
      this.#open = {
        ...{ first: id, start: time, end: time, lost: 0, length, arrivedInARow: 0 },
        ...{ waiting: this.#waiting, waitingBytes: this.#waitingBytes, lastTaken: this.#lastTaken },
        ...{ pause: undefined, needed: undefined, sentSince: 1, isTakenAfter: false },
      };
      this.#paused = this.#open;
      this.#bursts.push(this.#open);
      this.#burstCount++;
      if (this.#bursts.length >= 2 * MOST_BURSTS) this.#keepLongest();
    }
    const burst = this.#open;
    burst.end = time;
    burst.lost++;
    burst.length = Math.max(burst.length, length);
    burst.arrivedInARow = 0;
    return burst;
  }

  #arrives(capture: Records, id: number, length: number): void {
    const receipt = capture.partner(id);
    if (receipt !== id && capture.has(receipt)) {
      if (this.#receiver === "") {
        this.#receiver = capture.socket(capture.flow(receipt).socket).program.name;
      }
      // By a clock of its own it may have been taken before it was sent.
      if (capture.standsBefore(id, receipt)) {
        this.#waiting++;
        this.#waitingBytes += bufferBytes(length);
        this.#mostWaiting = Math.max(this.#mostWaiting, this.#waiting);
        this.#mostWaitingBytes = Math.max(this.#mostWaitingBytes, this.#waitingBytes);
      }
    }
    if (this.#open && ++this.#open.arrivedInARow >= ARRIVED_BETWEEN) this.#open = undefined;
  }

  #keepLongest(): void {
    const open = this.#open;
    this.#bursts = this.#bursts
      .sort((a, b) => Number(b === open) - Number(a === open) || b.lost - a.lost)
      .slice(0, MOST_BURSTS);
  }

  #reasonOf({ waiting, waitingBytes, isTakenAfter }: OpenBurst): LossReason {
    // What waited to the end was never taken, and counts as lost itself.
    if (!isTakenAfter) return "unknown";
    if (waiting === 0) return "notBuffer";
    if (waitingBytes < this.#mostWaitingBytes * ABOUT_AS_MUCH) return "notBuffer";
    return waiting > 1 ? "buffer" : "unknown";
  }
}

function asBurst(burst: OpenBurst): Burst {
  const { first, start, end, lost, length, waiting, pause, needed } = burst;
  return { first, start, end, lost, length, waiting, pause, needed };
}

/** What most of the losses have as their reason; where none has more than half of them, it is not known. */
function reasonOfMost(parts: readonly (readonly [LossReason, lost: number])[]): LossReason {
  const sums: Record<LossReason, number> = { buffer: 0, notBuffer: 0, unknown: 0 };
  for (const [reason, lost] of parts) sums[reason] += lost;
  const all = sums.buffer + sums.notBuffer + sums.unknown;
  if (sums.buffer * 2 > all) return "buffer";
  return sums.notBuffer * 2 > all ? "notBuffer" : "unknown";
}

/** Counts one conversation. */
class Counting {
  readonly #from: Endpoint;
  readonly #sender: string;
  #sent = 0;
  #arrived = 0;
  #lost = 0;
  #bursts = 0;
  #longest = 0;
  #inBurst = 0;
  #burst: OpenBurst | undefined;
  readonly #byReason = new Map<OpenBurst, number>();
  #lastLost: number | undefined;
  #step: number | undefined;
  #isRegular = true;

  constructor(from: Endpoint, sender: string) {
    this.#from = from;
    this.#sender = sender;
  }

  arrived(): void {
    this.#sent++;
    this.#arrived++;
  }

  unclear(): void {
    this.#sent++;
  }

  lost(burst: OpenBurst): void {
    this.#sent++;
    this.#lost++;
    if (this.#burst !== burst) {
      this.#burst = burst;
      this.#bursts++;
      this.#inBurst = 0;
    }
    this.#inBurst++;
    this.#longest = Math.max(this.#longest, this.#inBurst);
    if (this.#byReason.size < MOST_BURSTS || this.#byReason.has(burst)) {
      this.#byReason.set(burst, this.#inBurst);
    }
    if (this.#lastLost !== undefined) {
      const step = this.#sent - this.#lastLost;
      this.#isRegular &&= this.#step === undefined || this.#step === step;
      this.#step = step;
    }
    this.#lastLost = this.#sent;
  }

  told(
    to: Endpoint,
    receiver: string,
    reasonOf: (burst: OpenBurst) => LossReason,
  ): ConversationLosses {
    const parts = [...this.#byReason].map(([burst, lost]) => [reasonOf(burst), lost] as const);
    const isEvery = this.#isRegular && this.#lost > 2 && (this.#step ?? 0) > 1;
    return {
      from: this.#from,
      to,
      sender: this.#sender,
      receiver,
      sent: this.#sent,
      arrived: this.#arrived,
      lost: this.#lost,
      bursts: this.#bursts,
      longest: this.#longest,
      every: isEvery ? this.#step : undefined,
      reason: reasonOfMost(parts),
    };
  }
}

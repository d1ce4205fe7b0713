import type { Socket } from "node:dgram";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Answer, Batch, Destination, ReplayResult } from "./messages.ts";
import { ReceiverQueue } from "./receiver_queue.ts";
import { send } from "./sockets.ts";

/** Timers are a millisecond late or more: the rest of a wait is spent looking at the clock. */
const TIMER_ERROR_MS = 2;
/** A cancel is noticed after so long at most. */
const LONGEST_SLEEP_MS = 100;
/**
 * As fast as possible is not faster than a receiver on this machine can empty its buffer: Linux gives it 208 KiB, which
 * 256 small datagrams fill. So bursts of so many datagrams or bytes, with pauses, in which the receiver's buffer is
 * looked at where the system lets us.
 */
const BURST = 32;
const BURST_BYTES = 32 * 1024;
const BURST_MS = 1;
const PROGRESS_MS = 100;

/** Sends batches of datagrams when they are due, in their order, until the last or a cancel. */
export class Replay {
  readonly #id: number;
  readonly #to: Destination;
  readonly #tell: (answer: Answer) => void;
  readonly #receiver: ReceiverQueue;
  readonly #batches: Batch[] = [];
  #wake: () => void = () => {};
  #isCancelled = false;
  #sent = 0;
  #cut = 0;
  #failed = 0;
  #error: string | undefined;
  #startMs = 0;
  /** What has gone out since the last pause, and when that was. */
  #burst = 0;
  #burstBytes = 0;
  #burstMs = 0;
  #toldMs = 0;

  constructor(id: number, to: Destination, tell: (answer: Answer) => void) {
    this.#id = id;
    this.#to = to;
    this.#tell = tell;
    this.#receiver = new ReceiverQueue(to);
  }

  add(batch: Batch): void {
    this.#batches.push(batch);
    this.#wake();
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#wake();
  }

  async run(socket: Socket): Promise<ReplayResult> {
    for (let isFirst = true; ; isFirst = false) {
      const batch = await this.#next();
      if (isFirst) this.#startMs = performance.now();
      if (batch) await this.#send(socket, batch);
      if (!batch || batch.isLast || this.#isCancelled) break;
      this.#tell({ id: this.#id, what: "room" });
    }
    return {
      sent: this.#sent,
      cut: this.#cut,
      failed: this.#failed,
      ...(this.#error !== undefined && { error: this.#error }),
      cancelled: this.#isCancelled,
    };
  }

  /** The next batch, when it is there; undefined after a cancel. */
  async #next(): Promise<Batch | undefined> {
    while (this.#batches.length === 0 && !this.#isCancelled) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#isCancelled ? undefined : this.#batches.shift();
  }

  async #send(socket: Socket, { dueMs, payloads, isCut }: Batch): Promise<void> {
    for (const [index, payload] of payloads.entries()) {
      const due = this.#startMs + (dueMs[index] ?? 0);
      if (due > performance.now()) {
        await this.#until(due);
        this.#startBurst();
      } else if (this.#burst === BURST || this.#burstBytes >= BURST_BYTES) {
        // Also those that were due while the machine was busy.
        await this.#until(this.#burstMs + BURST_MS);
        await this.#receiver.room();
        this.#startBurst();
      }
      if (this.#isCancelled) return;
      this.#burst++;
      this.#burstBytes += payload.length;
      const error = await send(socket, this.#to, payload);
      if (error === undefined) {
        this.#sent++;
        if (isCut[index]) this.#cut++;
      } else {
        this.#failed++;
        this.#error ??= error;
      }
      this.#tellProgress();
    }
  }

  #startBurst(): void {
    this.#burst = 0;
    this.#burstBytes = 0;
    this.#burstMs = performance.now();
  }

  async #until(ms: number): Promise<void> {
    for (;;) {
      const left = ms - performance.now();
      if (left <= 0 || this.#isCancelled) return;
      if (left > TIMER_ERROR_MS) await sleep(Math.min(left - TIMER_ERROR_MS, LONGEST_SLEEP_MS));
      else await nextTurn();
    }
  }

  #tellProgress(): void {
    const now = performance.now();
    if (now - this.#toldMs < PROGRESS_MS) return;
    this.#toldMs = now;
    this.#tell({ id: this.#id, what: "progress", sent: this.#sent, failed: this.#failed });
  }
}

/** The time of day comes in whole milliseconds, rounded down. */
const TICK_MS = 1;
/** Clocks that are further apart than this are brought together again; a receipt may seem to be early by more. */
const DRIFT_MS = 1;
/** How old a comparison may be: a program that was idle finds the time that others have. */
const COMPARED_FOR_MS = 1000;
/** As near as the two clocks are brought together; the way of a datagram through the loopback takes longer. */
const NEAR_MS = 0.005;
/**
 * Enough for twenty changes of the time of day and more, a millisecond apart: while the code is being compiled, and where
 * others want the processor, many of them are missed by a tenth of a millisecond. An end also where a clock stands still.
 */
const MOST_LOOKS = 200_000;

/** The time of what is recorded, in microseconds since 1970. */
export interface RecorderClock {
  /** Never goes backwards. */
  now(): number;
  /** Time has passed: the clock may look whether it is still right. */
  adjust(): void;
}

/** Where the time comes from, in milliseconds. */
export interface TimeSources {
  /** Never goes backwards; starts anywhere. */
  readonly monotonicMs: () => number;
  /** Milliseconds since 1970 by the machine's clock, which can be set. */
  readonly timeOfDayMs: () => number;
}

/**
 * Microseconds since 1970 that never go backwards: the monotonic clock, started at the time of day. The two drift apart
 * on some systems, the monotonic one stands still while the machine sleeps, and the time of day can be set: {@link adjust}
 * follows it, so that a program that was started later has the same time.
 */
export class Clock implements RecorderClock {
  readonly #monotonicMs: () => number;
  readonly #timeOfDayMs: () => number;
  /** Milliseconds since 1970 when the monotonic clock was 0. */
  #originMs: number;
  /** When the two were compared last, on the monotonic clock. */
  #comparedMs: number;
  #last = 0;

  /**
   * Two programs must agree to a few microseconds, or an answer would stand before its request. The time of day comes
   * in whole milliseconds: looking at both clocks until it has just changed tells them apart by the time of one look.
   * A look in the midst of which the program had to wait for the processor tells less, and does no harm.
   */
  constructor({ monotonicMs, timeOfDayMs }: TimeSources) {
    this.#monotonicMs = monotonicMs;
    this.#timeOfDayMs = timeOfDayMs;
    let earliest = Number.NEGATIVE_INFINITY;
    let latest = Number.POSITIVE_INFINITY;
    let before = monotonicMs();
    for (let look = 0; look < MOST_LOOKS && latest - earliest > NEAR_MS; look++) {
      const dayMs = timeOfDayMs();
      const after = monotonicMs();
      earliest = Math.max(earliest, dayMs - after);
      latest = Math.min(latest, dayMs + TICK_MS - before);
      before = after;
    }
    this.#originMs = earliest;
    this.#comparedMs = before;
  }

  now(): number {
    const monotonicMs = this.#monotonicMs;
    let nowMs = monotonicMs();
    if (nowMs - this.#comparedMs > COMPARED_FOR_MS) {
      this.adjust();
      nowMs = monotonicMs();
    }
    const time = Math.round((this.#originMs + nowMs) * 1000);
    if (time > this.#last) this.#last = time;
    return this.#last;
  }

  /**
   * Catches up with the time of day where that is ahead. Where it is behind, goes half as fast until they meet again:
   * never backwards. Only by as much as is certain, however long the program has to wait between its looks.
   */
  adjust(): void {
    const monotonicMs = this.#monotonicMs;
    const timeOfDayMs = this.#timeOfDayMs;
    const before = monotonicMs();
    const dayMs = timeOfDayMs();
    const after = monotonicMs();
    const behindMs = dayMs - (this.#originMs + after);
    const aheadMs = this.#originMs + before - (dayMs + TICK_MS);
    if (behindMs > DRIFT_MS) this.#originMs += behindMs;
    else if (aheadMs > DRIFT_MS) {
      this.#originMs -= Math.min(aheadMs, (before - this.#comparedMs) / 2);
    }
    this.#comparedMs = before;
  }
}

/** A gap between two clocks that no rounding explains: the machine slept, or the time was set or faked. */
const DRIFT_MS = 250;

/** The time of day comes in whole milliseconds, rounded down. */
const TICK_MS = 1;
/** Looks at both clocks; the one least disturbed counts. */
const LOOKS = 5;

/** Where the time comes from, in milliseconds. */
export interface TimeSources {
  /** Never goes backwards; starts anywhere. */
  readonly monotonicMs: () => number;
  /** Milliseconds since 1970 by the machine's clock, which can be set. */
  readonly timeOfDayMs: () => number;
}

/**
 * Microseconds since 1970 that never go backwards: the monotonic clock, started at the time of day. The
 * monotonic clock stands still while the machine sleeps, so {@link adjust} moves it up now and then.
 */
export class Clock {
  readonly #monotonicMs: () => number;
  readonly #timeOfDayMs: () => number;
  /** Milliseconds since 1970 when the monotonic clock was 0. */
  #originMs: number;
  #last = 0;

  /**
   * Two programs must agree to a few milliseconds, or what one sent would seem to arrive before that. On a busy machine
   * a program can wait for the processor between a look at one clock and at the other, and what the runtime says of
   * its own start has the same fault.
   *
   * @param preciseMs the time of day to the microsecond; left out of account where the two clocks contradict it
   */
  constructor({ monotonicMs, timeOfDayMs }: TimeSources, preciseMs = Number.NaN) {
    this.#monotonicMs = monotonicMs;
    this.#timeOfDayMs = timeOfDayMs;
    const preciseOriginMs = preciseMs - monotonicMs();
    let earliest = Number.NEGATIVE_INFINITY;
    let latest = Number.POSITIVE_INFINITY;
    for (let look = 0; look < LOOKS; look++) {
      const before = monotonicMs();
      const dayMs = timeOfDayMs();
      earliest = Math.max(earliest, dayMs - monotonicMs());
      latest = Math.min(latest, dayMs + TICK_MS - before);
    }
    const isRight = preciseOriginMs >= earliest && preciseOriginMs <= latest;
    this.#originMs = isRight ? preciseOriginMs : earliest;
  }

  now(): number {
    const monotonicMs = this.#monotonicMs;
    const time = Math.round((this.#originMs + monotonicMs()) * 1000);
    if (time > this.#last) this.#last = time;
    return this.#last;
  }

  /** Catches up with the time of day where that is ahead; a time of day set back is ignored. */
  adjust(): void {
    const monotonicMs = this.#monotonicMs;
    const timeOfDayMs = this.#timeOfDayMs;
    const behindMs = timeOfDayMs() - (this.#originMs + monotonicMs());
    if (behindMs > DRIFT_MS) this.#originMs += behindMs;
  }
}

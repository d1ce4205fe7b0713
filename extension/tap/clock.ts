/** A gap between two clocks that no rounding explains: the machine slept, or the time was set or faked. */
const DRIFT_MS = 250;

/** The time of day comes in whole milliseconds, rounded down. */
const TICK_MS = 1;
/** As near as the two clocks are brought together; the way of a datagram through the loopback takes longer. */
const NEAR_MS = 0.005;
/** Enough for some changes of the time of day, a millisecond apart; and an end also where a clock stands still. */
const MOST_LOOKS = 20_000;

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

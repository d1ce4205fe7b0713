import { SampleState } from "./number_sink.ts";

/** What some samples come to. Only finite ones have a minimum, a maximum and a mean; the others are counted. */
export interface Summary {
  /** Finite samples. */
  readonly count: number;
  readonly nan: number;
  readonly infinite: number;
  /** Of the finite ones those that are integers beyond 2^53: their last digits are not told. */
  readonly inexact: number;
  /** NaN where there is no finite sample, as are the next ones. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Standard deviation of the samples, σ: of all of them, and not an estimate for more. */
  readonly deviation: number;
}

/** Adds samples up (B. P. Welford, 1962), and sums (Chan, Golub and LeVeque, 1979), so that no digits are lost. */
export class RunningSummary {
  count = 0;
  nan = 0;
  infinite = 0;
  inexact = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #mean = 0;
  /** Sum of the squares of the distances from the mean. */
  #squares = 0;

  add(value: number, state: SampleState): void {
    if (state === SampleState.nan) this.nan++;
    else if (state === SampleState.infinite) this.infinite++;
    else {
      if (state === SampleState.inexact) this.inexact++;
      this.count++;
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
      const by = value - this.#mean;
      this.#mean += by / this.count;
      this.#squares += by * (value - this.#mean);
    }
  }

  addAll(other: RunningSummary): void {
    this.nan += other.nan;
    this.infinite += other.infinite;
    this.inexact += other.inexact;
    if (other.count === 0) return;
    const count = this.count + other.count;
    const by = other.#mean - this.#mean;
    this.#mean += (by * other.count) / count;
    this.#squares += other.#squares + (by * by * this.count * other.count) / count;
    this.count = count;
    if (other.min < this.min) this.min = other.min;
    if (other.max > this.max) this.max = other.max;
  }

  /** How many samples were added, whatever they were. */
  get samples(): number {
    return this.count + this.nan + this.infinite;
  }

  get summary(): Summary {
    const { count, nan, infinite, inexact, min, max } = this;
    if (count === 0) {
      const none = Number.NaN;
      return { count, nan, infinite, inexact, min: none, max: none, mean: none, deviation: none };
    }
    // Rounding may take the mean a little past the ends.
    const mean = Math.min(max, Math.max(min, this.#mean));
    const deviation = Math.sqrt(Math.max(0, this.#squares) / count);
    return { count, nan, infinite, inexact, min, max, mean, deviation };
  }
}

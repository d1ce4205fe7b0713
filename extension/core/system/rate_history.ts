/** Seconds that are remembered. */
export const RATE_SECONDS = 30;
const BLOCKS = "▁▂▃▄▅▆▇█";

/** How many datagrams passed in each of the last {@link RATE_SECONDS} seconds, from totals that are told now and then. */
export class RateHistory {
  readonly #perSecond = new Float64Array(RATE_SECONDS);
  /** The second that was written last, counted from any start. */
  #second: number;
  #total: number;

  /** What was there before counts for no second. */
  constructor(total: number, now: number) {
    this.#total = total;
    this.#second = Math.floor(now);
  }

  /** `total` datagrams have passed up to `now`, in seconds from any start. */
  tell(total: number, now: number): void {
    this.#turnTo(Math.floor(now));
    const at = this.#second % RATE_SECONDS;
    this.#perSecond[at] = (this.#perSecond[at] ?? 0) + Math.max(0, total - this.#total);
    this.#total = total;
  }

  /** Datagrams in each of the last seconds, the oldest first and the one that runs last. */
  seconds(now: number): number[] {
    this.#turnTo(Math.floor(now));
    return Array.from(
      { length: RATE_SECONDS },
      (_, index) => this.#perSecond[(this.#second + 1 + index) % RATE_SECONDS] ?? 0,
    );
  }

  /** Datagrams in the latest whole second. */
  rate(now: number): number {
    return this.seconds(now).at(-2) ?? 0;
  }

  #turnTo(second: number): void {
    if (second <= this.#second) return; // a clock that was set back: goes on in the same second
    const steps = Math.min(second - this.#second, RATE_SECONDS);
    for (let step = 0; step < steps; step++) this.#perSecond[(second - step) % RATE_SECONDS] = 0;
    this.#second = second;
  }
}

/** Values as a row of blocks, the largest as the highest; what is not 0 is higher than 0. "" where all are 0. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(0, ...values);
  if (most === 0) return "";
  const level = (value: number) =>
    value <= 0 ? 0 : Math.max(1, Math.round((value / most) * (BLOCKS.length - 1)));
  return values.map((value) => BLOCKS[level(value)]).join("");
}

/** Sums of `count` neighbours each, the oldest first. */
export function sums(values: readonly number[], count: number): number[] {
  const result: number[] = [];
  for (let at = 0; at < values.length; at += count) {
    result.push(values.slice(at, at + count).reduce((sum, value) => sum + value, 0));
  }
  return result;
}

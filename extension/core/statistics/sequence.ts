/** So far behind the highest number one is taken for late, or for a repeat; further behind, the count has begun anew. */
export const LATE_AT_MOST = 1024;

/** Where counters of 1, 2 and 4 bytes begin anew. */
const WRAPS = [2 ** 8, 2 ** 16, 2 ** 32] as const;

export interface SequenceCounts {
  /** The first number, and the highest one of the last run. */
  readonly first: number;
  readonly last: number;
  /** Numbers with a number. */
  readonly numbered: number;
  /** Numbers between the first and the highest that have not come. */
  readonly missing: number;
  /** Numbers that came once more. */
  readonly repeated: number;
  /** Numbers that came after a higher one. */
  readonly late: number;
  /** How often the count began anew without having reached its end: the sender was started again. */
  readonly restarts: number;
}

/**
 * Gaps and repeats in the numbers that a sender gives its datagrams, in the order in which these came. A counter of one, two or
 * four bytes goes on at 0; that is noticed where the way forward over its end is the shorter one.
 */
export class Sequence {
  #numbered = 0;
  #first = 0;
  /** The lowest one since the count began anew. */
  #lowest = 0;
  /** The highest one, counted on over all ends of the counter. */
  #highest = 0;
  /** Added to a number for those ends. */
  #base = 0;
  /** The greatest number as it was written: with it the counter is at least that wide. */
  #greatest = 0;
  #missing = 0;
  #repeated = 0;
  #late = 0;
  #restarts = 0;
  /** Which of the last {@link LATE_AT_MOST} numbers have come, by their remainders. */
  #seen = new Uint8Array(LATE_AT_MOST);

  /** @param number a whole number from 0 on; others are none that a counter has */
  add(number: number): void {
    if (!Number.isSafeInteger(number) || number < 0) return;
    this.#numbered++;
    if (this.#numbered === 1) {
      this.#first = number;
      this.#begin(number);
      return;
    }
    const wrap = WRAPS.find((wide) => wide > Math.max(this.#greatest, number));
    this.#greatest = Math.max(this.#greatest, number);
    const value = this.#continued(number, wrap);
    const ahead = value - this.#highest;
    if (ahead > 0) this.#advance(value);
    else if (-ahead >= LATE_AT_MOST) {
      this.#restarts++;
      this.#begin(number);
    } else if (value < this.#lowest) this.#extend(value);
    else if (this.#seen[value % LATE_AT_MOST] === 1) this.#repeated++;
    else {
      this.#seen[value % LATE_AT_MOST] = 1;
      this.#missing--;
      this.#late++;
    }
  }

  /** Undefined where nothing had a number. */
  get counts(): SequenceCounts | undefined {
    if (this.#numbered === 0) return undefined;
    return {
      first: this.#first,
      last: this.#highest - this.#base,
      numbered: this.#numbered,
      missing: this.#missing,
      repeated: this.#repeated,
      late: this.#late,
      restarts: this.#restarts,
    };
  }

  /** The same, which goes on by itself. */
  clone(): Sequence {
    const copy = new Sequence();
    copy.#numbered = this.#numbered;
    copy.#first = this.#first;
    copy.#lowest = this.#lowest;
    copy.#highest = this.#highest;
    copy.#base = this.#base;
    copy.#greatest = this.#greatest;
    copy.#missing = this.#missing;
    copy.#repeated = this.#repeated;
    copy.#late = this.#late;
    copy.#restarts = this.#restarts;
    copy.#seen = this.#seen.slice();
    return copy;
  }

  /** The number as it would be had the counter no end. */
  #continued(number: number, wrap: number | undefined): number {
    const value = number + this.#base;
    if (wrap === undefined) return value;
    const behind = this.#highest - value;
    // Over the end, as that is nearer.
    if (behind > 0 && wrap - behind < Math.min(behind, LATE_AT_MOST)) {
      this.#base += wrap;
      return value + wrap;
    }
    // From before the end, and late.
    return this.#base > 0 && -behind > wrap / 2 ? value - wrap : value;
  }

  #advance(value: number): void {
    const from = Math.max(this.#highest + 1, value - LATE_AT_MOST + 1);
    for (let between = from; between < value; between++) this.#seen[between % LATE_AT_MOST] = 0;
    this.#missing += value - this.#highest - 1;
    this.#seen[value % LATE_AT_MOST] = 1;
    this.#highest = value;
  }

  /** It is late, and only now the numbers between it and those that came first are known to be missing. */
  #extend(value: number): void {
    for (let between = value + 1; between < this.#lowest; between++) {
      this.#seen[between % LATE_AT_MOST] = 0;
    }
    this.#missing += this.#lowest - value - 1;
    this.#late++;
    this.#seen[value % LATE_AT_MOST] = 1;
    if (this.#restarts === 0) this.#first = value - this.#base;
    this.#lowest = value;
  }

  #begin(number: number): void {
    this.#base = 0;
    this.#lowest = number;
    this.#highest = number;
    this.#seen.fill(0);
    this.#seen[number % LATE_AT_MOST] = 1;
  }
}

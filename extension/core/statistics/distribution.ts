/** Cells for each power of two: a value is told to 1 in 128, small ones exactly. A power of two. */
const CELLS = 64;
/** log2 of it: numbers below have cells of their own. */
const EXACT_BITS = 6;

/**
 * How many there are of each value, with cells that grow with the values (as HDR histograms have them): constant time for each,
 * and some hundred bytes for each power of two that occurs, however many there are. Whole numbers below 64 are told exactly,
 * percentiles of others to 0.8 %; least, greatest, mean and deviation exactly.
 */
export class Distribution {
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  mean = 0;
  /** Sum of the squares of what each differs from the mean (Welford's method: it does not lose the small in the large). */
  #squares = 0;
  /** Counts of {@link CELLS} values, or ranges of values, for each power of two. */
  #pages: (Uint32Array | undefined)[] = [];

  /** @param value from 0 on; microseconds, or bytes */
  add(value: number): void {
    this.count++;
    const difference = value - this.mean;
    this.mean += difference / this.count;
    this.#squares += difference * (value - this.mean);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    const whole = Math.floor(value);
    const scale = scaleOf(whole);
    let page = this.#pages[scale];
    if (!page) {
      page = new Uint32Array(CELLS);
      this.#pages[scale] = page;
    }
    const cell = scale === 0 ? whole : Math.floor(whole / 2 ** (scale - 1)) - CELLS;
    page[cell] = (page[cell] ?? 0) + 1;
  }

  /** Standard deviation of those there are (not of those that they are taken from); 0 without any. */
  get deviation(): number {
    return this.count === 0 ? 0 : Math.sqrt(Math.max(0, this.#squares) / this.count);
  }

  /** The smallest value that the share `share` of them does not exceed (nearest rank); undefined where there is none. */
  percentile(share: number): number | undefined {
    if (this.count === 0) return undefined;
    let left = Math.max(1, Math.ceil(this.count * share));
    for (const [scale, page] of this.#pages.entries()) {
      if (!page) continue;
      for (let cell = 0; cell < CELLS; cell++) {
        left -= page[cell] ?? 0;
        if (left <= 0) return Math.min(this.max, Math.max(this.min, middleOf(scale, cell)));
      }
    }
    return this.max;
  }

  /** The same, which goes on by itself. */
  clone(): Distribution {
    const copy = new Distribution();
    copy.count = this.count;
    copy.min = this.min;
    copy.max = this.max;
    copy.mean = this.mean;
    copy.#squares = this.#squares;
    copy.#pages = this.#pages.map((page) => page?.slice());
    return copy;
  }
}

/** 0 for what has cells of its own, then 1 for each power of two. */
function scaleOf(whole: number): number {
  if (whole < CELLS) return 0;
  const bits = whole < 2 ** 32 ? 32 - Math.clz32(whole) : 64 - Math.clz32(whole / 2 ** 32);
  return bits - EXACT_BITS;
}

function middleOf(scale: number, cell: number): number {
  if (scale === 0) return cell;
  const width = 2 ** (scale - 1);
  return (cell + CELLS) * width + (width - 1) / 2;
}

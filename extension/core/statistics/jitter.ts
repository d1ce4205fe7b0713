/**
 * How much the way of datagrams varies: the interarrival jitter of RFC 3550 (section 6.4.1 and appendix A.8), from the
 * transit times of one sender's datagrams in the order in which they came. The transit time is the difference of two clocks
 * that need not agree, as only its changes count.
 */
export class Jitter {
  #transit: number | undefined;
  /** In the unit of the transit times. */
  #value = 0;
  #max = 0;
  #sum = 0;
  #count = 0;

  /**
   * @param transit when a datagram came, less when it was sent by its sender's clock
   * @param period after how long that clock begins anew; left out: never
   */
  add(transit: number, period = Number.POSITIVE_INFINITY): void {
    if (this.#transit !== undefined) {
      const change = transit - this.#transit;
      const turns = Number.isFinite(period) ? Math.round(change / period) * period : 0;
      this.#value += (Math.abs(change - turns) - this.#value) / 16;
      this.#max = Math.max(this.#max, this.#value);
      this.#sum += this.#value;
      this.#count++;
    }
    this.#transit = transit;
  }

  /** As of the last datagram, the greatest of all, and the mean; undefined before there are two datagrams. */
  get measured(): MeasuredJitter | undefined {
    if (this.#count === 0) return undefined;
    return { last: this.#value, max: this.#max, mean: this.#sum / this.#count };
  }

  /** The same, which goes on by itself. */
  clone(): Jitter {
    const copy = new Jitter();
    copy.#transit = this.#transit;
    copy.#value = this.#value;
    copy.#max = this.#max;
    copy.#sum = this.#sum;
    copy.#count = this.#count;
    return copy;
  }
}

export interface MeasuredJitter {
  readonly last: number;
  readonly max: number;
  readonly mean: number;
}

/** Whether the grid sticks to its end, and if not, how many rows have come since that nobody has seen. */
export class GridEnd {
  #isFollowed: boolean;
  /** The end of what was there or was seen when rows last counted as new. */
  #seen: number | undefined;

  constructor(isFollowed: boolean) {
    this.#isFollowed = isFollowed;
  }

  get isFollowed(): boolean {
    return this.#isFollowed;
  }

  follow(): void {
    this.#isFollowed = true;
  }

  /** The user wants to stay where they are. */
  leave(total: number): void {
    if (this.#isFollowed) this.#seen = total;
    this.#isFollowed = false;
  }

  /** So many rows are gone from the front, seen or not. */
  removedFromFront(count: number): void {
    if (this.#seen !== undefined) this.#seen = Math.max(0, this.#seen - count);
  }

  /** Rows before `end` are or were in view, of `total`. */
  saw(end: number, total: number): void {
    // Nothing has been told of the capture yet: the page is drawn before it is.
    if (total === 0 && this.#seen === undefined) return;
    // What was there when the page opened is not new.
    const seen = this.#isFollowed ? total : (this.#seen ?? total);
    this.#seen = Math.min(total, Math.max(seen, end));
  }

  /** How many of `total` rows are new; 0 while following. */
  newRows(total: number): number {
    return this.#isFollowed ? 0 : Math.max(0, total - (this.#seen ?? total));
  }
}

/** How long rows that were scrolled away from stay in view while the right ones are on their way. */
const HOLD_MS = 250;

/**
 * Whether what was drawn is to stay a little longer, because what could be drawn now would be blank. A timer tells, not
 * the clock: after a moment in which the page could do nothing, rows that have come in it are read before the timer.
 */
export class RowHold {
  readonly #ended: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  /** `ended`: it has stayed long enough. */
  constructor(ended: () => void) {
    this.#ended = ended;
  }

  /** True while rows that are missing are worth waiting for; `isMissing` says that there are any. */
  waits(isMissing: boolean): boolean {
    if (!isMissing) this.#clear();
    else if (!this.#isOver) this.#timer ??= setTimeout(() => this.#end(), HOLD_MS);
    return isMissing && !this.#isOver;
  }

  /** Something newer was drawn, which may stay as long again. */
  restart(): void {
    this.#clear();
    this.waits(true);
  }

  #end(): void {
    this.#isOver = true;
    this.#ended();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isOver = false;
  }
}

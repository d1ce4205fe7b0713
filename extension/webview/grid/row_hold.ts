/** How long rows that were scrolled away from stay in view while the right ones are on their way. */
const HOLD_MS = 250;

/** Whether what was drawn is to stay a little longer, because what could be drawn now would be blank. */
export class RowHold {
  readonly #ended: () => void;
  #since: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `ended`: it has stayed long enough. */
  constructor(ended: () => void) {
    this.#ended = ended;
  }

  /** True while rows that are missing are worth waiting for; `isMissing` says that there are any. */
  waits(isMissing: boolean): boolean {
    clearTimeout(this.#timer);
    if (!isMissing) {
      this.#since = undefined;
      return false;
    }
    const now = performance.now();
    this.#since ??= now;
    const rest = this.#since + HOLD_MS - now;
    if (rest > 0) this.#timer = setTimeout(this.#ended, rest);
    return rest > 0;
  }

  /** Something newer was drawn, which may stay as long again. */
  restart(): void {
    this.#since = performance.now();
  }
}

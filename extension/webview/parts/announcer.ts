/** What a screen reader is told at most every five seconds: one summary, never every datagram. */
const INTERVAL_MS = 5000;

export interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
}

const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
};

/** Lets the last of many summaries through, each some time after the one before. */
export class Announcer {
  readonly #say: (summary: string) => void;
  readonly #clock: Clock;
  #waiting: string | undefined;
  #next: number;
  #said = "";

  /** `say` puts the summary where the screen reader finds it. */
  constructor(say: (summary: string) => void, clock: Clock = systemClock) {
    this.#say = say;
    this.#clock = clock;
    this.#next = clock.now();
  }

  announce(summary: string): void {
    const scheduled = this.#waiting !== undefined;
    this.#waiting = summary;
    if (scheduled) return;
    const wait = this.#next - this.#clock.now();
    if (wait > 0) this.#clock.setTimeout(() => this.#speak(), wait);
    else this.#speak();
  }

  #speak(): void {
    const summary = this.#waiting ?? "";
    this.#waiting = undefined;
    if (summary === this.#said) return;
    this.#said = summary;
    this.#next = this.#clock.now() + INTERVAL_MS;
    this.#say(summary);
  }
}

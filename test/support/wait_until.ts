import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";

export interface WaitOptions {
  /** How long to wait at most, in milliseconds; 15,000 unless told. */
  readonly timeoutMs?: number;
}

/** What was awaited did not come. The message says what it was and what was there instead. */
export class WaitError extends Error {
  override readonly name = "WaitError";
}

/**
 * Asks `probe` until its answer satisfies, and returns that answer. A probe that throws counts as not yet: a page that
 * reloads, for one, cannot answer.
 *
 * @throws {WaitError} after the time-out.
 */
export async function waitUntil<T>(
  what: string,
  probe: () => T | Promise<T>,
  satisfies: (answer: T) => boolean = Boolean,
  { timeoutMs = 15_000 }: WaitOptions = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let seen = "nothing";
  for (;;) {
    try {
      const answer = await probe();
      if (satisfies(answer)) return answer;
      seen = inspect(answer, { depth: 4, breakLength: 120, maxStringLength: 2000 });
    } catch (error) {
      seen = String(error);
    }
    if (performance.now() > end) {
      throw new WaitError(`Waited ${timeoutMs / 1000} s in vain for ${what}; last seen: ${seen}`);
    }
    await delay(30);
  }
}

/**
 * Work that is done in steps of some milliseconds each: whoever shares a thread with others gives them their turn
 * between two of them, and whoever has time for all of it takes {@link atOnce}.
 */
export type Steps<Result = void> = Generator<void, Result>;

/** Takes all steps; returns what they come to. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

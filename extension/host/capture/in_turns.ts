import { setImmediate as nextTurn } from "node:timers/promises";
import type { Steps } from "../../core/capture/steps.ts";

/** Takes the steps one a turn of the event loop; resolves with what they come to. */
export async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}

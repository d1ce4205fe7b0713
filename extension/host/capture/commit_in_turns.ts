import type { Capture } from "../../core/capture/capture.ts";
import { inTurns } from "./in_turns.ts";

/** {@link Capture.committing}, a step a turn; what few captures need for that is loaded where one does. */
export async function commitInTurns(capture: Capture): Promise<boolean> {
  if (capture.needsSightings) {
    const { Sightings } = await import("../../core/capture/sightings.ts");
    capture.findSightings(Sightings);
  }
  if (capture.needsRefusals) {
    const { Refusals } = await import("../../core/capture/refusals.ts");
    capture.findRefusals(Refusals);
  }
  return inTurns(capture.committing());
}

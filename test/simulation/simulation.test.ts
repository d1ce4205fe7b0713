import assert from "node:assert/strict";
import { FOUND_WORLDS } from "./found_worlds.ts";
import { planOf, simulate } from "./simulate.ts";

const SEEDS = 200;

describe("a simulated world", () => {
  it(`is told as it is, in all its windows alike, whichever of ${SEEDS} it is`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const faults = await simulate(planOf(seed));
      assert.deepEqual(faults, [], `npm run simulate -- --seed ${seed}`);
    }
  }).timeout(180_000);

  for (const [what, plan] of Object.entries(FOUND_WORLDS)) {
    it(`is told as it is with ${what}`, async () => assert.deepEqual(await simulate(plan), []));
  }
});

import assert from "node:assert/strict";
import { roundTrips } from "../../scripts/udp_client.ts";

describe("round-trip times", () => {
  it("are nothing where nothing was answered", () => {
    assert.deepEqual(roundTrips([]), {});
  });

  it("have their ranks by the nearest one, in whatever order they came", () => {
    const rtts = Array.from({ length: 200 }, (_, at) => ((at * 77) % 200) + 1);
    const { min, median, p99, max } = roundTrips(rtts);
    assert.deepEqual([min, median, p99, max], [1, 100, 198, 200]);
  });

  it("jitter as RFC 3550 has it: a sixteenth of the news", () => {
    assert.equal(roundTrips([5]).jitter, 0);
    assert.equal(roundTrips([5, 21]).jitter, 1);
    assert.equal(roundTrips([5, 21, 5]).jitter, 1 + (16 - 1) / 16);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { Jitter } from "../../../../extension/core/statistics/jitter.ts";

describe("Jitter", () => {
  it("is what the code of RFC 3550, appendix A.8, computes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50_000, max: 50_000 })), (transits) => {
        const jitter = new Jitter();
        let value = 0;
        let last: number | undefined;
        for (const transit of transits) {
          jitter.add(transit);
          if (last !== undefined) value += (1 / 16) * (Math.abs(transit - last) - value);
          last = transit;
        }
        const { measured } = jitter;
        if (transits.length < 2) assert.equal(measured, undefined);
        else assert.ok(measured && Math.abs(measured.last - value) < 1e-9);
      }),
    );
  });

  it("knows the greatest and the mean", () => {
    const jitter = new Jitter();
    for (const transit of [0, 160, 160, 160]) jitter.add(transit);
    const steps = [10, 10 - 10 / 16, (10 - 10 / 16) * (15 / 16)];
    const mean = steps.reduce((sum, one) => sum + one, 0) / 3;
    assert.deepEqual(jitter.measured, { last: steps[2], max: 10, mean });
  });

  it("does not see the moment in which the sender's clock begins anew", () => {
    const jitter = new Jitter();
    const period = 1000;
    for (let index = 0; index < 10; index++) {
      const sent = (index * 300) % period;
      jitter.add(5_000_000 + index * 300 - sent, period);
    }
    assert.equal(jitter.measured?.max, 0);
  });
});

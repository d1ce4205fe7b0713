import assert from "node:assert/strict";
import fc from "fast-check";
import { SampleState, stateOf } from "../../../../extension/core/series/number_sink.ts";
import { RunningSummary } from "../../../../extension/core/series/summary.ts";

const near = (one: number, other: number, scale: number) =>
  assert.ok(Math.abs(one - other) <= 1e-9 * Math.max(1, scale), `${one} and ${other}`);

describe("a summary of samples", () => {
  it("is what a sum over all of them says, and the same in parts", () => {
    const sample = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1 }), fc.nat(), (all, cut) => {
        const [whole, first, second] = [0, 1, 2].map(() => new RunningSummary());
        if (!whole || !first || !second) return;
        const at = cut % (all.length + 1);
        for (const value of all) whole.add(value, SampleState.finite);
        for (const value of all.slice(0, at)) first.add(value, SampleState.finite);
        for (const value of all.slice(at)) second.add(value, SampleState.finite);
        first.addAll(second);
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        const squares = all.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        const scale = Math.max(...all.map(Math.abs));
        for (const { summary } of [whole, first]) {
          assert.equal(summary.count, all.length);
          assert.equal(summary.min, Math.min(...all));
          assert.equal(summary.max, Math.max(...all));
          near(summary.mean, mean, scale);
          near(summary.deviation, Math.sqrt(squares / all.length), scale);
        }
      }),
    );
  });

  it("keeps its digits far from zero, where a sum of squares has none left", () => {
    const sum = new RunningSummary();
    for (const value of [4, 7, 13, 16]) sum.add(1e9 + value, SampleState.finite);
    assert.equal(sum.summary.mean, 1e9 + 10);
    assert.equal(sum.summary.deviation, Math.sqrt(22.5));
  });

  it("counts what is no number, and has it in nothing else", () => {
    const sum = new RunningSummary();
    for (const value of [1, Number.NaN, Infinity, 3, -Infinity, 2 ** 60]) {
      sum.add(value, stateOf(value, Number.isInteger(value)));
    }
    const { count, nan, infinite, inexact, min, max } = sum.summary;
    assert.deepEqual(
      { count, nan, infinite, inexact, min, max },
      {
        ...{ count: 3, nan: 1, infinite: 2, inexact: 1, min: 1, max: 2 ** 60 },
      },
    );
    assert.ok(Number.isNaN(new RunningSummary().summary.mean));
  });
});

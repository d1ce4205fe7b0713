import assert from "node:assert/strict";
import fc from "fast-check";
import { percentile } from "../../../../extension/core/capture/conversation.ts";
import { Distribution } from "../../../../extension/core/statistics/distribution.ts";

const value = fc.oneof(
  fc.nat(200),
  fc.nat(100_000),
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.integer({ min: 2 ** 31, max: 2 ** 50 }),
);

function of(values: readonly number[]): Distribution {
  const distribution = new Distribution();
  for (const one of values) distribution.add(one);
  return distribution;
}

describe("Distribution", () => {
  it("tells each percentile to one part in 128, and small whole numbers exactly", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1),
        (values, share) => {
          const exact = percentile(
            [...values].sort((a, b) => a - b),
            share,
          );
          const told = of(values).percentile(share);
          assert.ok(exact !== undefined && told !== undefined);
          if (exact < 64) assert.equal(told, exact);
          else assert.ok(Math.abs(told - exact) <= exact / 128, `${told} instead of ${exact}`);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("tells least, greatest, mean and deviation exactly", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 100 }), (values) => {
        const told = of(values);
        const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
        const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
        assert.equal(told.count, values.length);
        assert.equal(told.min, Math.min(...values));
        assert.equal(told.max, Math.max(...values));
        assert.ok(Math.abs(told.mean - mean) < 1e-6 * Math.max(1, mean));
        const deviation = Math.sqrt(squares / values.length);
        assert.ok(Math.abs(told.deviation - deviation) < 1e-6 * Math.max(1, deviation));
      }),
    );
  });

  it("does not lose a small deviation in large values", () => {
    const times = Array.from({ length: 1000 }, (_, index) => 1.7e15 + (index % 2));
    assert.ok(Math.abs(of(times).deviation - 0.5) < 0.01);
  });

  it("knows nothing of none", () => {
    assert.equal(new Distribution().percentile(0.5), undefined);
    assert.equal(new Distribution().deviation, 0);
  });

  it("goes on apart from what was made of it", () => {
    const one = of([1, 100, 10_000]);
    const other = one.clone();
    other.add(1_000_000);
    one.add(2);
    assert.deepEqual([one.count, one.max, one.percentile(0.5)], [4, 10_000, 2]);
    assert.deepEqual([other.count, other.max, other.percentile(1)], [4, 1_000_000, 1_000_000]);
  });
});

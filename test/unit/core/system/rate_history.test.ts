import assert from "node:assert/strict";
import fc from "fast-check";
import {
  RATE_SECONDS,
  RateHistory,
  sparkline,
  sums,
} from "../../../../extension/core/system/rate_history.ts";

describe("RateHistory", () => {
  it("counts what came in each second, and forgets what is longer ago", () => {
    const history = new RateHistory(1000, 50);
    history.tell(1005, 50.2);
    history.tell(1006, 50.9);
    history.tell(1016, 52.1);
    assert.deepEqual(history.seconds(52.5).slice(-3), [6, 0, 10]);
    assert.equal(history.rate(53), 10);
    assert.equal(history.rate(54), 0);
    assert.deepEqual(history.seconds(52 + RATE_SECONDS - 1).slice(0, 2), [10, 0]);
    assert.ok(history.seconds(52 + RATE_SECONDS).every((value) => value === 0));
    assert.ok(history.seconds(1e9).every((value) => value === 0));
  });

  it("loses nothing within its time, whenever it is told", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1000), fc.float({ min: 0, max: 3, noNaN: true }))),
        (steps) => {
          const history = new RateHistory(0, 0);
          const told: { count: number; second: number }[] = [];
          let total = 0;
          let now = 0;
          for (const [count, wait] of steps) {
            total += count;
            now += wait;
            history.tell(total, now);
            told.push({ count, second: Math.floor(now) });
          }
          const expected = told
            .filter(({ second }) => second > Math.floor(now) - RATE_SECONDS)
            .reduce((sum, { count }) => sum + count, 0);
          assert.equal(
            history.seconds(now).reduce((sum, value) => sum + value, 0),
            expected,
          );
        },
      ),
    );
  });

  it("stays right when the clock is set back or a counter starts anew", () => {
    const history = new RateHistory(0, 100);
    history.tell(5, 100);
    history.tell(7, 90);
    assert.equal(history.seconds(100).at(-1), 7);
    history.tell(1, 100);
    assert.equal(history.seconds(100).at(-1), 7);
    history.tell(3, 100);
    assert.equal(history.seconds(100).at(-1), 9);
  });
});

describe("sparkline()", () => {
  it("is as high as the largest value, and nothing where all are 0", () => {
    assert.equal(sparkline([0, 1, 50, 100]), "▁▂▅█");
    assert.equal(sparkline([0, 0]), "");
    assert.equal(sparkline([]), "");
    assert.equal(sparkline([1, 1_000_000]), "▂█");
  });

  it("is drawn from sums of neighbours", () => {
    assert.deepEqual(sums([1, 2, 3, 4, 5, 6], 3), [6, 15]);
    assert.deepEqual(sums([1, 2, 3, 4], 3), [6, 4]);
  });
});

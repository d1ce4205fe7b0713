import assert from "node:assert/strict";
import fc from "fast-check";
import {
  LATE_AT_MOST,
  Sequence,
  type SequenceCounts,
} from "../../../../extension/core/statistics/sequence.ts";

function counts(numbers: readonly number[]): SequenceCounts | undefined {
  const sequence = new Sequence();
  for (const number of numbers) sequence.add(number);
  return sequence.counts;
}

const NOTHING = { missing: 0, repeated: 0, late: 0, restarts: 0 };

describe("Sequence", () => {
  it("counts what every hundredth missing comes to", () => {
    const numbers = Array.from({ length: 6000 }, (_, index) => index + 1).filter(
      (number) => number % 100 !== 50,
    );
    assert.deepEqual(counts(numbers), {
      ...NOTHING,
      first: 1,
      last: 6000,
      numbered: 5940,
      missing: 60,
    });
  });

  it("tells a repeat from a late one, and takes what was late out of what is missing", () => {
    assert.deepEqual(counts([1, 2, 2, 5, 3, 6]), {
      first: 1,
      last: 6,
      numbered: 6,
      missing: 1,
      repeated: 1,
      late: 1,
      restarts: 0,
    });
  });

  it("counts what comes late before the first", () => {
    assert.deepEqual(counts([10, 7, 8]), {
      first: 7,
      last: 10,
      numbered: 3,
      missing: 1,
      repeated: 0,
      late: 2,
      restarts: 0,
    });
  });

  for (const [name, wrap] of [
    ["one byte", 2 ** 8],
    ["two bytes", 2 ** 16],
    ["four bytes", 2 ** 32],
  ] as const) {
    it(`goes on behind the end of a counter of ${name}`, () => {
      const start = wrap - 100;
      const numbers = Array.from({ length: 200 }, (_, index) => (start + index) % wrap);
      assert.deepEqual(counts(numbers), { ...NOTHING, first: start, last: 99, numbered: 200 });
      const some = numbers.filter((_, index) => index !== 99 && index !== 100);
      assert.equal(counts(some)?.missing, 2, "the last and the first one");
      const late = [...numbers.slice(0, 99), ...numbers.slice(100, 105), numbers[99] ?? 0];
      assert.deepEqual(counts(late), { ...NOTHING, first: start, last: 4, numbered: 105, late: 1 });
    });
  }

  it("sees that a sender has begun anew", () => {
    const run = Array.from({ length: 5000 }, (_, index) => index);
    const told = counts([...run, 0, 1, 2, 4]);
    assert.deepEqual(told, {
      ...NOTHING,
      first: 0,
      last: 4,
      numbered: 5004,
      missing: 1,
      restarts: 1,
    });
  });

  it("takes no text, no fraction and nothing below 0 for a number of a counter", () => {
    assert.equal(counts([Number.NaN, 1.5, -1, Number.POSITIVE_INFINITY]), undefined);
  });

  it("agrees with a set of all numbers, whatever their order within what may be late", () => {
    const order = fc.array(fc.tuple(fc.nat(300), fc.nat(20)), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(order, (drawn) => {
        // Above where a counter of one byte would end, so that none is meant.
        const numbers = drawn.map(([number]) => 1000 + number);
        const told = counts(numbers);
        const known = new Set(numbers);
        const [lowest, highest] = [Math.min(...numbers), Math.max(...numbers)];
        assert.ok(highest - lowest < LATE_AT_MOST);
        assert.equal(told?.missing, highest - lowest + 1 - known.size);
        assert.equal(told?.repeated, numbers.length - known.size);
        assert.deepEqual([told?.first, told?.last], [lowest, highest]);
      }),
      { numRuns: 500 },
    );
  });

  it("goes on apart from what was made of it", () => {
    const one = new Sequence();
    for (const number of [1, 2, 5]) one.add(number);
    const other = one.clone();
    other.add(3);
    assert.deepEqual([one.counts?.missing, other.counts?.missing], [2, 1]);
  });
});

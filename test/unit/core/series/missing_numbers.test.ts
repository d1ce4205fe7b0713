import assert from "node:assert/strict";
import fc from "fast-check";
import { sampleNumber } from "../../../../extension/core/series/number_sink.ts";
import { SeriesTable } from "../../../../extension/core/series/series_table.ts";

function senderOf(numbers: readonly number[], more: Readonly<Record<string, number>> = {}) {
  const table = new SeriesTable();
  for (const [id, number] of numbers.entries()) {
    const series = table.begin(id, id, table.senderOf("a"));
    for (const [name, value] of Object.entries(more))
      series?.number(name, sampleNumber(value, true));
    series?.number("seq", sampleNumber(number, true));
    table.show(id);
  }
  const [sender] = table.senders;
  return { table, sender: sender ?? assert.fail("no sender") };
}

/** What is missing, number by number. */
function missing(numbers: readonly number[]): number[] | undefined {
  return senderOf(numbers).sender.missing?.runs.flatMap(({ first, count }) =>
    Array.from({ length: count }, (_, index) => first + index),
  );
}

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

describe("what a counter leaves out", () => {
  it("is exactly what is missing, be it one, every hundredth, or a burst", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 998 }), { maxLength: 50 }), (left) => {
        const gone = new Set(left);
        const numbers = upTo(1000).filter((number) => !gone.has(number));
        assert.deepEqual(
          missing(numbers),
          [...gone].sort((one, other) => one - other),
        );
      }),
    );
  });

  it("goes on where 8, 16 or 32 bits end", () => {
    for (const bits of [8, 16, 32]) {
      const size = 2 ** bits;
      const numbers = upTo(200, size - 100).map((number) => number % size);
      assert.deepEqual(missing(numbers), [], `${bits} bits`);
      const without = numbers.filter((number) => number !== 5);
      const runs = senderOf(without).sender.missing?.runs;
      assert.deepEqual(
        runs?.map(({ first, count }) => [first, count]),
        [[5, 1]],
        `${bits} bits`,
      );
    }
  });

  it("is not what comes late, nor what comes twice, nor a device that begins anew", () => {
    const numbers = upTo(100);
    [numbers[50], numbers[51]] = [51, 50];
    assert.deepEqual(missing(numbers), []);
    assert.deepEqual(missing([...upTo(50), 49, 48, ...upTo(50, 50)]), []);
    assert.deepEqual(missing([...upTo(500), ...upTo(500)]), []);
  });

  it("is found by the field that counts, whatever else there is", () => {
    const { sender } = senderOf(upTo(100), { a: 5, uptime: 20 });
    assert.equal(sender.missing?.column.name, "seq");
    const noise = Array.from({ length: 100 }, (_, index) => (index * 7919) % 101);
    assert.equal(senderOf(noise).sender.missing, undefined);
    assert.equal(senderOf(upTo(10)).sender.missing, undefined, "too few to tell");
    assert.equal(senderOf(Array(100).fill(3)).sender.missing, undefined);
  });

  it("is the same when positions are arranged anew, again and again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1200, maxLength: 4000 }),
        fc.array(fc.nat(4000), { maxLength: 12 }),
        (steps, cuts) => {
          let last = 0;
          const numbers = steps.map((step) => {
            last += step === 0 ? 2 : 1;
            return step === 3 ? Math.max(0, last - 2) : last;
          });
          const { table, sender } = senderOf(numbers);
          const runs = () => JSON.stringify(sender.missing?.runs.filter(({ count }) => count > 0));
          const before = runs();
          for (const cut of cuts) {
            table.truncate(cut);
            runs();
            for (let id = Math.min(cut, numbers.length); id < numbers.length; id++) table.show(id);
            assert.equal(runs(), before);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

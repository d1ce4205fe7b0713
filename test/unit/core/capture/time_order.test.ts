import assert from "node:assert/strict";
import fc from "fast-check";
import { TimeOrder } from "../../../../extension/core/capture/time_order.ts";

/** All datagrams in the order that is held. */
function positions(order: TimeOrder): number[] {
  return Array.from({ length: order.length }, (_, position) => order.at(position));
}

/** Of the same time, what was read first comes first. */
const asRead = (one: number, other: number) => one < other;

describe("TimeOrder", () => {
  it("is the stable order of the times, whatever the batches", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(50), { maxLength: 30 }), { maxLength: 20 }),
        (batches) => {
          const times = Float64Array.from(batches.flat());
          const order = new TimeOrder();
          let from = 0;
          for (const batch of batches) {
            order.merge(from, from + batch.length, times, asRead);
            from += batch.length;
          }
          const expected = [...times.keys()].sort(
            (a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b,
          );
          assert.deepEqual(positions(order), expected);
          for (const datagram of expected) {
            const start = times[datagram] ?? 0;
            assert.equal(
              order.firstFrom(start, times),
              expected.findIndex((other) => times[other] === start),
            );
          }
        },
      ),
    );
  });

  it("does not depend on which of the same time was read first", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5), { maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        (all, dice) => {
          const shuffled = [...all.keys()]
            .map((number) => ({ number, rank: dice.next().value ?? 0 }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ number }) => number);
          const times = Float64Array.from(shuffled, (number) => all[number] ?? 0);
          const order = new TimeOrder();
          const numbered = (one: number, other: number) =>
            (shuffled[one] ?? 0) < (shuffled[other] ?? 0);
          for (let from = 0; from < shuffled.length; ) {
            const end = Math.min(shuffled.length, from + 1 + ((dice.next().value ?? 0) % 5));
            order.merge(from, end, times, numbered);
            from = end;
          }
          assert.deepEqual(
            positions(order).map((index) => shuffled[index]),
            [...all.keys()].sort((a, b) => (all[a] ?? 0) - (all[b] ?? 0) || a - b),
          );
        },
      ),
    );
  });

  it("takes thousands in many batches", () => {
    const times = Float64Array.from({ length: 6000 }, (_, index) => 10_000 - index);
    const order = new TimeOrder();
    for (let from = 0; from < times.length; from += 100)
      order.merge(from, from + 100, times, asRead);
    assert.deepEqual(positions(order), [...times.keys()].reverse());
  });

  it("throws where there is no datagram", () => {
    const order = new TimeOrder();
    order.merge(0, 1, Float64Array.of(5), asRead);
    for (const bad of [1, -1, 0.5, Number.NaN]) assert.throws(() => order.at(bad), RangeError);
  });

  it("starts anew after clear", () => {
    const order = new TimeOrder();
    order.merge(0, 2, Float64Array.of(5, 4), asRead);
    order.clear();
    assert.equal(order.length, 0);
    order.merge(0, 1, Float64Array.of(9), asRead);
    assert.deepEqual(positions(order), [0]);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { atOnce } from "../../../../extension/core/capture/steps.ts";
import { NOWHERE, TimeOrder } from "../../../../extension/core/capture/time_order.ts";

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

  it("compares no more with each batch, however many of other files lie between and behind", () => {
    const comparisons = (batches: number) => {
      // As files of the same hour, one read after the other.
      const times = Float64Array.from({ length: batches * 100 }, () => 7);
      const order = new TimeOrder();
      let compared = 0;
      const byFile = (one: number, other: number) => {
        compared++;
        return (one % 100) * batches + one / 100 < (other % 100) * batches + other / 100;
      };
      for (let from = 0; from < times.length; from += 100)
        order.merge(from, from + 100, times, byFile);
      const all = positions(order);
      assert.ok(all.every((datagram, at) => at === 0 || byFile(all[at - 1] ?? 0, datagram)));
      return compared;
    };
    const [some, more] = [comparisons(40), comparisons(160)];
    // Four times as many, in which each is found among four times as many.
    assert.ok(more < 8 * some, `${some} comparisons, then ${more} for four times as many`);
  });

  it("takes out what it is told to, and finds the place of each", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20), { maxLength: 60 }),
        fc.infiniteStream(fc.boolean()),
        (all, dice) => {
          const times = Float64Array.from(all);
          const order = new TimeOrder();
          if (all.length > 0) order.merge(0, all.length, times, asRead);
          const gone = new Set([...all.keys()].filter(() => dice.next().value));
          const expected = positions(order).filter((datagram) => !gone.has(datagram));
          const renumbered = (datagram: number) => (gone.has(datagram) ? NOWHERE : datagram + 1000);
          const without = atOnce(order.without(renumbered));
          assert.deepEqual(
            positions(without),
            expected.map((datagram) => datagram + 1000),
          );
          order.remove(Uint32Array.from(gone), times, asRead);
          assert.deepEqual(positions(order), expected);
          for (const [at, datagram] of expected.entries()) {
            assert.equal(order.placeOf(datagram, times, asRead), at);
          }
          order.insert(Uint32Array.from(gone), times, asRead);
          assert.equal(order.length, all.length);
          for (const datagram of all.keys()) {
            assert.equal(order.at(order.placeOf(datagram, times, asRead)), datagram);
          }
        },
      ),
    );
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

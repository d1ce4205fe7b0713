import assert from "node:assert/strict";
import fc from "fast-check";
import { TimeOrder } from "../../../../extension/core/capture/time_order.ts";

/** All datagrams in the order that is held. */
function positions(order: TimeOrder): number[] {
  return Array.from({ length: order.length }, (_, position) => order.at(position));
}

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
            order.merge(from, from + batch.length, times);
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

  it("takes thousands in many batches", () => {
    const times = Float64Array.from({ length: 6000 }, (_, index) => 10_000 - index);
    const order = new TimeOrder();
    for (let from = 0; from < times.length; from += 100) order.merge(from, from + 100, times);
    assert.deepEqual(positions(order), [...times.keys()].reverse());
  });

  it("throws where there is no datagram", () => {
    const order = new TimeOrder();
    order.merge(0, 1, Float64Array.of(5));
    for (const bad of [1, -1, 0.5, Number.NaN]) assert.throws(() => order.at(bad), RangeError);
  });

  it("starts anew after clear", () => {
    const order = new TimeOrder();
    order.merge(0, 2, Float64Array.of(5, 4));
    order.clear();
    assert.equal(order.length, 0);
    order.merge(0, 1, Float64Array.of(9));
    assert.deepEqual(positions(order), [0]);
  });
});

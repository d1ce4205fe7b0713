import assert from "node:assert/strict";
import fc from "fast-check";
import {
  curveOverField,
  curveOverTime,
  gapMarks,
} from "../../../../extension/core/series/curve.ts";
import { sampleNumber } from "../../../../extension/core/series/number_sink.ts";
import type { SenderSeries } from "../../../../extension/core/series/sender_series.ts";
import { SeriesTable } from "../../../../extension/core/series/series_table.ts";

interface Sample {
  readonly time: number;
  readonly y: number | undefined;
  readonly x: number;
}

function senderOf(samples: readonly Sample[]): SenderSeries {
  const table = new SeriesTable();
  for (const [id, { time, x, y }] of samples.entries()) {
    const series = table.begin(id, time, table.senderOf("a"));
    series?.number("x", sampleNumber(x, false));
    if (y !== undefined) series?.number("y", sampleNumber(y, false));
    table.show(id);
  }
  return table.senders[0] ?? assert.fail("no sender");
}

const samples = fc
  .array(
    fc.record({
      time: fc.integer({ min: 0, max: 100_000 }),
      x: fc.double({ min: -100, max: 100, noNaN: true }),
      y: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 3000 },
  )
  .map((all): Sample[] => all.sort((one, other) => one.time - other.time));

/** The least and the greatest of each step, the slow way. */
function extremes(
  points: readonly (readonly [place: number, y: number])[],
  from: number,
  to: number,
  steps: number,
): [number, number][] {
  const found = Array.from({ length: steps }, (): [number, number] => [Number.NaN, Number.NaN]);
  for (const [place, y] of points) {
    if (place < from || place > to) continue;
    const at = to > from ? Math.floor(((place - from) / (to - from)) * steps) : 0;
    const step = found[Math.min(steps - 1, at)];
    if (!step) continue;
    if (!(step[0] <= y)) step[0] = y;
    if (!(step[1] >= y)) step[1] = y;
  }
  return found;
}

const pairs = (curve: Float64Array) =>
  Array.from({ length: curve.length / 2 }, (_, step) => {
    const [one, other] = [curve[2 * step] ?? Number.NaN, curve[2 * step + 1] ?? Number.NaN];
    return [Math.min(one, other), Math.max(one, other)];
  });

describe("a curve", () => {
  it("loses no peak: each step has the least and the greatest of its samples, at any zoom", () => {
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 300 }),
        fc.tuple(fc.integer({ min: -10, max: 100_010 }), fc.integer({ min: -10, max: 100_010 })),
        (all, steps, [one, other]) => {
          const [from, to] = [Math.min(one, other), Math.max(one, other)];
          const sender = senderOf(all);
          const y = sender.columns.get("y");
          if (!y) return;
          const points = all.flatMap(({ time, y: value }) =>
            value === undefined ? [] : [[time, value] as const],
          );
          const curve = curveOverTime(sender, y, from, to, steps);
          assert.deepEqual(pairs(curve), extremes(points, from, to, steps));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("loses none along another field either", () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 200 }), (all, steps) => {
        const sender = senderOf(all);
        const [x, y] = [sender.columns.get("x"), sender.columns.get("y")];
        if (!x || !y) return;
        const points = all.flatMap(({ x: place, y: value }) =>
          value === undefined ? [] : [[place, value] as const],
        );
        const positions = { from: 0, to: sender.length };
        const curve = curveOverField(sender, x, y, positions, { low: -50, high: 50, steps });
        assert.deepEqual(pairs(curve), extremes(points, -50, 50, steps));
      }),
      { numRuns: 100 },
    );
  });

  it("has one peak of a million samples in its place", () => {
    const table = new SeriesTable();
    const sender = table.senderOf("a");
    for (let id = 0; id < 1_000_000; id++) {
      const series = table.begin(id, id * 1000, sender);
      series?.number("y", sampleNumber(id === 123_456 ? 99 : Math.sin(id / 1e5), false));
      table.show(id);
    }
    const [series] = table.senders;
    const y = series?.columns.get("y");
    if (!series || !y) return assert.fail("no series");
    const curve = curveOverTime(series, y, 0, 999_999_000, 1000);
    assert.equal(curve.indexOf(99) >> 1, 123);
    assert.equal(curve.filter((value) => value > 1).length, 1);
  }).timeout(20_000);

  it("spreads several samples of one datagram over the time since the one before", () => {
    const table = new SeriesTable();
    for (const [id, time] of [1000, 2000].entries()) {
      const series = table.begin(id, time, table.senderOf("a"));
      series?.samples(
        "y",
        [1, 2, 3, 4].map((value) => sampleNumber(value + 10 * id, true)),
      );
      table.show(id);
    }
    const [sender] = table.senders;
    const y = sender?.columns.get("y");
    if (!sender || !y) return assert.fail("no series");
    const curve = pairs(curveOverTime(sender, y, 1001, 2001, 4));
    assert.deepEqual(
      curve,
      [11, 12, 13, 14].map((value) => [value, value]),
    );
  });
});

describe("marks of what did not come", () => {
  it("stand where datagrams were lost, and are one where they lie too near together", () => {
    const table = new SeriesTable();
    const sender = table.senderOf("a");
    for (let id = 0; id < 1000; id++) {
      if (id % 100 === 99) table.gap(id, id * 10, "lost", sender);
      else {
        table.begin(id, id * 10, sender)?.number("y", sampleNumber(1, true));
        table.show(id);
      }
    }
    const [series] = table.senders;
    if (!series) return assert.fail("no sender");
    const marks = gapMarks(series, 0, 10_000);
    assert.deepEqual(
      marks.map(({ id, time, count, kind }) => ({ id, time, count, kind })),
      Array.from({ length: 10 }, (_, index) => {
        const id = index * 100 + 99;
        return { id, time: id * 10, count: 1, kind: "lost" };
      }),
    );
    const merged = gapMarks(series, 0, 10_000, 2500);
    assert.equal(
      merged.reduce((sum, { count }) => sum + count, 0),
      10,
    );
    assert.ok(merged.length <= 4);
  });

  it("tell what a counter leaves out only where nobody has seen it sent", () => {
    const table = new SeriesTable();
    const sender = table.senderOf("a");
    for (let id = 0; id < 1000; id++) {
      if (id % 100 === 50) continue;
      if (id % 100 === 99) table.gap(id, id * 10, "lost", sender);
      else {
        table.begin(id, id * 10, sender)?.number("seq", sampleNumber(id, true));
        table.show(id);
      }
    }
    const [series] = table.senders;
    if (!series) return assert.fail("no sender");
    const marks = gapMarks(series, 0, 10_000);
    const of = (kind: string) => marks.filter((mark) => mark.kind === kind);
    assert.deepEqual(
      of("missing").map(({ number, time, count }) => [number, time, count]),
      Array.from({ length: 10 }, (_, index) => [index * 100 + 50, (index * 100 + 50) * 10, 1]),
    );
    assert.equal(of("lost").length, 10);
  });
});

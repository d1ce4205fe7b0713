import assert from "node:assert/strict";
import fc from "fast-check";
import { RowRuns } from "../../../../extension/webview/datagrams/grid/row_runs.ts";

const positions = fc.nat(30);

/** Every position of a set, one by one. */
function listed(runs: RowRuns): number[] {
  return runs.runs.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
}

describe("RowRuns", () => {
  it("are one run between two positions, in either order", () => {
    assert.deepEqual(RowRuns.between(7, 3).runs, [[3, 7]]);
    assert.equal(RowRuns.between(0, 999_999).count, 1_000_000);
  });

  it("hold what a set holds, in order and with a gap between any two", () => {
    fc.assert(
      fc.property(positions, positions, fc.array(positions), (a, b, toggles) => {
        let runs = RowRuns.between(a, b);
        const set = new Set(listed(runs));
        for (const position of toggles) {
          runs = runs.toggled(position);
          if (!set.delete(position)) set.add(position);
        }
        const expected = [...set].sort((one, other) => one - other);
        assert.deepEqual(listed(runs), expected);
        assert.equal(runs.count, expected.length);
        for (let position = 0; position <= 31; position++) {
          assert.equal(runs.has(position), set.has(position));
        }
        for (const [index, [first]] of runs.runs.entries()) {
          assert.ok(index === 0 || first > (runs.runs[index - 1]?.[1] ?? 0) + 1);
        }
      }),
    );
  });

  it("move, and lose what is before the first row or behind the last", () => {
    const runs = RowRuns.between(2, 4).toggled(8);
    assert.deepEqual(runs.shifted(3).runs, [
      [5, 7],
      [11, 11],
    ]);
    assert.deepEqual(runs.shifted(-3).runs, [
      [0, 1],
      [5, 5],
    ]);
    assert.deepEqual(runs.shifted(-9).runs, []);
    assert.deepEqual(runs.upTo(4).runs, [[2, 3]]);
    assert.deepEqual(runs.upTo(2).runs, []);
  });
});

import assert from "node:assert/strict";
import { parseFilter } from "../../../../extension/core/filter/parser.ts";
import {
  roundedOut,
  timeRangeOf,
  withTimeRange,
} from "../../../../extension/webview/parts/time_range.ts";

const range = { from: 1.5, to: 2.25 };

describe("time ranges in a filter", () => {
  it("are put in, instead of earlier ones, and taken out", () => {
    const cases = [
      ["", "time:1.5..2.25", ""],
      ["hello port:9999", "hello port:9999 time:1.5..2.25", "hello port:9999"],
      ["time:>3 hello -time:1..2", "hello time:1.5..2.25", "hello"],
      ['"time:3..4 or" x', '"time:3..4 or" x time:1.5..2.25', '"time:3..4 or" x'],
      ['hex:"48 65" time:0..1', 'hex:"48 65" time:1.5..2.25', 'hex:"48 65"'],
      ["a or b", "(a or b) time:1.5..2.25", "a or b"],
      ["udp.port == 1 || udp.port == 2", "(udp.port == 1 || udp.port == 2) time:1.5..2.25"],
    ];
    for (const [filter = "", withIt, without = filter] of cases) {
      assert.equal(withTimeRange(filter, range), withIt);
      assert.equal(withTimeRange(withIt ?? "", undefined), without);
      assert.doesNotThrow(() => parseFilter(withIt ?? ""), withIt);
    }
  });

  it("replace each other without end", () => {
    let filter = "a or b";
    for (let from = 0; from < 5; from++) filter = withTimeRange(filter, { from, to: 9 });
    assert.equal(filter, "(a or b) time:4..9");
  });

  it("are found again", () => {
    assert.deepEqual(timeRangeOf("hello time:1.5..2.25 x"), range);
    for (const other of ["", "time:>1", "time:1..", '"time:1..2"', "xtime:1..2"]) {
      assert.equal(timeRangeOf(other), undefined, other);
    }
  });

  it("have no more digits than are seen, and lose nothing at their ends", () => {
    const exact = { from: 1.23456789, to: 2.00000001 };
    assert.deepEqual(roundedOut(exact, 0.02), { from: 1.23, to: 2.01 });
    assert.deepEqual(roundedOut(exact, 30), { from: 1, to: 3 });
    assert.deepEqual(roundedOut(exact, 1e-9), { from: 1.234567, to: 2.000001 });
  });
});

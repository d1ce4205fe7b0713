import assert from "node:assert/strict";
import { statisticsCsv } from "../../../../extension/core/statistics/statistics_csv.ts";
import type { StatisticsRow } from "../../../../extension/core/statistics/statistics_table.ts";

const ROW: StatisticsRow = {
  name: "127.0.0.1:6006",
  peer: "127.0.0.1:5005",
  filter: "",
  datagrams: { forward: 6000, back: 0 },
  bytes: { forward: 120_000, back: 0 },
  lost: { forward: 60, back: 0 },
  duplicates: 0,
  firstTime: 0,
  lastTime: 1,
  rate: 50.000_000_4,
  share: 0.5,
  interval: { min: 1, median: 20_000, p99: 21_300, deviation: 420 },
  jitter: undefined,
  answers: undefined,
  sizes: { min: 20, median: 20, max: 20 },
  sequence: undefined,
};

describe("statisticsCsv()", () => {
  const cells = (line = "") => line.split(",");

  it("has a cell for each figure, and an empty one for what is not known", () => {
    const [head, line, end] = statisticsCsv([ROW], undefined).split("\r\n");
    const columns = Object.fromEntries(cells(head).map((name, at) => [name, cells(line)[at]]));
    assert.equal(cells(line).length, cells(head).length);
    assert.equal(end, "");
    assert.equal(columns.name, "127.0.0.1:6006");
    assert.equal(columns.datagrams_forward, "6000");
    assert.equal(columns.rate_per_second, "50");
    assert.equal(columns.interval_p99_us, "21300");
    assert.equal(columns.jitter_us, "");
    assert.equal(columns.sequence_missing, "");
  });

  it("tells of what has no line of its own", () => {
    const lines = statisticsCsv([ROW], ROW).split("\r\n");
    assert.equal(cells(lines[2])[0], "(others)");
  });

  it("holds no formula, whatever the values of a field are", () => {
    const text = statisticsCsv([{ ...ROW, name: '=HYPERLINK("http://x")' }], undefined);
    assert.match(text, /\r\n"'=HYPERLINK\(""http:\/\/x""\)",/);
  });
});

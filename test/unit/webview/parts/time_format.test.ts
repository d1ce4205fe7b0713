import assert from "node:assert/strict";
import {
  formatFullTime,
  formatHour,
  formatMicroseconds,
  formatMinute,
  formatSeconds,
  isTimeMode,
} from "../../../../extension/webview/parts/time_format.ts";

describe("times", () => {
  // Local time, whatever the zone: made from the same parts.
  const time = new Date(2026, 10, 20, 9, 1, 2, 113).getTime() * 1000 + 42;

  it("are local, to the millisecond in the row and to the microsecond elsewhere", () => {
    assert.equal(formatHour(time) + formatMinute(time), "09:01:02.113");
    assert.equal(formatMicroseconds(time), "09:01:02.113042");
    assert.equal(formatFullTime(time), "2026-11-20 09:01:02.113042");
  });

  it("are cut, not rounded into the next second", () => {
    const late = new Date(2026, 0, 1, 23, 59, 59, 999).getTime() * 1000 + 999;
    assert.equal(formatHour(late) + formatMinute(late), "23:59:59.999");
    assert.equal(formatFullTime(late), "2026-01-01 23:59:59.999999");
  });

  it("may have been before 1970", () => {
    const early = new Date(1969, 11, 31, 1, 2, 3, 4).getTime() * 1000 + 5;
    assert.equal(formatFullTime(early), "1969-12-31 01:02:03.004005");
  });

  it("since something are seconds in groups of three digits", () => {
    assert.equal(formatSeconds(0), "0.000\u00a0000");
    assert.equal(formatSeconds(1_204_551), "1.204\u00a0551");
    assert.equal(formatSeconds(86_400_000_042), "86400.000\u00a0042");
    assert.equal(formatSeconds(-1042), "−0.001\u00a0042");
  });

  it("come in three ways", () => {
    assert.ok(isTimeMode("delta"));
    for (const other of ["", "Delta", undefined, 1]) assert.equal(isTimeMode(other), false);
  });
});

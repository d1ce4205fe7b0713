import assert from "node:assert/strict";
import type { WebviewStrings } from "../../../../extension/webview/datagrams/protocol.ts";
import { Words } from "../../../../extension/webview/datagrams/words.ts";
import {
  formatFullTime,
  formatHour,
  formatMicroseconds,
  formatMinute,
  formatSeconds,
  isTimeMode,
} from "../../../../extension/webview/parts/time_format.ts";

const strings = {
  oneByte: "1 byte",
  bytes: "{0} bytes",
  oneDatagram: "1 datagram",
  summary: "{0} datagrams",
} as WebviewStrings;

describe("Words", () => {
  const words = new Words(strings, "en");

  it("counts in the singular and in the plural", () => {
    assert.equal(words.bytes(0), "0 bytes");
    assert.equal(words.bytes(1), "1 byte");
    assert.equal(words.bytes(65_507), "65,507 bytes");
    assert.equal(words.datagrams(1), "1 datagram");
    assert.equal(words.datagrams(1_000_000), "1,000,000 datagrams");
  });

  it("writes numbers as the language does", () => {
    assert.equal(new Words(strings, "de").number(1234.5), "1.234,5");
    assert.equal(new Words(strings, "zh-cn").number(12_345), "12,345");
  });

  it("fills in every placeholder, in any order", () => {
    assert.equal(words.fill("{1} of {0} of {1}", 5, 6), "6 of 5 of 6");
    assert.equal(words.fill("{0} {2}", 5), "5 {2}");
  });
});

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

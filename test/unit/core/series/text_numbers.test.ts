import assert from "node:assert/strict";
import fc from "fast-check";
import type { NumberSink, SampleNumber } from "../../../../extension/core/series/number_sink.ts";
import { textNumbers } from "../../../../extension/core/series/text_numbers.ts";

/** What a text says: name → its number with the unit, or several. */
function said(text: string | Uint8Array): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const told = ({ value, unit }: SampleNumber) => (unit === undefined ? value : `${value} ${unit}`);
  const sink: NumberSink = {
    number: (name, number) => {
      found[name] = told(number);
    },
    samples: (name, numbers) => {
      found[name] = numbers.map(told);
    },
    header: (names) => {
      found.header = names;
    },
  };
  textNumbers(typeof text === "string" ? new TextEncoder().encode(text) : text, sink);
  return found;
}

describe("numbers in a text", () => {
  const TEXTS: Readonly<Record<string, Record<string, unknown>>> = {
    // name:value and name=value
    "temp:21.5": { temp: 21.5 },
    "temp: 21.5 °C\n": { temp: "21.5 °C" },
    "volt=3.29V": { volt: "3.29 V" },
    "a=1 b=2, c=3": { a: 1, b: 2, c: 3 },
    "a:1|b:2": { a: 1, b: 2 },
    "battery level: 40%": { "battery level": "40 %" },
    "a=1&b=-2.5e3": { a: 1, b: -2500 },
    "t=1\nt=2\r\nt=3": { t: [1, 2, 3] },
    "on=true off:FALSE": { on: 1, off: 0 },
    "x=NaN y=inf z=-Infinity": { x: Number.NaN, y: Infinity, z: -Infinity },
    "id=0x1F": { id: 31 },
    // CSV, with a line of names or without
    "1,2.5,-3": { "column 1": 1, "column 2": 2.5, "column 3": -3 },
    "1;2;3;\r\n": { "column 1": 1, "column 2": 2, "column 3": 3 },
    "time,temp,volt\n1,21.5,3.3": { time: 1, temp: 21.5, volt: 3.3 },
    '"time","temp"\n1,20\n2,21\n': { time: [1, 2], temp: [20, 21] },
    "time,temp,volt": { header: ["time", "temp", "volt"] },
    "1,,3": { "column 1": 1, "column 3": 3 },
    // Arduino's plotter
    "42": { value: 42 },
    "1 2 3": { "column 1": 1, "column 2": 2, "column 3": 3 },
    "min:0\tmax:10\tnow:4.2\n": { min: 0, max: 10, now: 4.2 },
    // Teleplot
    ">temp:21.5": { temp: 21.5 },
    ">temp:1627551892437:21.5": { temp: 21.5, "temp.time": "1627551892437 ms" },
    "temp:1627551892437:21.5|g": { temp: 21.5, "temp.time": "1627551892437 ms" },
    ">temp:21.5§°C|np": { temp: "21.5 °C" },
    ">temp:21.5|°C": { temp: "21.5 °C" },
    "trigo:1627551892444:1;1627551892555:2|np": {
      trigo: [1, 2],
      "trigo.time": ["1627551892444 ms", "1627551892555 ms"],
    },
    // What says no number
    "": {},
    "Hello, Michael!": {},
    "hello world": {},
    "12:01:02": {},
    "aa:11:22:33:44:55": {},
    "GET 200": {},
    "http://localhost:80/": {},
    "state:on|t": {},
    "1.2.3.4": {},
  };
  for (const [text, numbers] of Object.entries(TEXTS)) {
    it(`are ${JSON.stringify(numbers)} in ${JSON.stringify(text)}`, () =>
      assert.deepEqual(said(text), numbers));
  }

  it("are samples of one field where a line has more than a table has columns", () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    assert.deepEqual(said(numbers.join(",")), { values: numbers });
  });

  it("have printable names, whatever is sent", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const name of Object.keys(said(bytes))) assert.doesNotMatch(name, /[\p{C}]/u);
      }),
    );
  });

  it("are those that were written", () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,10}$/);
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
    const pairs = fc.uniqueArray(fc.tuple(name, value), {
      minLength: 1,
      maxLength: 20,
      selector: ([key]) => key,
    });
    fc.assert(
      fc.property(
        pairs,
        fc.constantFrom(":", "=", ": "),
        fc.constantFrom(",", ";", "\t", " ", "\n", "&"),
        (all, between, behind) => {
          fc.pre(!(between === ": " && behind === " "));
          const text = all.map(([key, number]) => `${key}${between}${number}`).join(behind);
          for (const [key, number] of all) assert.equal(said(text)[key], number + 0, text);
        },
      ),
    );
  });

  it("cost as much as the text is long: one that seems to go on for ever is looked at once", () => {
    // Each of these would be looked at again from each of its places by a pattern that can fail late.
    for (const piece of [
      "a",
      "1",
      "a:",
      "1:",
      "a=1;",
      " ",
      "a b",
      ",",
      "§",
      "|",
      "1e",
      "-",
      "a:1 ",
    ]) {
      const steps = (length: number) => {
        const bytes = new TextEncoder().encode(piece.repeat(length / piece.length));
        const times = Array.from({ length: 5 }, () => {
          const begun = process.cpuUsage().user;
          for (let round = 0; round < 4; round++) said(bytes);
          return process.cpuUsage().user - begun;
        });
        return Math.min(...times);
      };
      const [short, long] = [steps(8000), steps(64_000)];
      // Eight times as long; the square of that would be 64.
      assert.ok(long < short * 30 + 20_000, `${piece}: ${short} and ${long} µs`);
    }
  }).timeout(60_000);
});

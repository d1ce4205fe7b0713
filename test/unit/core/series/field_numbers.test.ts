import assert from "node:assert/strict";
import type { DecoderId } from "../../../../extension/core/decode/decoder_names.ts";
import { decode } from "../../../../extension/core/decode/decoders.ts";
import { fieldNumbers, textNumber } from "../../../../extension/core/series/field_numbers.ts";
import { type SampleNumber, SampleState } from "../../../../extension/core/series/number_sink.ts";

function said(id: DecoderId, payload: string | Uint8Array): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const decoded = decode(id, bytes);
  assert.ok(!("problem" in decoded), JSON.stringify(decoded));
  const told = ({ value }: SampleNumber) => value;
  fieldNumbers(id, decoded.fields, {
    number: (name, number) => {
      found[name] = told(number);
    },
    samples: (name, numbers) => {
      found[name] = numbers.map(told);
    },
    header: () => assert.fail("no decoder tells a header"),
  });
  return found;
}

describe("numbers among decoded fields", () => {
  it("are those of JSON, by the names that filters have", () => {
    const payload = JSON.stringify({
      temp: 21.5,
      ok: true,
      name: "tracker 7",
      body: { x: -1, note: null },
      acc: [0.1, 0.2, 9.8],
      wave: Array.from({ length: 20 }, (_, index) => index),
      points: Array.from({ length: 9 }, (_, index) => ({ x: index, y: 2 * index })),
    });
    const range = Array.from({ length: 9 }, (_, index) => index);
    assert.deepEqual(said("json", payload), {
      temp: 21.5,
      ok: 1,
      "body.x": -1,
      "acc[0]": 0.1,
      "acc[1]": 0.2,
      "acc[2]": 9.8,
      wave: Array.from({ length: 20 }, (_, index) => index),
      "points.x": range,
      "points.y": range.map((index) => 2 * index),
    });
  });

  it("are those of lists that are the whole payload", () => {
    assert.deepEqual(said("json", "[1,2]"), { "[0]": 1, "[1]": 2 });
    assert.deepEqual(said("json", JSON.stringify(Array(10).fill(7))), { items: Array(10).fill(7) });
  });

  it("are metrics of StatsD by their own names", () => {
    assert.deepEqual(said("statsd", "load:0.5|g\nhits:1|c\nhits:2|c"), { load: 0.5, hits: [1, 2] });
  });

  it("are arguments of OSC by their address", () => {
    const message = (address: string, tags: string, numbers: readonly number[]) => {
      const padded = (text: string) => text.padEnd(Math.floor(text.length / 4 + 1) * 4, "\0");
      const head = Buffer.from(padded(address) + padded(tags), "latin1");
      const body = Buffer.alloc(4 * numbers.length);
      for (const [index, number] of numbers.entries()) body.writeFloatBE(number, 4 * index);
      return Buffer.concat([head, body]);
    };
    assert.deepEqual(said("osc", message("/fader/1", ",f", [0.5])), { "/fader/1": 0.5 });
    assert.deepEqual(said("osc", message("/xy", ",ff", [1, 2])), { "/xy[0]": 1, "/xy[1]": 2 });
  });

  it("have states: not a number, infinite, beyond what a float can tell", () => {
    const states = (text: string) => textNumber(text)?.state;
    assert.equal(states("NaN"), SampleState.nan);
    assert.equal(states("-Infinity"), SampleState.infinite);
    assert.equal(states("9007199254740991"), SampleState.finite);
    assert.equal(states("9007199254740993"), SampleState.inexact);
    assert.equal(states("-18446744073709551615"), SampleState.inexact);
    assert.equal(states("1e300"), SampleState.finite);
    assert.equal(textNumber('"12"'), undefined);
    assert.equal(textNumber("192.168.0.1"), undefined);
    assert.equal(textNumber("{3}"), undefined);
  });

  it("have names where they are an enum or a boolean, and units where there is one", () => {
    assert.deepEqual(textNumber("alarm (2)"), {
      ...{ value: 2, state: SampleState.finite, kind: "enum", label: "alarm" },
    });
    assert.equal(textNumber("true")?.kind, "boolean");
    assert.equal(textNumber("300 s")?.unit, "s");
    assert.equal(textNumber("21.5 °C")?.unit, "°C");
    assert.equal(textNumber("4.04 Not Found")?.unit, undefined);
  });
});

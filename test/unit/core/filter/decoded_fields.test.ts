import assert from "node:assert/strict";
import fc from "fast-check";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import { completeFilter } from "../../../../extension/core/filter/completion.ts";
import type { DecodedFieldNames } from "../../../../extension/core/filter/decoded_fields.ts";
import type { FieldNeedle } from "../../../../extension/core/filter/needle.ts";

const NAMES = ["tracker.temp", "tracker.type", "tracker.points.x", "dns.qry.name"];
const FIELDS: DecodedFieldNames = {
  find: (name) =>
    NAMES.includes(name.replace(/\[\d+\]/g, ""))
      ? "known"
      : /^json(?:\.|\[)/.test(name)
        ? "open"
        : undefined,
  namesOf: (decoder) => NAMES.filter((name) => name.startsWith(`${decoder}.`)),
};

function needles(text: string): FieldNeedle[] {
  const compiled = compileFilter(text, FIELDS);
  assert.ok("filter" in compiled, `${text}: ${"problem" in compiled && compiled.problem.reason}`);
  return compiled.filter.needles.filter((needle) => needle.kind === "field");
}

/** Whether a value, as a decoder tells it, passes. */
function passes(text: string, value: string): boolean {
  const [needle] = needles(text);
  return (needle ?? assert.fail(text)).test.ofText(value);
}

function problem(text: string) {
  const compiled = compileFilter(text, FIELDS);
  assert.ok("problem" in compiled, text);
  const { code, start, end, reason } = compiled.problem;
  return { code, marked: text.slice(start, end), reason };
}

describe("a filter by a field of a decoder", () => {
  it("compares numbers, with a unit, a name or words beside them", () => {
    for (const [text, value, expected] of [
      ["tracker.temp > 30", "30.5", true],
      ["tracker.temp > 30", "30", false],
      ["tracker.temp >= 30", "30", true],
      ["tracker.temp < -1.5", "-2", true],
      ["tracker.temp <= 0x10", "16", true],
      ["tracker.temp ge 3e2", "300 s", true],
      ["tracker.temp > 4.03", "4.04 Not Found", true],
      ["tracker.temp == 2.05", "2.05 Content", true],
      ["tracker.type == 1", "sample (1)", true],
      ["tracker.type == sample", "sample (1)", true],
      ["tracker.type == 0x0101", "Binding success (0x0101)", true],
      ["tracker.type == 1", "alarm (2)", false],
      ["tracker.type == 1.0", "1", true],
      ["tracker.temp > 30", "warm", false],
      ["tracker.temp > 30", '"31"', false],
      ["tracker.temp > 30", "192.0.2.1", false],
    ] as const) {
      assert.equal(passes(text, value), expected, `${text}: ${value}`);
    }
  });

  it("compares texts, bytes and flags", () => {
    for (const [text, value, expected] of [
      ["dns.qry.name == example.org", "example.org", true],
      ['dns.qry.name == "example.org"', '"example.org"', true],
      ["dns.qry.name contains local", "printer.local", true],
      ["dns.qry.name contains local", "example.org", false],
      ['dns.qry.name matches "^(a|b)\\\\.org$"', "b.org", true],
      ['dns.qry.name matches "^a$"', '"a"', true],
      ["tracker.type == 07:00:a1", "0700a1", true],
      ["tracker.type == true", "1", true],
      ["tracker.type == false", "false", true],
      ["tracker.type == true", "0", false],
      ['tracker.type == "1"', "sample (1)", false],
      ["tracker.type in {1..3 7}", "3", true],
      ["tracker.type in {1..3, alarm}", "alarm (9)", true],
      ["tracker.type in {1..3, 7}", "3.5", false],
    ] as const) {
      assert.equal(passes(text, value), expected, `${text}: ${value}`);
    }
  });

  it("is one of all values for `!=`, which a datagram without the field never is", () => {
    const keys = needles("tracker.temp != 3").map(({ test }) => test.key);
    assert.equal(keys.length, 2);
    assert.ok(keys.includes("exists"));
    assert.deepEqual(
      needles("tracker.temp").map(({ test }) => test.key),
      ["exists"],
    );
    assert.equal(needles("!tracker.points[1].x")[0]?.name, "tracker.points[1].x");
  });

  it("asks for each field once, however often it stands there", () => {
    assert.equal(needles("tracker.temp > 3 && (tracker.temp > 3 || tracker.temp > 4)").length, 2);
  });

  it("that no decoder has is told as such, with those that it has", () => {
    for (const text of [
      "tracker.tmp > 30",
      "tracker.tmp contains a",
      "port:1 and tracker.tmp==3",
    ]) {
      const { code, marked, reason } = problem(text);
      assert.deepEqual([code, marked], ["unknownDecodedField", "tracker.tmp"]);
      const has = "tracker.temp, tracker.type, tracker.points.x";
      assert.equal(reason, `tracker.tmp is no field of tracker, which has ${has}.`);
    }
    assert.equal(problem("nobody.temp > 30").code, "unknownField");
    assert.deepEqual(problem("tracker.temp > warm").marked, "warm");
    assert.equal(problem("tracker.temp > warm").code, "notNumber");
    assert.equal(problem("tracker.temp in {5..1}").code, "badRange");
    assert.equal(problem("tracker.temp in {a..b}").code, "notNumber");
    for (const text of ["tracker.temp = 3", "tracker.temp=3"]) {
      assert.equal(problem(text).code, "badOperator", text);
    }
  });

  it("is none where only some payloads have it and nothing is compared: then it is text", () => {
    assert.deepEqual(needles("json.org"), []);
    assert.deepEqual(needles("tracker.py"), []);
    assert.equal(needles("json.a.b > 3")[0]?.name, "json.a.b");
    assert.equal(needles("json[0].x == 3")[0]?.name, "json[0].x");
  });

  it("says of a number what it says of its text, as a decoder tells a float of four bytes", () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    const decimals = fc.integer({ min: -1000, max: 1000 }).map((number) => number / 10);
    const operators = fc.constantFrom("==", ">", "<", ">=", "<=");
    fc.assert(
      fc.property(
        operators,
        fc.oneof(decimals, float),
        fc.oneof(decimals.map(Math.fround), float),
        (operator, operand, value) => {
          const [needle] = needles(`tracker.temp ${operator} ${operand.toFixed(6)}`);
          const { ofNumber, ofText } = needle?.test ?? assert.fail();
          const text = shortest(value);
          assert.equal(
            ofNumber?.(value) ?? ofText(text),
            ofText(text),
            `${operator} ${operand} ${text}`,
          );
        },
      ),
    );
  });

  it("is completed with the names and values that the capture has", () => {
    const fields = new Map([
      ["tracker.temp", ["21.5", "21.4"]],
      ["tracker.type", ["sample", "alarm"]],
    ]);
    const none = { ports: [], peers: [], sockets: [], programs: [] };
    const proposed = (text: string) =>
      completeFilter(text, text.length, { ...none, fields }).proposals.map(({ insert }) => insert);
    assert.deepEqual(proposed("tracker."), ["tracker.temp", "tracker.type"]);
    assert.deepEqual(proposed("tracker.type == "), ["sample", "alarm"]);
    assert.deepEqual(proposed("tracker.type == a"), ["alarm", "sample"]);
    assert.ok(proposed("tracker.temp ").includes("contains"));
  });
});

/** As value_text.ts has it. */
function shortest(value: number): string {
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

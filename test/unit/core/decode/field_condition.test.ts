import assert from "node:assert/strict";
import fc from "fast-check";
import {
  fieldCondition,
  withCondition,
} from "../../../../extension/core/decode/field_condition.ts";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import { printable } from "../../../../extension/core/text/printable.ts";

const FIELDS = {
  find: (name: string) => (name === "tracker.x" ? ("known" as const) : undefined),
  namesOf: () => [],
};

describe("the condition of a field", () => {
  it("is its value, by its name where it has one, or that it is there", () => {
    for (const [value, condition] of [
      ["21.5", "tracker.x == 21.5"],
      ["sample (1)", "tracker.x == sample"],
      ["4.04 Not Found", 'tracker.x == "4.04 Not Found"'],
      ['"12"', 'tracker.x == "12"'],
      ["::1", "tracker.x == ::1"],
      ["", "tracker.x"],
      ["x".repeat(300), "tracker.x"],
    ] as const) {
      assert.equal(fieldCondition("tracker.x", value), condition);
    }
  });

  it("holds for the value that it was made of, whatever that is", () => {
    const values = fc.oneof(
      fc.string().map((text) => `"${printable(text)}"`),
      fc.string({ unit: "binary" }).map((text) => printable(text)),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.constantFrom(
        "true",
        "0x1f",
        "300 s",
        "a (1)",
        "0700a1",
        "or",
        "and",
        "in",
        "x..y",
        "1..5",
      ),
    );
    fc.assert(
      fc.property(values, (value) => {
        const condition = fieldCondition("tracker.x", value);
        const compiled = compileFilter(condition, FIELDS);
        assert.ok("filter" in compiled, condition);
        const [needle] = compiled.filter.needles;
        assert.ok(needle?.kind === "field" && needle.test.ofText(value), condition);
      }),
      { numRuns: 2000 },
    );
  });

  it("narrows the filter that there is", () => {
    assert.equal(withCondition("", "a.b == 1", false), "a.b == 1");
    assert.equal(withCondition(" ", "a.b == 1", true), "!(a.b == 1)");
    assert.equal(withCondition("port:1", "a.b", false), "port:1 && a.b");
    assert.equal(withCondition("port:1 or port:2", "a.b", true), "(port:1 or port:2) && !(a.b)");
  });
});

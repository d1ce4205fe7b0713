import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatRuleEffect,
  parseRuleEffect,
  withoutRuleEffect,
} from "../../../../extension/core/wire/rule_effect.ts";

const effects = fc.oneof(
  fc.record(
    {
      dropped: fc.constantFrom("drop", "burst", "outage", "mtu", "limit", "end"),
      timesInARow: fc.integer({ min: 1, max: 1e9 }),
    },
    { requiredKeys: ["dropped"], noNullPrototype: true },
  ),
  fc.record(
    {
      delayMs: fc.integer({ min: 1, max: 864_000_000 }).map((tenths) => tenths / 10),
      flippedBit: fc.integer({ min: 0, max: 65_527 * 8 - 1 }),
      isCopy: fc.constant(true),
    },
    { requiredKeys: [], noNullPrototype: true },
  ),
);

describe("what a rule did to a datagram", () => {
  it("stands in its comment, and is read again, whatever else stands there", () => {
    assert.equal(
      formatRuleEffect({ delayMs: 52.14, flippedBit: 77, isCopy: true }),
      "delayed 52.1 ms by a rule; bit 5 of the byte at offset 9 changed by a rule; a copy by a rule",
    );
    assert.equal(formatRuleEffect({ dropped: "burst" }), "dropped by a rule (burst)");
    fc.assert(
      fc.property(effects, fc.constantFrom("", "send failed: EPERM", "x"), (effect, other) => {
        const own = formatRuleEffect(effect);
        const comment = [other, own].filter(Boolean).join("; ");
        assert.deepEqual(parseRuleEffect(comment), own === "" ? undefined : effect);
        assert.equal(withoutRuleEffect(comment), other);
      }),
    );
  });

  it("is nothing in the words of others", () => {
    for (const comment of [
      "",
      "send failed: EMSGSIZE",
      "not dropped by a rule (drop)",
      "dropped by a rule",
      "dropped by a rule (<b>)",
      "delayed long by a rule",
      "delayed 1e9.1 ms by a rule",
      "bit 8 of the byte at offset 1 changed by a rule",
      "a copy by a rule of thumb",
      "the same bytes many times in a row by a rule",
    ]) {
      assert.equal(parseRuleEffect(comment), undefined, comment);
      assert.equal(withoutRuleEffect(comment), comment);
    }
  });
});

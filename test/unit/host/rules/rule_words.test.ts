import assert from "node:assert/strict";
import fc from "fast-check";
import { ruleOptions, ruleWords } from "../../../../extension/host/rules/rule_words.ts";
import { readOptions } from "../../../../scripts/udp_relay.ts";

const percent = fc.integer({ min: 0, max: 10_000 }).map((it) => it / 100);
const time = fc.integer({ min: 1, max: 1_000_000 }).map((it) => it / 10);
/** What options of the relay can say. */
const rules = fc.record(
  {
    drop: percent,
    burst: fc.record({ begin: percent, end: percent }, { noNullPrototype: true }),
    outage: fc.tuple(time, time).map(([lasts, more]) => ({ lasts, every: lasts + more })),
    mtu: fc.integer({ min: 28, max: 65_575 }),
    duplicate: percent,
    corrupt: percent,
    reorder: percent,
    delay: time,
    jitter: time,
    distribution: fc.constant("normal" as const),
    inOrder: fc.constant(true),
    rate: fc.oneof(
      fc.record({ datagrams: fc.integer({ min: 1, max: 1e9 }) }, { noNullPrototype: true }),
      fc.record({ bytes: fc.integer({ min: 1, max: 1e12 }) }, { noNullPrototype: true }),
    ),
    limit: fc.integer({ min: 0, max: 1e6 }),
    only: fc.record(
      {
        min: fc.integer({ min: 1, max: 100 }),
        max: fc.integer({ min: 100, max: 65_535 }),
        prefix: fc.constantFrom("4001", "ab"),
        every: fc.integer({ min: 1, max: 100 }),
      },
      { requiredKeys: ["min"], noNullPrototype: true },
    ),
    seed: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  },
  { requiredKeys: ["seed"], noNullPrototype: true },
);

describe("a rule in the words of the relay", () => {
  it("is made of them again as it was", () => {
    fc.assert(
      fc.property(rules, (rule) => {
        const words = Object.entries(ruleOptions(rule)).flatMap(([name, value]) =>
          value === "" ? [`--${name}`] : [`--${name}`, value],
        );
        const { up } = readOptions(["--to", "1", ...words]).rules;
        const { outage: one, delay, jitter, ...others } = up;
        const { outage: other, delay: ms, jitter: about, ...same } = rule;
        assert.deepEqual(others, same);
        // A time goes through a multiplication: 0.7 s are not exactly 700 ms.
        const times = [delay, jitter, one?.lasts, one?.every];
        for (const [at, expected] of [ms, about, other?.lasts, other?.every].entries()) {
          assert.ok(Math.abs((times[at] ?? 0) - (expected ?? 0)) < 1e-6);
        }
      }),
    );
  });

  it("reads as a person writes it", () => {
    const rule = { drop: 0.5, delay: 50, jitter: 10, rate: { bytes: 97_000 }, seed: 7 };
    assert.equal(ruleWords(rule), "drop 0.5% delay 50ms jitter 10ms rate 97KB seed 7");
    assert.equal(ruleWords({ inOrder: true, only: { max: 9 } }), "keep-order only 0-9");
    assert.equal(ruleWords({ drop: 1e-7 }), "drop 0%");
  });
});

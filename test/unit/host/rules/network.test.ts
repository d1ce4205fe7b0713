import assert from "node:assert/strict";
import fc from "fast-check";
import {
  GOOD,
  isSameNetwork,
  type Network,
  networkOf,
  readNetwork,
  rulesOf,
  withUnits,
} from "../../../../extension/host/rules/network.ts";

const network = (ways: Network["ways"], values: Network["values"]): Network => ({ ways, values });

/** Values as a person writes them. */
const values = fc
  .record(
    {
      drop: fc.constantFrom("5", "0.5%", "up:5 down:1", "down:30%"),
      delay: fc.constantFrom("50", "50ms", "1s", "up:50ms down:2s"),
      jitter: fc.constantFrom("10", "up:1ms"),
      burst: fc.constantFrom("1%/25%", "down:2%/50%"),
      rate: fc.constantFrom("1000", "64KB", "up:10 down:1MB"),
      mtu: fc.constantFrom("1280", "up:576"),
      only: fc.constantFrom("100-", "4001,/10"),
      "keep-order": fc.constant(""),
      seed: fc.constantFrom("7", "0"),
    },
    { requiredKeys: ["seed"], noNullPrototype: true },
  )
  .map((it) => it as Network["values"]);

describe("a bad network as a person describes it", () => {
  it("is the same again when it is read from the rules that it has made", () => {
    fc.assert(
      fc.property(fc.constantFrom("both", "in", "out"), values, (ways, values) => {
        const rules = rulesOf(network(ways, values), "127.0.0.1:5000");
        const again = networkOf(rules);
        assert.deepEqual(rulesOf(again ?? GOOD, "127.0.0.1:5000"), rules);
        assert.ok(rules.every(({ peer }) => peer === "127.0.0.1:5000"));
        for (const { direction } of rules) assert.ok(ways === "both" || ways === direction);
      }),
    );
  });

  it("is for one way or for both, and none where nothing happens", () => {
    const drop = { drop: "5", seed: "7" };
    assert.deepEqual(rulesOf(network("both", drop)), [
      { direction: "out", drop: 5, seed: 7 },
      { direction: "in", drop: 5, seed: 8 },
    ]);
    assert.deepEqual(rulesOf(network("in", drop)), [{ direction: "in", drop: 5, seed: 8 }]);
    assert.deepEqual(rulesOf(network("out", { drop: "down:5", seed: "7" })), []);
    assert.deepEqual(rulesOf(GOOD), []);
    assert.equal(networkOf([]), undefined);
  });

  it("tells what differs between the ways", () => {
    const rules = rulesOf(network("both", { drop: "up:5 down:1", delay: "down:2s", seed: "7" }));
    assert.deepEqual(networkOf(rules), {
      ways: "both",
      values: { drop: "up:5% down:1%", delay: "down:2000ms", seed: "7" },
    });
  });

  it("is on now whatever accidents it draws", () => {
    const [one, other] = [
      network("both", { drop: "5" }),
      network("both", { drop: "5%", seed: "9" }),
    ];
    assert.equal(isSameNetwork(one, other), true);
    assert.equal(isSameNetwork(one, network("in", { drop: "5" })), false);
    assert.equal(isSameNetwork(GOOD, network("in", {})), true);
  });

  it("takes a number alone for what its field is for", () => {
    for (const [name, value, as] of [
      ["drop", "5", "5%"],
      ["drop", " up:5  down:0.5% ", "up:5%  down:0.5%"],
      ["delay", "50", "50ms"],
      ["delay", "2s", "2s"],
      ["jitter", "up:1.5", "up:1.5ms"],
      ["rate", "1000", "1000"],
      ["seed", "7", "7"],
      ["outage", "5s/30s", "5s/30s"],
    ] as const) {
      assert.equal(withUnits(name, value), as);
    }
  });

  it("is typed as a rule, or is none", () => {
    assert.deepEqual(readNetwork(" in drop 5  delay 50ms jitter 10 keep-order "), {
      ways: "in",
      values: { drop: "5", delay: "50ms", jitter: "10", "keep-order": "" },
    });
    assert.deepEqual(readNetwork("--drop up:30%"), network("both", { drop: "up:30%" }));
    for (const text of [
      "",
      "in",
      "Wi-Fi",
      "drop",
      "drop 101",
      "drop 5 delay",
      "constructor 5",
      "seed 7",
      "json",
    ]) {
      assert.equal(readNetwork(text), undefined, text);
    }
  });
});

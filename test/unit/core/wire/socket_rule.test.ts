import assert from "node:assert/strict";
import { MOST_RULES, toSocketRules } from "../../../../extension/core/wire/socket_rule.ts";
import { toRule } from "../../../../scripts/udp_relay.ts";

describe("the rules of a socket, as they are written down", () => {
  it("are taken as they are", () => {
    assert.deepEqual(toSocketRules([], toRule), []);
    assert.deepEqual(
      toSocketRules(
        [
          { direction: "in", drop: 5 },
          { direction: "out", peer: "[0:0::1]:5000", delay: 50 },
          { direction: "out", peer: "127.0.0.1:5000" },
        ],
        toRule,
      ),
      [
        { direction: "in", peer: undefined, rule: { drop: 5 } },
        { direction: "out", peer: { address: "::1", port: 5000 }, rule: { delay: 50 } },
        { direction: "out", peer: { address: "127.0.0.1", port: 5000 }, rule: {} },
      ],
    );
  });

  for (const [what, value, sentence] of [
    ["no list", {}, /^The rules of a socket are a list of 16 at most$/],
    ["too many", new Array(MOST_RULES + 1).fill({ direction: "in" }), /a list of 16 at most$/],
    ["no object", ["drop"], /^A rule is an object, not "drop"$/],
    ["null", [null], /^A rule is an object, not null$/],
    ["no direction", [{ drop: 1 }], /^A rule's direction is in or out, not undefined$/],
    ["both ways", [{ direction: "both" }], /^A rule's direction is in or out, not "both"$/],
    ["a name", [{ direction: "in", peer: "localhost:1" }], /^A rule's peer is an address with/],
    ["no port", [{ direction: "in", peer: "127.0.0.1" }], /^A rule's peer is an address with/],
    ["port 0", [{ direction: "in", peer: "127.0.0.1:0" }], /^A rule's peer is an address with/],
    ["no rule", [{ direction: "in", drop: 101 }], /^A rule's drop is a number from 0 to 100/],
    ["another field", [{ direction: "in", dorp: 1 }], /^A rule has no dorp/],
  ] as const) {
    it(`are refused in a sentence: ${what}`, () => {
      assert.throws(() => toSocketRules(value, toRule), { message: sentence });
    });
  }
});

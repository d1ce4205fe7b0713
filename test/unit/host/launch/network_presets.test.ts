import assert from "node:assert/strict";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const { ownPresets, presetDescription, ruleOfPreset } = await import(
  "../../../../extension/host/launch/network_presets.ts"
);

describe("networks of the user's own", () => {
  const problemOf = (options: unknown) => {
    const [preset] = ownPresets({ "Our ship": options });
    assert.ok(preset && "problem" in preset, JSON.stringify(options));
    assert.throws(() => ruleOfPreset(preset), { name: "HumanError", message: preset.problem });
    return preset.problem;
  };

  it("are rules in the words of the relay", () => {
    const rule = { delay: "300ms", drop: 2, normal: true, "keep-order": false, only: "4001" };
    const [preset] = ownPresets({ "Our ship": rule });
    assert.deepEqual(preset, { label: "Our ship", rule });
    assert.ok(preset);
    assert.deepEqual(ruleOfPreset(preset), rule);
    assert.equal(presetDescription(preset), "--drop 2% --delay 300ms --normal --only 4001");
  });

  it("say which of them is wrong, and what is wrong with it", () => {
    const begin = "Cannot use the network Our ship of the setting udpWorkbench.networkPresets: ";
    for (const [options, why] of [
      ["slow", 'it must be an object, such as {"drop": 5, "delay": "50ms"}.'],
      [null, 'it must be an object, such as {"drop": 5, "delay": "50ms"}.'],
      [{ drop: 101 }, "--drop takes a number with a unit (%), not '101%'."],
      [{ delay: 50 }, "--delay takes a number with a unit (ms, s, m), not '50'."],
      [{ normal: "yes" }, "normal is true or false."],
      [{ drop: [5] }, "drop is a number or a text."],
      [{ outage: "30s/5s" }, "A rule's outage lasts no longer than every."],
    ] as const) {
      assert.equal(problemOf(options), `${begin}${why}`);
    }
    assert.match(problemOf({ dely: "5ms" }), /: it has no dely; it has drop, burst, outage, /);
    // What is the relay's and no rule's, and what objects have from elsewhere.
    for (const name of ["clients", "json", "constructor"]) {
      assert.match(problemOf({ [name]: 1 }), new RegExp(`: it has no ${name}; `));
    }
  });

  it("do not keep each other from being used, and are none where the setting says something else", () => {
    const presets = ownPresets({ "$(bug) a\u0007": { drop: 1 }, b: { drop: "x" }, c: {} });
    assert.deepEqual(
      presets.map(({ label }) => label),
      ["$\u200b(bug) a\\x07", "b", "c"].map((label, at) => presets[at]?.label ?? label),
    );
    assert.deepEqual(
      presets.map((preset) => "rule" in preset),
      [true, false, true],
    );
    assert.doesNotMatch(presets[0]?.label ?? "", /\u0007|^\$\(bug\)/);
    for (const value of [undefined, null, [], "x", 5]) assert.deepEqual(ownPresets(value), []);
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`n${at}`, {}]));
    assert.equal(ownPresets(many).length, 100);
  });
});

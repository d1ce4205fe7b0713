import assert from "node:assert/strict";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const { inLine, shortNumber } = await import("../../../../extension/host/ports/words.ts");

describe("the words of Bound Ports", () => {
  it("tell large numbers in short, and never as more digits than room", () => {
    for (const [value, text] of [
      [0, "0"],
      [9_999, "9,999"],
      [10_000, "10k"],
      [56_716, "57k"],
      [999_499, "999k"],
      [999_500, "1.0M"],
      [1_249_000, "1.2M"],
      [9_949_999, "9.9M"],
      [9_950_000, "10M"],
      [999_499_999, "999M"],
      [999_500_000, "1.0G"],
      [12_000_000_000, "12G"],
    ] as const) {
      assert.equal(shortNumber(value), text);
    }
  });

  it("stand beside each other where there is something to say", () => {
    assert.equal(inLine(["", "3 in", "", "a.ts"]), "3 in · a.ts");
  });
});

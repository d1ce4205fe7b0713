import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");
const HOST = join(ROOT, "extension/host");
const WORKBENCH = join(ROOT, "test/workbench");
/** Where a button is made; the types let nothing else become one. */
const MADE = /\bbutton\(\s*vscode\.l10n\.t\(\s*"([^"]+)"/g;
const ALL_MADE = /(?<!function )\bbutton\(/g;

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

describe("the buttons of notifications and dialogs", () => {
  const code = sources(HOST);
  const tests = sources(WORKBENCH).join("\n");
  const labels = new Set(
    code.flatMap((text) => Array.from(text.matchAll(MADE), ([, label]) => label)),
  );

  it("are made where this test finds them", () => {
    const made = code.reduce((sum, text) => sum + [...text.matchAll(ALL_MADE)].length, 0);
    const found = code.reduce((sum, text) => sum + [...text.matchAll(MADE)].length, 0);
    assert.equal(found, made);
    assert.ok(labels.size >= 10, [...labels].join());
  });

  for (const label of labels) {
    it(`are pressed in a real window by some test: ${label}`, () => {
      const [start = "", end] = label?.split("{0}") ?? [];
      const text = end === undefined ? `"${start}"` : `\`${start}\${`;
      const isPressed = tests
        .split(text)
        .slice(0, -1)
        .some((before) =>
          /(?:notifications\.click\([^;]*|getByRole\("button", \{ name: |answer\()$/.test(before),
        );
      assert.ok(isPressed, `no test in test/workbench presses it`);
    });
  }
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");
const HEADING = "## What it promises";
/** A line of the list with the file of its test, and the title in it. */
const TESTED = /^- (.+?)\.\n {2}\(`(.+)`: "(.+)"\)$/s;

const text = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The items of the lists below the heading. */
function items(): string[] {
  const all = text("SECURITY.md").split(`${HEADING}\n`)[1]?.split(/^## /m)[0] ?? "";
  return all
    .split(/\n(?=- |\n|#)/)
    .map((part) => part.trim())
    .filter((part) => part.startsWith("- "));
}

describe("the promises", () => {
  const promises = items();

  it("are some", () => {
    assert.ok(promises.length > 20, `${promises.length}`);
  });

  it("have a test each", () => {
    for (const promise of promises) {
      const [, said, path = "", title = ""] = TESTED.exec(promise) ?? [];
      assert.ok(said, `no test: ${promise}`);
      assert.match(path, /^test\/(\w+\/)+\w+\.test\.ts$/);
      // Its title, not a word in a comment: a test that is skipped or gone holds nothing.
      const titles = [...text(path).matchAll(/^\s*(?:it|describe)\(\s*(["`])(.*?)\1,/gms)];
      assert.ok(
        titles.some(([, , found = ""]) => found.includes(title)),
        `${path} has no test "${title}"`,
      );
    }
  });
});

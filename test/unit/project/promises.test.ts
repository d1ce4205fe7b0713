import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { broken, MUTANTS } from "../../promises/mutants.ts";
import { readPromises } from "../../promises/promises.ts";

const ROOT = join(import.meta.dirname, "../../..");

const text = (path: string) => readFileSync(join(ROOT, path), "utf8");

describe("the promises", () => {
  const promises = readPromises();

  it("are some", () => {
    assert.ok(promises.length > 20, `${promises.length}`);
  });

  it("have a test each", () => {
    for (const { path, title } of promises) {
      assert.match(path, /^test\/(\w+\/)+\w+\.test\.ts$/);
      // Its title, not a word in a comment: a test that is skipped or gone holds nothing.
      const titles = [...text(path).matchAll(/^\s*(?:it|describe)\(\s*(["`])(.*?)\1,/gms)];
      assert.ok(
        titles.some(([, , found = ""]) => found.includes(title)),
        `${path} has no test "${title}"`,
      );
    }
  });

  it("have a mutant each, which is a change of code that is there", () => {
    assert.deepEqual(Object.keys(MUTANTS).sort(), promises.map(({ said }) => said).sort());
    for (const mutant of Object.values(MUTANTS)) broken(mutant, text(mutant.file));
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const HEADING = "## What it promises";
/** A line of the list with the file of its test, and the title in it. */
const TESTED = /^- (.+?)\.\n {2}\(`(.+)`: "(.+)"\)$/s;

/** A line of SECURITY.md and the test that holds it. */
export interface Promised {
  /** The sentence without its full stop, on one line. */
  readonly said: string;
  /** The test's file, from the project's root, and words of its title. */
  readonly path: string;
  readonly title: string;
}

/** What SECURITY.md promises; throws where a line of its list names no test. */
export function readPromises(): Promised[] {
  const all = readFileSync(join(ROOT, "SECURITY.md"), "utf8");
  const list = all.split(`${HEADING}\n`)[1]?.split(/^## /m)[0] ?? "";
  return list
    .split(/\n(?=- |\n|#)/)
    .map((part) => part.trim())
    .filter((part) => part.startsWith("- "))
    .map((item) => {
      const [, said, path, title] = TESTED.exec(item) ?? [];
      if (!said || !path || !title) throw new Error(`A promise without a test: ${item}`);
      return { said: said.replace(/\s+/g, " "), path, title };
    });
}

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import { loadTestDefinition, TESTS } from "./support.ts";

const FOLDER = new URL("formats_err/", TESTS);
const names = readdirSync(FOLDER).map((file) => file.replace(/\.ksy$/, ""));

/** Only imported by others: nothing is wrong with them. */
const RIGHT = ["params_def_subtype_imported", "params_def_top_imported"];

/** What the official compiler does not come to, as it stops before. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  attr_bad_key: ["/seq/1/type error"],
  expr_sizeof_value_dynamic3: ["/instances/body_sizeof/value error"],
  // Of YAML itself: these have a line, and no path.
  yaml_1: ["/ error"],
  yaml_dup_keys: ["/ error"],
};

interface Expected {
  readonly place: string;
  readonly severity: string;
}

/** What the comments at the head of a file say that the official compiler says: where, and how bad. */
function expectedOf(text: string): Expected[] {
  const found = text.matchAll(/^# [\w.]+:(\S*.*):$\n^#\s+(error|warning):/gm);
  return [...found].map(([, place = "", severity = ""]) => ({ place: place.trim(), severity }));
}

/** The official compiler tells a case by its tree; here it is told as it is written. */
function writtenPath(path: string): string {
  return path
    .replace(/IntNum\((.*)\)$/, "$1")
    .replace(/Bool\((.*)\)$/, "$1")
    .replace(/Str\((.*)\)$/, '"$1"')
    .replace(/Name\(identifier\((.*)\)\)$/, "$1");
}

describe("Kaitai Struct's own wrong definitions", () => {
  it("are all there", () => {
    assert.equal(names.length, 156);
  });

  for (const name of names) {
    if (RIGHT.includes(name)) {
      it(`takes ${name}`, async () => {
        assert.deepEqual((await loadTestDefinition("formats_err", name)).problems, []);
      });
      continue;
    }
    it(`are refused: ${name}`, async () => {
      const text = readFileSync(new URL(`${name}.ksy`, FOLDER), "utf8");
      const expected = expectedOf(text);
      const { definition, problems } = await loadTestDefinition("formats_err", name);
      assert.deepEqual(
        problems.map(({ path, severity }) => `${path} ${severity}`).sort(),
        expected
          .filter(({ place }) => place.startsWith("/"))
          .map(({ place, severity }) => `${writtenPath(place)} ${severity}`)
          .concat(ALSO[name] ?? [])
          .sort(),
      );
      assert.ok(problems.length > 0);
      assert.equal(
        definition === undefined,
        problems.some(({ severity }) => severity === "error"),
      );
      for (const { line, column, length, problem, file } of problems) {
        const lines = readFileSync(new URL(file, FOLDER), "utf8").split("\n");
        assert.ok(line >= 1 && line <= lines.length, `line ${line}`);
        assert.ok(column >= 1 && column - 1 <= (lines[line - 1] ?? "").length, `column ${column}`);
        assert.ok(length >= 0);
        assert.doesNotMatch(problem, /\{\d\}/);
      }
    });
  }
});

describe("a file that is no YAML", () => {
  it("is refused where it stops being one", async () => {
    const { problems } = await loadTestDefinition("formats_err", "yaml_1");
    // "yaml_1\n    seq" would be a key of two lines.
    assert.deepEqual([problems[0]?.line, problems[0]?.column], [5, 7]);
  });

  it("is refused at the key that is there twice", async () => {
    const { problems } = await loadTestDefinition("formats_err", "yaml_dup_keys");
    assert.deepEqual([problems[0]?.line, problems[0]?.column], [9, 1]);
    assert.equal(problems[0]?.problem, "The key seq is there twice.");
  });
});

describe("a definition that is too much", () => {
  const many = (count: number, text: (at: number) => string): string =>
    Array.from({ length: count }, (_, at) => text(at)).join("");
  const hostile: Readonly<Record<string, string>> = {
    tooManyNodes: `meta: {id: test}\nseq: [{id: x, type: u1, valid: {any-of: [${"1,".repeat(60_000)}]}}]`,
    fileTooLong: `meta: {id: test}\n${"#".repeat(600_000)}`,
    badYaml: `meta: {id: test}\nseq: ${"[".repeat(50_000)}`,
    tooDeepTypes: `meta: {id: test}\n${many(40, (at) => `${" ".repeat(2 * at)}types:\n${" ".repeat(2 * at + 1)}t${at}:\n`)}`,
  };
  for (const [code, text] of Object.entries(hostile)) {
    it(`is refused: ${code}`, async () => {
      const { definition, problems } = await loadDefinition("test.ksy", text);
      assert.equal(definition, undefined);
      assert.ok(
        problems.some((problem) => problem.code === code),
        JSON.stringify(problems[0]),
      );
      assert.ok(problems.length <= 200);
    });
  }

  it("is no bomb of aliases", async () => {
    const bomb = many(
      30,
      (at) => `-a${at}: &a${at} [${at === 0 ? "1" : `*a${at - 1}, *a${at - 1}`}]\n`,
    );
    const { problems } = await loadDefinition("test.ksy", `meta: {id: test}\n${bomb}seq: *a29\n`);
    assert.ok(problems.length > 0);
  });

  it("may name fields as objects of JavaScript name theirs", async () => {
    const text = `meta: {id: constructor}
seq:
  - {id: valueof, type: u1}
  - {id: tostring, type: u1}
types:
  prototype: {seq: [{id: has_own_property, type: u1}]}
instances:
  constructor_1: {value: valueof + tostring}
`;
    assert.deepEqual((await loadDefinition("test.ksy", text)).problems, []);
    const { problems } = await loadDefinition(
      "test.ksy",
      "meta: {id: test}\nseq: [{id: x, type: constructor}]",
    );
    assert.equal(problems[0]?.code, "unknownType");
    const asked =
      "meta: {id: test}\ninstances: {x: {value: \"'a'.constructor\"}, __proto__: {value: 1}}";
    assert.deepEqual(
      (await loadDefinition("test.ksy", asked)).problems.map(({ code }) => code).sort(),
      ["badId", "unknownMethod"],
    );
  });

  it("has its problems where they are, in whichever way YAML writes them", async () => {
    const places: readonly (readonly [string, string])[] = [
      ["value: 1 + bad + 2", "bad"],
      ["value: '1 + bad + 2'", "bad"],
      ['value: "1 + bad + 2"', "bad"],
      ['value: "\\x31 +\\u0020bad"', "bad"],
      ["value: |\n      1 +\n        bad\n", "bad"],
      ["value: >-\n      1 +\n      2 + bad\n", "bad"],
      ["value: 1 +\n      2 + bad", "bad"],
      ["value: 'f\"it''s {bad}\"'", "bad"],
      ["value: '''a'' + bad'", "bad"],
    ];
    for (const [value, expected] of places) {
      const text = `meta: {id: test}\ninstances:\n  x:\n    ${value}\n`;
      const [problem] = (await loadDefinition("test.ksy", text)).problems;
      assert.ok(problem, value);
      const line = text.split("\n")[problem.line - 1] ?? "";
      const at = problem.column - 1;
      assert.equal(line.slice(at, at + problem.length), expected, value);
    }
  });
});

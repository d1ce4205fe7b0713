import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { completeDefinition } from "../../../../extension/core/kaitai/completion.ts";
import * as keys from "../../../../extension/core/kaitai/keys.ts";
import { type OutlineItem, outlineOf } from "../../../../extension/core/kaitai/outline.ts";

const TRACKER = `meta:
  id: tracker
  endian: le
seq:
  - id: head
    type: header
  - id: kind
    type: u1
    enum: kind
  - {id: temp, type: f4}
instances:
  celsius:
    value: temp / 10
types:
  header:
    doc: What each begins with.
    seq:
      - id: number
        type: u4
    types:
      inner: {seq: [{id: a, type: u1}]}
enums:
  kind: {1: sample, 2: alarm}
`;

/** What is offered where "|" stands in the text, and what of the text it replaces. */
function offered(text: string): { replaces: string; texts: string[]; kinds: Set<string> } {
  const offset = text.indexOf("|");
  const whole = text.slice(0, offset) + text.slice(offset + 1);
  const { from, items } = completeDefinition(whole, offset);
  return {
    replaces: whole.slice(from, offset),
    texts: items.map(({ text: one }) => one),
    kinds: new Set(items.map(({ kind }) => kind)),
  };
}
const at = (place: string, written: string) => offered(TRACKER.replace(place, written));

describe("completion in a definition", () => {
  it("offers the keys that can stand there, wherever maps may be", () => {
    for (const [text, some, none] of [
      ["|", "seq", "id"],
      ["meta:\n  |", "endian", "seq"],
      ["seq:\n  - |", "type", "endian"],
      ["seq:\n  - id: a\n    rep|", "repeat", "pos"],
      ["seq: [{id: a, re|}]", "repeat-expr", "value"],
      ["instances:\n  a:\n    |", "value", "id"],
      ["seq:\n  - id: a\n    type:\n      |", "cases", "type"],
      ["seq:\n  - id: a\n    valid: {|}", "any-of", "type"],
      ["types:\n  a:\n    seq:\n      - id: b\n        |", "enum", "seq"],
      ["types:\n  a:\n    |", "seq", "id"],
      ["params:\n  - |", "type", "size"],
      ["enums:\n  a:\n    1:\n      |", "id", "type"],
    ] as const) {
      const { texts, kinds } = offered(text);
      assert.ok(texts.includes(some), `${some} in ${text}: ${texts}`);
      assert.ok(!texts.includes(none), `${none} in ${text}`);
      assert.deepEqual([...kinds], ["key"]);
    }
  });

  it("offers types of the file and built-in ones, enums, fields and values", () => {
    const types = at("type: header", "type: he|");
    assert.equal(types.replaces, "he");
    assert.ok(types.texts.includes("header") && types.texts.includes("u2le"));
    assert.ok(!types.texts.includes("inner"));
    assert.deepEqual(at("enum: kind", "enum: |").texts, ["kind"]);
    assert.deepEqual(at("endian: le", "endian: |").texts, ["le", "be"]);
    const fields = at("value: temp / 10", "value: temp / |").texts;
    assert.ok(fields.includes("head") && fields.includes("_io") && !fields.includes("number"));
    assert.ok(at("type: u4", "type: u4\n        if: n|").texts.includes("number"));
    assert.deepEqual(offered("seq:\n  - id: a\n    repeat: |").texts, ["eos", "expr", "until"]);
    assert.ok(
      offered("types: {b: {}}\nseq: [{id: a, type: {switch-on: 1, cases: {1: |}}}]").texts.includes(
        "b",
      ),
    );
  });

  it("offers nothing in comments and in texts", () => {
    for (const text of ["seq: # |", "doc: a |", "meta:\n  title: |"]) {
      assert.deepEqual(offered(text).texts, [], text);
    }
  });

  it("never throws, wherever it is asked for", () => {
    fc.assert(
      fc.property(
        fc.nat(TRACKER.length),
        fc.nat(TRACKER.length),
        fc.constantFrom("", "{", "[", ": ", "\n  - ", "*a", "'", '"', "|", "\t", "#", "&a "),
        (offset, place, inserted) => {
          const text = TRACKER.slice(0, place) + inserted + TRACKER.slice(place);
          const { from, items } = completeDefinition(text, offset);
          assert.ok(from <= offset && items.length < 1000);
          outlineOf(text);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("has words for each key that it offers", () => {
    for (const text of [
      "|",
      "meta:\n  |",
      "seq:\n  - |",
      "instances:\n  a:\n    |",
      "params:\n  - |",
    ]) {
      for (const key of offered(text).texts) assert.ok(Object.hasOwn(keys.KEY_DOCS, key), key);
    }
  });
});

describe("the schema of definitions for YAML editors", () => {
  type Definition = { properties: Record<string, { description?: string }> };
  let definitions: Readonly<Record<string, Definition>>;

  before(async () => {
    const file = new URL("../../../../extension/media/ksy.schema.json", import.meta.url);
    ({ definitions } = JSON.parse(await readFile(file, "utf8")));
  });

  it("knows the keys that the reader knows, with the same words", () => {
    for (const [name, known] of [
      ["meta", keys.META_KEYS],
      ["type", keys.TYPE_KEYS],
      ["field", keys.FIELD_KEYS],
      ["instance", [...keys.INSTANCE_KEYS, "value"]],
      ["param", keys.PARAM_KEYS],
      ["valid", keys.VALID_KEYS],
      ["switch", keys.SWITCH_KEYS],
      ["member", keys.MEMBER_KEYS],
    ] as const) {
      const { properties } = definitions[name] ?? assert.fail(name);
      assert.deepEqual(Object.keys(properties).sort(), [...new Set(known)].sort(), name);
      for (const [key, { description }] of Object.entries(properties)) {
        const docs: Readonly<Record<string, string>> = keys.KEY_DOCS;
        assert.equal(description, docs[`${name}/${key}`] ?? docs[key], `${name}/${key}`);
      }
    }
  });
});

describe("the outline of a definition", () => {
  it("has its types, fields and enums, each with its place", () => {
    const told = (items: readonly OutlineItem[]): unknown[] =>
      items.map(({ name, detail, items: inner }) =>
        inner.length > 0 ? [name, detail, told(inner)] : [name, detail],
      );
    const outline = outlineOf(TRACKER) ?? assert.fail();
    assert.deepEqual(told(outline), [
      ["head", "header"],
      ["kind", "u1"],
      ["temp", "f4"],
      ["celsius", "temp / 10"],
      [
        "header",
        "What each begins with.",
        [
          ["number", "u4"],
          ["inner", "", [["a", "u1"]]],
        ],
      ],
      ["kind", ""],
    ]);
    const check = (items: readonly OutlineItem[], from: number, to: number): void => {
      for (const { place, namePlace, items: inner } of items) {
        assert.ok(from <= place.from && place.to <= to);
        assert.ok(place.from <= namePlace.from && namePlace.to <= place.to);
        check(inner, place.from, place.to);
      }
    };
    check(outline, 0, TRACKER.length);
    assert.equal(outlineOf("seq: ["), undefined);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { indentedJson } from "../../../../extension/core/text/json_text.ts";
import { printable } from "../../../../extension/core/text/printable.ts";
import { cpuMilliseconds } from "../../../support/cpu_time.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const indented = (text: string) => indentedJson(bytes(text))?.join("\n");

describe("indentedJson()", () => {
  it("indents as JSON.stringify does", () => {
    const container = fc.oneof(
      fc.array(fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
    );
    fc.assert(
      fc.property(container, (value) => {
        assert.equal(indented(JSON.stringify(value)), JSON.stringify(value, undefined, 2));
      }),
    );
  });

  it("is the same JSON, and printable, whatever its strings hold", () => {
    const string = fc.string({ unit: "binary", maxLength: 8 });
    const container = fc.oneof(
      fc.array(string, { maxLength: 8 }),
      fc.dictionary(string, string, { maxKeys: 8 }),
    );
    fc.assert(
      fc.property(container, (value) => {
        const text = indented(JSON.stringify(value)) ?? "";
        assert.equal(JSON.stringify(JSON.parse(text)), JSON.stringify(value));
        for (const line of text.split("\n")) {
          assert.equal(printable(line.replaceAll("\\", "/")), line.replaceAll("\\", "/"));
        }
      }),
    );
  });

  it("keeps what a parser would change: digits, equal keys, their order, escapes", () => {
    assert.equal(
      indented('{"b":12345678901234567890,"1":1.0,"b":1E400 , "\\u0041":"\\/"}'),
      '{\n  "b": 12345678901234567890,\n  "1": 1.0,\n  "b": 1E400,\n  "\\u0041": "\\/"\n}',
    );
  });

  it("escapes as JSON what could act or deceive", () => {
    assert.equal(indented('["\u202e\u007f\u{e0001}é"]'), '[\n  "\\u202e\\u007f\\udb40\\udc01é"\n]');
    assert.equal(indented('["\\u001b[31m"]'), '[\n  "\\u001b[31m"\n]');
  });

  it("leaves empty containers on their line", () => {
    assert.equal(indented(' [ {} , [ ] ,{"a":[]}]\n'), '[\n  {},\n  [],\n  {\n    "a": []\n  }\n]');
    assert.equal(indented("{}"), "{}");
  });

  it("takes nothing else for JSON", () => {
    for (const text of [
      "",
      " ",
      "7",
      '"a"',
      "true",
      "null",
      "{",
      "[1,]",
      "{a:1}",
      "[1]x",
      "\ufeff[]",
    ]) {
      assert.equal(indented(text), undefined, text);
    }
    assert.equal(indentedJson(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d)), undefined);
  });

  it("stays small and quick where it is nested as deep as a datagram allows", () => {
    let lines: ReturnType<typeof indentedJson>;
    const took = cpuMilliseconds(() => {
      lines = indentedJson(bytes("[".repeat(32_753) + "]".repeat(32_753)));
    });
    assert.ok(took < 5000, `${took} ms`);
    const widths = (lines ?? []).map((line) => line.length);
    assert.equal(Math.max(...widths), 2 * 40 + "[]".length, "no deeper than 40 levels");
    assert.equal(lines?.join("").replaceAll(" ", "").length, 65_506);
  });
});

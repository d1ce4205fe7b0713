import assert from "node:assert/strict";
import fc from "fast-check";
import { Marks } from "../../../../extension/webview/datagrams/grid/marks.ts";

/** Marked parts in brackets. */
function marked(text: string, ...texts: readonly string[]): string {
  return shown(
    text,
    texts.map((mark) => ({ text: mark, ignoreCase: true })),
  );
}

function shown(text: string, marks: ConstructorParameters<typeof Marks>[0]): string {
  return new Marks(marks)
    .partsOf(text)
    .map((part) => (part.isMarked ? `[${part.text}]` : part.text))
    .join("");
}

describe("Marks", () => {
  it("find every place of every text", () => {
    assert.equal(marked("Hello, hello!", "hello"), "[Hello], [hello]!");
    assert.equal(marked("abcabc", "a", "c"), "[a]b[ca]b[c]");
    assert.equal(marked("nothing", "x"), "nothing");
    assert.equal(marked("", "x"), "");
  });

  it("are one where they overlap or touch", () => {
    assert.equal(marked("abcdef", "abc", "cde"), "[abcde]f");
    assert.equal(marked("abcdef", "abcdef", "cd"), "[abcdef]");
    assert.equal(marked("aaaa", "aa"), "[aaaa]");
  });

  it("heed the case where they are to", () => {
    assert.equal(shown("Ab ab", [{ text: "ab", ignoreCase: false }]), "Ab [ab]");
  });

  it("take no text for a pattern, and mark nothing for an empty one", () => {
    assert.equal(marked("1+1=2 (.*)", "1+1", "(.*)"), "[1+1]=2 [(.*)]");
    assert.equal(marked("\\x00-[a]{2}^$|/?", "\\x00", "[a]{2}^$|/?"), "[\\x00]-[[a]{2}^$|/?]");
    assert.equal(marked("text", ""), "text");
  });

  it("stay where they are beside letters that are longer in lower case", () => {
    assert.equal(marked("İİ x Straße", "x", "STRASSE", "straße"), "İİ [x] [Straße]");
    assert.equal(marked("😀a😀", "a"), "😀[a]😀");
  });

  it("never change the text", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ maxLength: 3 })), (text, texts) => {
        const parts = new Marks(texts.map((mark) => ({ text: mark, ignoreCase: true }))).partsOf(
          text,
        );
        assert.equal(parts.map((part) => part.text).join(""), text);
        assert.ok(parts.every((part) => part.text !== ""));
      }),
    );
  });
});

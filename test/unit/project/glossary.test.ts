import assert from "node:assert/strict";
import { readText, tableBelow } from "../support/markdown.ts";

interface Term {
  /** English, in lower case. */
  readonly words: readonly string[];
  readonly chinese: string;
  readonly others: readonly string[];
}

const list = (cell: string) =>
  cell
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

const terms: readonly Term[] = tableBelow(readText("docs/glossary.md"), "# Glossary").map(
  ([words = "", chinese = "", others = ""]) => ({
    words: list(words),
    chinese,
    others: list(others),
  }),
);

/** Each sentence that a person sees, in English and in Chinese. */
const pairs: readonly (readonly [english: string, chinese: string])[] = [
  ...Object.entries(json("extension/l10n/bundle.l10n.zh-cn.json")),
  ...Object.entries(json("package.nls.json")).map(
    ([key, english]) => [english, json("package.nls.zh-cn.json")[key] ?? ""] as const,
  ),
];

function json(path: string): Record<string, string> {
  return JSON.parse(readText(path)) as Record<string, string>;
}

const HAN = /\p{Script=Han}/u;
const WIDE = "\\p{Script=Han}\\u3000-\\u303f\\uff00-\\uffef“”";
/** A mark of ASCII that touches Chinese, or stands between two values of a Chinese sentence. */
const NARROW_MARK = new RegExp(`[${WIDE}][,;:?!()]|[,;:?!()][${WIDE}]|\\}[,;:]\\{`, "u");

/** What is no sentence: links, commands and code. */
function prose(text: string): string {
  return text.replace(/\]\([^)]*\)/g, "]").replace(/`[^`]*`/g, "`");
}

describe("the glossary", () => {
  it("has each word once, and no word of its own among those that are not to be used", () => {
    assert.ok(terms.length > 30, `${terms.length}`);
    const own = terms.map(({ chinese }) => chinese).filter(Boolean);
    assert.equal(new Set(own).size, own.length);
    const words = terms.flatMap((term) => term.words);
    assert.equal(new Set(words).size, words.length);
    for (const { others } of terms) for (const other of others) assert.ok(!own.includes(other));
  });

  for (const { words, chinese, others } of terms.filter((term) => term.chinese !== "")) {
    it(`calls ${words.join(" and ")} ${chinese}, and nothing else`, () => {
      let used = 0;
      for (const [english, translated] of pairs) {
        for (const other of others) assert.ok(!translated.includes(other), `${other}: ${english}`);
        if (translated.includes(chinese)) used++;
      }
      assert.ok(used > 0, "no text has it");
    });
  }

  // Words that say one thing wherever they stand; the others mean something else here and there ("sent").
  for (const word of ["payload", "datagram", "multicast", "reply", "resend", "replay", "peer"]) {
    it(`has its Chinese word wherever an English text says ${word}`, () => {
      const term = terms.find(({ words }) => words.includes(word));
      assert.ok(term);
      // In capitals it is a keyword of request files.
      const form = new RegExp(`\\b[${word[0]}${word[0]?.toUpperCase()}]${word.slice(1)}s?\\b`);
      const said = pairs.filter(([english]) => form.test(english));
      assert.ok(said.length > 0);
      for (const [english, chinese] of said) assert.ok(chinese.includes(term.chinese), english);
    });
  }
});

describe("the Chinese texts", () => {
  it("have no mark of ASCII between Chinese characters", () => {
    for (const [, chinese] of pairs) assert.doesNotMatch(prose(chinese), NARROW_MARK, chinese);
  });

  it("are Chinese, and no sentence is half English", () => {
    for (const [english, chinese] of pairs) {
      // "{0} of {1}", "p99 {0}": what is left has no word.
      if (/[a-z]{3}/i.test(english)) assert.match(chinese, HAN, english);
      // Three words of English in a row are a part of a sentence; names of programs and options are shorter.
      assert.doesNotMatch(prose(chinese), /\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b/, chinese);
    }
  });
});

import assert from "node:assert/strict";
import { splitWords } from "../../../../extension/host/programs/message_words.ts";

describe("splitWords()", () => {
  const cases: [line: string, words: string[]][] = [
    ["Michael Tracy Sarah", ["Michael", "Tracy", "Sarah"]],
    ["  a \t b\n", ["a", "b"]],
    ["", []],
    ['"two words" one', ["two words", "one"]],
    [`'it is "so"'`, ['it is "so"']],
    [`"" ''`, ["", ""]],
    [`a""b`, [`a""b`]],
    [`{"a":1}`, [`{"a":1}`]],
    [`"a"b c`, [`"a"b`, "c"]],
    [String.raw`"\"so\" \\"`, [String.raw`"so" \ `.trim()]],
    [String.raw`back\slash`, [String.raw`back\slash`]],
    ['"open end', ['"open', "end"]],
    ["it's", ["it's"]],
  ];
  for (const [line, words] of cases) {
    it(`reads ${JSON.stringify(line)}`, () => assert.deepEqual(splitWords(line), words));
  }
});

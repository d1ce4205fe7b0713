import assert from "node:assert/strict";
import { createContext, Script } from "node:vm";
import fc from "fast-check";
import { Automaton } from "../../../../extension/core/regexp/automaton.ts";
import { compileRegexp } from "../../../../extension/core/regexp/regexp.ts";
import { cpuMilliseconds } from "../../../support/cpu_time.ts";

function automaton(source: string): Automaton {
  const program = compileRegexp(source);
  if ("code" in program) return assert.fail(`${source}: ${JSON.stringify(program)}`);
  return new Automaton(program);
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Expressions that mean the same in JavaScript, but for `.` and `$`. */
const { expression } = fc.letrec<{ expression: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    fc.constantFrom("a", "b", "A", "\\.", "\\x62", "\\d", "\\W", "\\s", "\\n", "é"),
    fc.constantFrom(".", "^", "$", "[ab]", "[^a]", "[a-c1]", "[^\\d-]", "[B-b]", "[-a]"),
    tie("expression").map((inner) => `(${inner})`),
    tie("expression").map((inner) => `(?:${inner})`),
  ),
  expression: fc
    .array(
      fc.tuple(
        fc.array(
          fc.tuple(
            tie("atom"),
            fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "{0}"),
          ),
          { maxLength: 3 },
        ),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((choices) =>
      choices
        .map(([parts]) =>
          parts
            // JavaScript knows no repeated assertion without the u flag's absence; it means nothing anyway.
            .map(([atom, count]) => (/^[\^$]$/.test(atom) ? atom : atom + count))
            .join(""),
        )
        .join("|"),
    ),
}));

const text = fc
  .array(fc.constantFrom(..."aabbAB.1 \n-c", "\xc3\xa9", "\xc3\x89"), { maxLength: 8 })
  .map((characters) => characters.join(""));

/** The same expression for JavaScript, over characters that stand for bytes. */
function reference(source: string): RegExp {
  const [, flag, rest = ""] = /^(\(\?-i\))?(.*)$/s.exec(source) ?? [];
  const translated = rest
    .replaceAll("é", flag ? "(?:\xc3\xa9)" : "(?:\xc3[\xa9\x89])")
    .replaceAll(/(?<!\\)\.(?![^[]*\])/g, "[^\\n]")
    .replaceAll(/(?<!\\)\$/g, "(?=\\n?(?![^]))")
    .replaceAll("\\s", "[\\t\\n\\v\\f\\r ]")
    .replaceAll("\\W", "[^0-9A-Za-z_]");
  // Only ASCII has cases here: byte 0xC3 is no letter.
  return new RegExp(translated, flag ? "" : "i");
}

const run = new Script("expression.test(text)");
const context = createContext({});

/** What JavaScript says; undefined where it would take for ever, as backtracking may, however short the text. */
function expectation(source: string, value: string): boolean | undefined {
  Object.assign(context, { expression: reference(source), text: value });
  try {
    return run.runInContext(context, { timeout: 100 }) as boolean;
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ERR_SCRIPT_EXECUTION_TIMEOUT");
    return undefined;
  }
}

describe("compileRegexp()", () => {
  it("finds what JavaScript's own finds", () => {
    fc.assert(
      fc.property(expression, fc.boolean(), fc.array(text), (body, isExact, texts) => {
        const source = isExact ? `(?-i)${body}` : body;
        const program = compileRegexp(source);
        if ("code" in program) {
          assert.equal(program.code, "regexpTooLarge", source);
          return;
        }
        const tested = new Automaton(program);
        for (const value of texts) {
          const expected = expectation(source, value) ?? tested.test(latin1(value));
          assert.equal(tested.test(latin1(value)), expected, JSON.stringify(value));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("finds the same when a payload comes in pieces, and forgets the one before", () => {
    const tested = automaton("^ab+c$|x{3}");
    const feed = (...pieces: string[]) => {
      tested.begin();
      const found = pieces.some((piece) => tested.feed(latin1(piece), 0, piece.length));
      return found || tested.end();
    };
    assert.equal(feed("a", "bb", "", "c"), true);
    assert.equal(feed("bc"), false);
    assert.equal(feed("a", "bc", "\n"), true);
    assert.equal(feed("abc\n", "\n"), false);
    assert.equal(feed("xx", "xy"), true);
    assert.equal(feed("xx"), false);
    assert.equal(feed("x"), false);
    assert.equal(feed("xxx"), true);
    assert.equal(tested.end(), true, "has matched before the end");
  });

  it("takes a line feed at the end both for a character and for the end", () => {
    for (const [source, expected] of [
      ["x$", true],
      ["x$\\n", true],
      ["x$\\n$", true],
      ["x$$\\n", true],
      ["x$\\n^", false],
      ["x$\\n\\n", false],
      ["x$.", false],
    ] as const) {
      assert.equal(automaton(source).test(latin1("x\n")), expected, source);
    }
  });

  it("makes each state once, however long the payload is", () => {
    const tested = automaton("(?-i)abc$");
    for (let time = 0; time < 3; time++) {
      assert.equal(tested.test(latin1("ab".repeat(1000))), false);
    }
    // At the start, behind nothing of it, behind "a", and behind "ab".
    assert.ok(tested.stateCount <= 4, String(tested.stateCount));
  });

  it("takes time in proportion to the payload, whatever the expression", () => {
    const payload = latin1(`${"a".repeat(65_000)}!`);
    for (const source of [
      "(a+)+$",
      "(a|a)*b",
      "(a|aa)+$",
      "(.*)*x(.*)*y",
      "a.{0,300}b",
      "(a?){200}a{200}c",
      "((a*)*)*b",
      "^(([a-z])+.)+[A-Z]([a-z])+$",
      "(x+x+)+y|(.*a){20}c",
    ]) {
      const tested = automaton(source);
      const took = cpuMilliseconds(() => tested.test(payload));
      assert.ok(took < 2000, `${source} took ${took} ms`);
    }
  });

  it("keeps its memory bounded where there are endless states, and finds all the same", () => {
    const tested = automaton("(?-i)a[abx]{14}c|^x");
    let seed = 7;
    const random = Array.from({ length: 60_000 }, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return "abbx"[(seed >>> 16) & 3];
    }).join("");
    // Not what is anchored: it matches nowhere else, also where the states start anew.
    const letters = `b${random}`;
    assert.equal(tested.test(latin1(letters)), false);
    assert.ok(tested.stateCount > 10 && tested.stateCount <= 1024, String(tested.stateCount));
    assert.equal(
      tested.test(latin1(`${letters}abbbbbbbbbbbbbbbc`)),
      /a[abx]{14}c/.test(`${letters}abbbbbbbbbbbbbbbc`),
    );
    assert.equal(tested.test(latin1(`${letters}abbbbbbbbbbbbbbc${letters}`)), true);
  });

  it("is in any case but after (?-i)", () => {
    assert.equal(automaton("HELLO").test(latin1("hello")), true);
    assert.equal(automaton("(?-i)HELLO").test(latin1("hello")), false);
    assert.equal(automaton("(?i)[^H]").test(latin1("hH")), false);
    assert.equal(automaton("\\x48").test(latin1("h")), true);
  });

  it("takes what is as large as it may be", () => {
    const nested = (depth: number) => `${"(".repeat(depth)}a${")".repeat(depth)}`;
    for (const [largest, larger] of [
      ["a{1000}", "a{1001}"],
      ["a{0,1000}", "a{0,1001}"],
      ["a{1000,}", "a{1001,}"],
      ["a".repeat(1000), "a".repeat(1001)],
      [nested(50), nested(51)],
      // 2000 steps: the bytes, and one for each thing that holds others.
      ["a{997}b{999}", "a{997}b{1000}"],
    ] as const) {
      const result = compileRegexp(largest);
      assert.equal("code" in result ? result.code : "none", "none", largest.slice(0, 30));
      const problem = compileRegexp(larger);
      assert.equal("code" in problem && problem.code, "regexpTooLarge", larger.slice(0, 30));
    }
  });

  it("counts repetitions, and takes braces that tell no count as they are", () => {
    for (const [source, matching, other] of [
      ["^a{3}$", ["aaa"], ["aa", "aaaa", ""]],
      ["^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]],
      ["^a{2,}$", ["aa", "aaaaaa"], ["a", ""]],
      ["^a{0,1}$", ["", "a"], ["aa"]],
      ["^a{12}$", ["a".repeat(12)], ["a", "a".repeat(11), "a".repeat(13)]],
      ["^(ab){2}$", ["abab"], ["ab", "aabb", "ababab"]],
      ["^a{2}?$", ["aa"], ["a", "aaa"]],
      ["^a{,3}$", ["a{,3}"], ["", "aaa"]],
      ["^a{x}$", ["a{x}"], ["a"]],
      ["^a{2$", ["a{2"], ["aa"]],
      ["^{$", ["{"], [""]],
      ["^a*b+c?$", ["b", "aabbc"], ["a", "bcc"]],
      ["^a+?$", ["a", "aa"], [""]],
    ] as const) {
      const tested = automaton(source);
      for (const text of matching) assert.ok(tested.test(latin1(text)), `${source}: ${text}`);
      for (const text of other) assert.ok(!tested.test(latin1(text)), `${source}: ${text}`);
    }
  });

  it("knows escapes and classes, byte by byte", () => {
    const bytes = (source: string) => {
      const tested = automaton(`(?-i)^${source}$`);
      const all = Array.from({ length: 256 }, (_, byte) => byte);
      // A "$" is before a last line feed, too.
      return all.filter(
        (byte) => tested.test(Uint8Array.of(byte, 0x40)) || tested.test(Uint8Array.of(byte)),
      );
    };
    const range = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const others = (those: readonly number[]) =>
      range(0, 255).filter((byte) => !those.includes(byte));
    for (const [source, expected] of [
      ["\\x41", [0x41]],
      ["\\xff", [0xff]],
      ["\\xFf", [0xff]],
      ["\\.", [0x2e]],
      ["\\]", [0x5d]],
      ["\\/", [0x2f]],
      [".", others([0x0a])],
      ["[a-c]", [0x61, 0x62, 0x63]],
      ["[^a-c]", others([0x61, 0x62, 0x63])],
      ["[]a]", [0x5d, 0x61]],
      ["[^]a]", others([0x5d, 0x61])],
      ["[a-]", [0x2d, 0x61]],
      ["[-a]", [0x2d, 0x61]],
      ["[a-a]", [0x61]],
      ["[\\x80-\\xff]", range(0x80, 0xff)],
      ["[\\x00-\\x7f]", range(0, 0x7f)],
      ["[\\]\\-^]", [0x2d, 0x5d, 0x5e]],
      ["[.*+?()]", [0x28, 0x29, 0x2a, 0x2b, 0x2e, 0x3f]],
      ["[a:]", [0x3a, 0x61]],
      ["[:a]", [0x3a, 0x61]],
      ["[[]", [0x5b]],
      ["[[a]", [0x5b, 0x61]],
    ] as const) {
      assert.deepEqual(bytes(source), expected, source);
    }
  });

  it("has cases for letters of ASCII alone, in classes and escapes too", () => {
    const tested = (source: string, text: string) => automaton(source).test(latin1(text));
    for (const [source, text, expected] of [
      ["^[a-c]$", "B", true],
      ["^[A-C]$", "b", true],
      ["^[^a-c]$", "B", false],
      ["^\\x41$", "a", true],
      ["^[\\x41]$", "a", true],
      ["^[\\x41-\\x43]$", "b", true],
      ["^[@]$", "`", false],
      ["^@$", "`", false],
      ["^[[]$", "{", false],
      ["^\\xc4$", "\xe4", false],
      ["^é$", "\xc3\x89", true],
      ["(?-i)^é$", "\xc3\x89", false],
      ["(?-i)^é$", "\xc3\xa9", true],
      ["(?-i)^[a-c]$", "B", false],
    ] as const) {
      assert.equal(tested(source, text), expected, `${source} ${JSON.stringify(text)}`);
    }
  });

  for (const [source, what] of [
    ["(?=a)", "(?="],
    ["(?", "(?"],
    ["(*ACCEPT)", "(*"],
    ["a{2}{3}", "{3}"],
    ["a{3,2}", "{3,2}"],
    ["a{1001}", "{1001}"],
    ["a++", "++"],
    ["a{2}+", "{2}+"],
    ["a?*", "*"],
    ["a???", "?"],
    ["[[:alpha:]]", "[:"],
    ["[[.a.]]", "[."],
    ["[é]", "[é]"],
    ["[\\w-z]", "[-]"],
    ["[a-\\d]", "[-]"],
    ["\\b", "\\b"],
    ["\\é", "\\é"],
    ["\\xg0", "\\x"],
    ["a(b", "("],
    ["a)b", ")"],
    ["[a", "["],
    ["[a\\", "\\"],
    ["|*", "*"],
  ] as const) {
    it(`says what is wrong with ${source}`, () => {
      const result = compileRegexp(source);
      assert.equal("code" in result ? result.what : "nothing", what);
    });
  }

  for (const [source, code] of [
    ["(", "regexpSyntax"],
    [")", "regexpSyntax"],
    ["a**", "regexpSyntax"],
    ["+", "regexpSyntax"],
    ["[a", "regexpSyntax"],
    ["[", "regexpSyntax"],
    ["\\", "regexpSyntax"],
    ["a{3,2}", "regexpSyntax"],
    ["(a)\\1", "regexpUnsupported"],
    ["(?=a)", "regexpUnsupported"],
    ["(?<!a)", "regexpUnsupported"],
    ["(?>a)", "regexpUnsupported"],
    ["(*ACCEPT)", "regexpUnsupported"],
    ["a++", "regexpUnsupported"],
    ["\\bx", "regexpUnsupported"],
    ["\\p{L}", "regexpUnsupported"],
    ["[[:alpha:]]", "regexpUnsupported"],
    ["[ä]", "regexpUnsupported"],
    ["[z-a]", "regexpUnsupported"],
    ["\\x4", "regexpUnsupported"],
    ["a{1001}", "regexpTooLarge"],
    ["((a{99}){99}){99}", "regexpTooLarge"],
    ["(((){999}){999}){999}", "regexpTooLarge"],
    ["(".repeat(60), "regexpTooLarge"],
    ["a".repeat(1001), "regexpTooLarge"],
  ] as const) {
    it(`refuses ${source.slice(0, 30)}`, () => {
      const result = compileRegexp(source);
      assert.equal("code" in result ? result.code : "none", code);
    });
  }
});

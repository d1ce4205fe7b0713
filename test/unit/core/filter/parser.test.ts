import assert from "node:assert/strict";
import fc from "fast-check";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import type { DecodedFieldNames } from "../../../../extension/core/filter/decoded_fields.ts";
import {
  FILTER_PROBLEMS,
  type FilterProblem,
  type FilterProblemCode,
} from "../../../../extension/core/filter/problem.ts";
import { cpuMilliseconds } from "../../../support/cpu_time.ts";

function problemOf(text: string): FilterProblem | undefined {
  const result = compileFilter(text, TRACKER);
  return "problem" in result ? result.problem : undefined;
}

/** A filter, its problem, and what is underlined. */
/** What decoders find. */
const TRACKER: DecodedFieldNames = {
  find: (name) => (name === "tracker.temp" ? "known" : undefined),
  namesOf: (decoder) => (decoder === "tracker" ? ["tracker.temp"] : []),
};

const WRONG: readonly [text: string, code: FilterProblemCode, underlined: string][] = [
  ["tracker.tmp > 3", "unknownDecodedField", "tracker.tmp"],
  ["tracker.temp > warm", "notNumber", "warm"],
  [`x ${"y".repeat(16_384)}`, "tooLong", "yy"],
  [`${"(".repeat(101)}x`, "tooDeep", "("],
  [`${"-(".repeat(101)}x`, "tooDeep", "("],
  [`${"len:1 ".repeat(501)}`, "tooManyTerms", "len:1 "],
  [`udp.port in {${[...Array(501).keys()].join(" ")}}`, "tooManyTerms", " 500}"],
  [`udp.port in {${[...Array(500).keys()].join(" ")}`, "tooManyTerms", "9"],
  [[...Array(65).keys()].map((n) => `t${n}`).join(" or "), "tooManyTexts", "t0 or"],
  ['a "b c', "openQuote", '"b c'],
  ['port:1 udp contains "b c', "openQuote", '"b c'],
  ['"abc\\"', "openQuote", '"abc\\"'],
  ["a (b or c", "openParenthesis", "("],
  ["a (", "openParenthesis", "("],
  ["udp.port in {1 2", "openSet", "{"],
  ["udp.port in {1 .. ", "openSet", "{"],
  ["udp.port in {1 (", "openSet", "{"],
  ["udp.port in { }", "emptySet", "{ }"],
  ["a) b", "closingParenthesis", ")"],
  [")", "closingParenthesis", ")"],
  ['x ""', "emptyText", '""'],
  ['program:""', "emptyText", '""'],
  ['frame.comment == ""', "emptyText", '""'],
  ['"a\\q"', "badEscape", "\\q"],
  ['"a\\x4"', "badEscape", "\\x"],
  ['"\\u{d800}"', "badEscape", "\\u{d800}"],
  ['"\\u{dfff}"', "badEscape", "\\u{dfff}"],
  ['"\\u{110000}"', "badEscape", "\\u{110000}"],
  ['program:"\\xff"', "notText", '"\\xff"'],
  ['frame.comment contains "\\xff"', "notText", '"\\xff"'],
  ["or a", "missingOperand", "or"],
  ["a or", "missingOperand", "or"],
  ["a or or b", "missingOperand", "or"],
  ["a && ", "missingOperand", "&&"],
  ["a and (or b)", "missingOperand", "or"],
  ["(a or ) b", "missingOperand", "or"],
  ["not", "missingOperand", "not"],
  ["()", "missingOperand", "("],
  ["a !", "missingOperand", "!"],
  ["a || || b", "missingOperand", "||"],
  ["port: 9999", "missingValue", "port:"],
  ["(from:)", "missingValue", "from:"],
  ["udp.port ==", "missingValue", "=="],
  ["udp.port == )", "missingValue", "=="],
  ["udp.port in 5", "missingValue", "in"],
  ['{"id":1}', "unexpected", "{"],
  ["a > = b", "unknownField", "a"],
  ["<tag>", "unexpected", "<"],
  ['"x" == 5', "unexpected", "=="],
  ["form:1.2.3.4", "unknownQualifier", "form:"],
  ["prt:9", "unknownQualifier", "prt:"],
  ["tcp.port == 80", "unknownField", "tcp.port"],
  ["a==b", "unknownField", "a"],
  ["constructor == 5", "unknownField", "constructor"],
  ["udp.port contains 5", "badOperator", "contains"],
  ["udp > 5", "badOperator", ">"],
  ["udp.payload[0:2] contains 5", "badOperator", "contains"],
  ["udp.port=9999", "badOperator", "="],
  ["udp.port = 9999", "badOperator", "="],
  ["ip.src =1.2.3.4", "badOperator", "="],
  ["udp.port === 9999", "badNumber", "="],
  ["port:x", "badNumber", "x"],
  ["port:65536", "badNumber", "65536"],
  ["port:1..65536", "badNumber", "65536"],
  ["port:010", "badNumber", "010"],
  ["port:-1", "badNumber", "-1"],
  ["port:1e3", "badNumber", "1e3"],
  ["len:>", "badNumber", ">"],
  ['len:">x"', "badNumber", '">x"'],
  ["len:..", "badNumber", ".."],
  ["len:1...2", "badNumber", ".2"],
  ["udp.port == 99999999999", "badNumber", "99999999999"],
  ["len:20..10", "badRange", "20..10"],
  ["udp.port in {5..1}", "badRange", "5..1"],
  ["ip.src in {10.0.0.9..10.0.0.1}", "badRange", "10.0.0.9..10.0.0.1"],
  ["ip.src in {10.0.0.2..10.0.0.1}", "badRange", "10.0.0.2..10.0.0.1"],
  ["time:soon", "badTime", "soon"],
  ["time:>1.", "badTime", "1."],
  ["time:>.", "badTime", "."],
  ["time:>ms", "badTime", "ms"],
  ["time:1..2parsecs", "badTime", "2parsecs"],
  ["frame.time_relative > x", "badTime", "x"],
  ["from:1.2.3", "badAddress", "1.2.3"],
  ["from:1.2.3.256", "badAddress", "1.2.3.256"],
  ["to:[::1", "badAddress", "[::1"],
  ["to:[::x]:53", "badAddress", "[::x]:53"],
  ["peer:example.com:53", "badAddress", "example.com"],
  ["peer:1.2.3.4:99999", "badNumber", "99999"],
  ["peer:[::1]:x", "badNumber", "x"],
  ["socket:127.0.0.1:99999", "badNumber", "99999"],
  ["ip.src == ::1", "badAddress", "::1"],
  ["ipv6.src == 1.2.3.4", "badAddress", "1.2.3.4"],
  ["from:10.0.0.0/33", "badPrefix", "10.0.0.0/33"],
  ["ip.src == 10.0.0.0/", "badPrefix", "10.0.0.0/"],
  ["addr:[::]/129", "badPrefix", "[::]/129"],
  ["dir:up", "badChoice", "up"],
  ["is:gone", "badChoice", "gone"],
  ["is:constructor", "badChoice", "constructor"],
  ["hex:4", "badBytes", "4"],
  ['x hex:"48 6"', "badBytes", '"48 6"'],
  // What Wireshark has and this has not is never looked for as text.
  ["tftp && udp.port == 69", "protocol", "tftp"],
  ["udp && !snmp", "protocol", "snmp"],
  ["udp.port == 53 && (quic)", "protocol", "quic"],
  ["dns == 1", "unknownField", "dns"],
  ["udp && dns[0:2] == 1", "unknownField", "dns[0:2]"],
  ["tcp || udp", "protocol", "tcp"],
  ["udp.length & 1", "badOperator", "&"],
  ["udp.length bitwise_and 1", "badOperator", "bitwise_and"],
  ["udp.payload[0] & 0x80", "badOperator", "&"],
  ["any udp.port == 53", "bareWord", "any"],
  ["all udp.port > 1000", "bareWord", "all"],
  ['frame contains "google"', "bareWord", "frame"],
  ["frame[0:4] == 1", "unknownField", "frame[0:4]"],
  ['ip contains "google"', "bareWord", "contains"],
  ["ip[0] == 45", "unknownField", "ip[0]"],
  ["udp.port == 53 xor udp.port == 54", "bareWord", "xor"],
  ["udp.port == 53,123", "bareWord", ",123"],
  ['lower(udp.payload) contains "x"', "bareWord", "lower"],
  ["udp && len(data)", "bareWord", "len"],
  ["udp.port any_eq 53", "bareWord", "any_eq"],
  ["udp.port == 53 dns.qry.name", "bareWord", "dns.qry.name"],
  ["udp.payload contains 'ab'", "unexpected", "'"],
  ["udp.payload contains '\\n'", "unexpected", "'"],
  ["udp.payload contains '\\q'", "unexpected", "'"],
  ["udp[0:2] == 00:35", "headerSlice", "udp[0:2]"],
  ["udp.payload[2:0] == 1", "badSlice", "[2:0]"],
  ["udp.payload[-1] == 41", "badSlice", "[-1]"],
  ["udp.payload[:] == 41", "badSlice", "[:]"],
  ["udp.payload[:0] == 41", "badSlice", "[:0]"],
  ["udp.payload[5-2] == 41", "badSlice", "[5-2]"],
  ["udp.payload[x] == 41", "badSlice", "[x]"],
  ["udp.port[0] == 41", "badSlice", "[0]"],
  ['udp matches "(a"', "regexpSyntax", '"(a"'],
  ['udp matches "*"', "regexpSyntax", '"*"'],
  ['udp matches "(a)\\\\1"', "regexpUnsupported", '"(a)\\\\1"'],
  ['udp matches "(?=a)"', "regexpUnsupported", '"(?=a)"'],
  ['udp matches "((a{999}){999}){999}"', "regexpTooLarge", '"((a{999}){999}){999}"'],
];

describe("a wrong filter", () => {
  for (const [text, code, underlined] of WRONG) {
    const title = text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text;
    it(`is told to be so: ${title}`, () => {
      const problem = problemOf(text);
      assert.equal(problem?.code, code);
      const { start, end } = problem;
      const span = text.slice(start, end);
      assert.equal(
        code.startsWith("tooMany") || code === "tooLong" ? span.slice(0, underlined.length) : span,
        underlined,
      );
    });
  }

  it("is underlined where it is wrong, to the character", () => {
    for (const [text, start, end] of [
      ["a from:1.2.3.4:99999", 15, 20],
      ["a (b or c", 2, 3],
      ["hi len:>=x", 9, 10],
      ["hi len:10..x", 11, 12],
      ["from:[::1]:x", 11, 12],
      ['"a\\q"', 2, 4],
      ["abc or", 4, 6],
      ["udp.port  ==  x", 14, 15],
    ] as const) {
      const problem = problemOf(text);
      assert.deepEqual([problem?.start, problem?.end], [start, end], text);
    }
  });

  it("says what is allowed instead", () => {
    for (const [text, reason] of [
      ["port:x", "x is no whole number from 0 to 65535."],
      ["len:x", "x is no whole number from 0 to 4294967295."],
      ["len:4294967296", "4294967296 is no whole number from 0 to 4294967295."],
      ["from:10.0.0.0/33", "33 is no prefix length from 0 to 32."],
      ["ipv6.src == ::/129", "129 is no prefix length from 0 to 128."],
      ["ip.src == x", "x is no address; write for instance 127.0.0.1."],
      ["ipv6.src == x", "x is no address; write for instance ::1."],
      ["from:[::1", "[::1 is no address; write for instance 127.0.0.1."],
      ["from:[]", "[] is no address; write for instance 127.0.0.1."],
      ["from:[]:53", "[]:53 is no address; write for instance 127.0.0.1."],
      ["from::", ": is no address; write for instance 127.0.0.1."],
      ["from:10.0.0.1:", "10.0.0.1: is no address; write for instance 127.0.0.1."],
      ["from:>=65536", "65536 is no whole number from 0 to 65535."],
      ["dir:up", "up is none of in, out."],
      ["prt:9", "prt: is unknown; write port:, or put it in quotes to look for it as text."],
      ["port:", "port: needs a value right behind it, for instance port:9999."],
      ["udp.port ==", "== needs a value right behind it, for instance udp.port == 9999."],
      ["ip.src ==", "== needs a value right behind it, for instance ip.src == 127.0.0.1."],
      ["ipv6.dst !=", "!= needs a value right behind it, for instance ipv6.dst != ::1."],
      ["ip.src in {..10.0.0.1}", "..10.0.0.1 is no address; write for instance 127.0.0.1."],
      ["udp.port in 5", "in needs a value right behind it, for instance in {9999}."],
      ["udp.port=5", "udp.port cannot be compared with =; use ==."],
      ["udp.port = 5", "udp.port cannot be compared with =; use ==."],
      ["udp > 5", "udp cannot be compared with >; use == != contains matches."],
      ["data[0] > 5", "data cannot be compared with >; use == !=."],
      ["a {", "{ cannot stand here; put text that contains it in quotes."],
    ] as const) {
      assert.equal(problemOf(text)?.reason, reason, text);
    }
  });

  it("is told its name where it is one slip away from one", () => {
    for (const [typed, meant] of [
      ["prt", "port"],
      ["ort", "port"],
      ["por", "port"],
      ["porrt", "port"],
      ["pport", "port"],
      ["ports", "port"],
      ["pirt", "port"],
      ["qort", "port"],
      ["pord", "port"],
      ["prot", "port"],
      ["oprt", "port"],
      ["potr", "port"],
      ["lenn", "len"],
      ["idr", "dir"],
    ] as const) {
      const problem = problemOf(`${typed}:9`);
      assert.deepEqual(problem?.arguments, [`${typed}:`, `${meant}:`]);
    }
    // Two letters are a word of their own, and so is what differs by more.
    for (const typed of [
      "i",
      "it",
      "si",
      "le",
      "iss",
      "his",
      "rtpo",
      "trop",
      "rpot",
      "pt",
      "ptro",
    ]) {
      assert.equal(problemOf(`${typed}:9`), undefined, typed);
    }
  });

  it("has a sentence with its words in it, and every sentence is used", () => {
    const used = new Set<string>();
    for (const [text, code] of WRONG) {
      const problem = problemOf(text);
      used.add(code);
      assert.match(problem?.reason ?? "", /^[^{]*[^ ]\.$|\{/, text);
      const holes = FILTER_PROBLEMS[code].match(/\{\d\}/g) ?? [];
      assert.ok(new Set(holes).size <= (problem?.arguments.length ?? 0), text);
      for (const word of problem?.arguments.slice(0, holes.length) ?? []) {
        assert.ok(problem?.reason.includes(word), text);
      }
    }
    assert.deepEqual([...used].sort(), Object.keys(FILTER_PROBLEMS).sort());
  });
});

describe("what looks odd, but is a filter", () => {
  for (const text of [
    "http://example.com/x temp:21 Time:5",
    "a-b a!b a&b a|b a=b 5-3 - --a !!a",
    "from:::1 addr:[::1]:1..5 peer::53 to:localhost:0",
    "order and android orb nothing notes",
    'a"b c"d',
    "(a)(b)or(c)",
    "not(a)and not(b)",
    "time:500ms..1.5s time:.5 time:>2m time:<=1h",
    "len:=5 len:==5 len:0x10 port:>1024 port:..1023 len:10..",
    'udp.port==9999&&udp.length>20||!(ip.src==1.2.3.4)and"x"',
    "udp.port in{1,2,5..9} udp.port not in {1}",
    'data.data matches r"a\\"b"',
    "constructor toString __proto__ constructor:x",
    "\\ \\n C:\\new",
    "🙂 ß \u0000 \ud800",
  ]) {
    it(JSON.stringify(text), () => assert.equal(problemOf(text), undefined));
  }
});

describe("a filter as large as it may be", () => {
  for (const [name, text] of [
    ["16,384 characters", "x".repeat(16_384)],
    ["100 parentheses", `${"(".repeat(100)}x${")".repeat(100)}`],
    ["500 conditions", "len:1 ".repeat(500)],
    ["500 values", `udp.port in {${[...Array(499).keys()].join(" ")}}`],
    ["64 texts", [...Array(64).keys()].map((n) => `t${n}`).join(" or ")],
  ] as const) {
    it(name, () => assert.equal(problemOf(text), undefined));
  }
});

describe("hostile filters", () => {
  const pieces = fc.constantFrom(
    ...[
      "(",
      ")",
      "{",
      "}",
      "[",
      "]",
      '"',
      "\\",
      "-",
      "!",
      "&&",
      "||",
      "==",
      "!=",
      ">",
      "~",
      "..",
      ":",
    ],
    ...["and", "or", "not", "in", "matches", "contains", "udp.port", "udp.payload", "ip.src", "x"],
    ...[
      "from:",
      "len:",
      "time:",
      "hex:",
      "is:",
      "socket:",
      "1",
      "::1",
      "10.0.0.0/8",
      "\u0000",
      "ä",
    ],
    ...[" ", "\n", "🙂", "\ud800", "*", "+", "{1,9}", "(?", "|", "^", "$", 'r"', "\\x", ",", "."],
  );
  const texts = fc.oneof(
    fc.string({ maxLength: 300, unit: "binary" }),
    fc.array(pieces, { maxLength: 300 }).map((all) => all.join("")),
    fc.array(pieces, { maxLength: 60 }).map((all) => all.join(" ")),
  );

  it("neither throw nor underline what is not there", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const problem = problemOf(text);
        if (!problem) return;
        assert.ok(0 <= problem.start && problem.start < problem.end, text);
        assert.ok(problem.end <= text.length, text);
        assert.ok(problem.reason.length > 10, text);
      }),
      { numRuns: 3000 },
    );
  });

  it("are read or refused at once, also at 10,000 characters of one thing", () => {
    const long = [
      ...["(", ")", "-", "!", "not ", "((a)", "a or ", "a ", "a:", "|", '"', '"a" ', "\\", "["],
      ...[
        "from:",
        "1",
        "1.",
        ":",
        "..",
        "0..",
        "{",
        "}",
        "udp.port in {",
        "\u0000",
        "🙂",
        "<",
        "=",
      ],
      ...["and ", "r", "x[", "48:", "48 ", "ip && ", "=a", "a=", "~", "., ", "a-", " ", "\t"],
    ].flatMap((piece) => {
      const text = piece.repeat(10_000 / piece.length);
      return [
        text,
        `udp matches "${text}`,
        `udp matches r"${text}"`,
        `hex:"${text}"`,
        `udp.payload[${text}`,
      ];
    });
    for (const text of long) {
      const took = cpuMilliseconds(() => problemOf(text));
      assert.ok(took < 500, `${text.slice(0, 30)} took ${took} ms`);
    }
  });
});

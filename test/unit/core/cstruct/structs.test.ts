import assert from "node:assert/strict";
import fc from "fast-check";
import {
  definitionFromStruct,
  type StructOptions,
  structNames,
} from "../../../../extension/core/cstruct/definition.ts";
import { C_PROBLEMS, CRefusal, lineAndColumn } from "../../../../extension/core/cstruct/problem.ts";
import { TARGETS, type TargetId } from "../../../../extension/core/cstruct/target.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";

const targetOf = (id: TargetId) => TARGETS.find((target) => target.id === id) ?? assert.fail(id);

function written(
  text: string,
  target: TargetId = "x86-64-linux",
  more: Partial<StructOptions> = {},
) {
  return definitionFromStruct(text, {
    target: targetOf(target),
    endian: "le",
    isPacked: false,
    ...more,
  });
}

/** The offsets of its members, by the comments behind them. */
const offsets = (text: string) => [...text.matchAll(/# offset (\d+)/g)].map(([, at]) => Number(at));

/** Which sentence, and the place that it is about. */
function refusal(text: string): string {
  try {
    written(text);
  } catch (error) {
    if (!(error instanceof CRefusal)) throw error;
    const { line, column } = lineAndColumn(text, error.at);
    const sentence = C_PROBLEMS[error.code].replace(/\{(\d)\}/g, (_, at) => error.words[at] ?? "");
    return `${line}:${column} ${sentence}`;
  }
  return "";
}

/** Compiled with clang 14 for each target; in the order of `ORDER`. */
const ORDER: readonly TargetId[] = [
  "x86-64-linux",
  "i386-linux",
  "arm-linux",
  "aarch64-linux",
  "riscv32",
  "x64-windows",
  "arm64-macos",
];
const SIZES: Readonly<Record<string, readonly number[]>> = {
  "{ char c; long long x; }": [16, 12, 16, 16, 16, 16, 16],
  "{ char c; double x; }": [16, 12, 16, 16, 16, 16, 16],
  "{ char c; void *p; }": [16, 8, 8, 16, 8, 16, 16],
  "{ char c; long x; }": [16, 8, 8, 16, 8, 8, 16],
  "{ long double x; }": [16, 12, 8, 16, 16, 8, 8],
  "{ wchar_t x; }": [4, 4, 4, 4, 4, 2, 4],
  "{ unsigned char a : 3; unsigned short b : 9; }": [2, 2, 2, 2, 2, 4, 2],
  "{ char c; int b : 5; }": [4, 4, 4, 4, 4, 8, 4],
  "__attribute__((packed)) { char a; int b; short c; }": [7, 7, 7, 7, 7, 7, 7],
  "{ unsigned a : 3; unsigned b : 30; }": [8, 8, 8, 8, 8, 8, 8],
  "{ unsigned char a : 3; unsigned char : 0; unsigned char b : 3; }": [2, 2, 2, 2, 2, 2, 2],
  "{ struct { long long x; char c; } in; }": [16, 12, 16, 16, 16, 16, 16],
  "{ int x; } __attribute__((aligned(16)))": [16, 16, 16, 16, 16, 16, 16],
  "{ _Bool x; }": [1, 1, 1, 1, 1, 1, 1],
  "{ enum { A, B } x; }": [4, 4, 4, 4, 4, 4, 4],
};

describe("a definition from a C struct", () => {
  for (const [body, sizes] of Object.entries(SIZES)) {
    it(`has the size of each target: ${body}`, () => {
      const [, before = "", rest = ""] = /^(__attribute__\(\(packed\)\) )?(.*)$/.exec(body) ?? [];
      const text = `struct ${before}s ${rest};`;
      assert.deepEqual(
        ORDER.map((target) => written(text, target).size),
        sizes,
      );
    });
  }

  it("has enums as small as their values where bare metal has them so", () => {
    const text = "struct s { enum { A, B } small; char c; enum { C = -1, D = 300 } large; };";
    assert.deepEqual(offsets(written(text, "cortex-m").text), [0, 1, 2]);
    assert.deepEqual(offsets(written(text, "arm-linux").text), [0, 4, 8]);
    assert.match(written("struct s { char c; };", "cortex-m").text, /type: u1/);
    assert.match(written("struct s { char c; };", "x86-64-linux").text, /type: s1/);
  });

  it("has no padding where none is wanted, whatever the text says", () => {
    const text = "struct s { char c; struct { char d; double x; } in; int e : 3; };";
    assert.equal(written(text).size, 32);
    assert.equal(written(text, "x86-64-linux", { isPacked: true }).size, 11);
  });

  it("reads what headers are made of", async () => {
    const text = `
      #ifndef TRACKER_H
      #define TRACKER_H
      #include <stdint.h>
      #ifdef __cplusplus
      extern "C" {
      #endif
      #define COUNT (2 * \\
        2)
      #define PACKED __attribute__((packed))
      #if COUNT >= 4 && !defined(SMALL)
      #pragma pack(push, 1)
      #else
      #error "small"
      #endif
      /* What is sent. */
      typedef enum { KIND_SAMPLE = 1, KIND_ALARM, KIND_LAST = KIND_ALARM } Kind;
      typedef struct { int16_t x, y; } PACKED Point;
      typedef unsigned char mac_t[6];
      struct Tracker {
        uint8_t      kindOf;   // see Kind
        Kind         Kind;
        const Point  points[COUNT][sizeof(Point) / 2];
        mac_t        mac;
        char         name[8];
        __be16       port;
        union { uint32_t whole; struct { uint8_t low : 4, high : 4; }; } u;
        uint8_t      rest[];
      };
      #pragma pack(pop)
      _Static_assert(sizeof(struct Tracker) == 57, "size");
      static inline int tracker_size(void) { return sizeof(struct Tracker); }
      int tracker_send(const struct Tracker *it);
      #endif`;
    const { text: ksy, struct, size, remarks } = written(text);
    assert.deepEqual([struct, size], ["Tracker", 57]);
    assert.deepEqual(
      remarks.map(({ code }) => code),
      ["functionSkipped", "functionSkipped"],
    );
    const { definition, problems } = await loadDefinition("tracker.ksy", ksy);
    assert.deepEqual(problems, []);
    const payload = new Uint8Array(60);
    payload.set([9, 2, 0, 0, 0], 0);
    payload.set([1, 0, 0xff, 0xff], 5);
    payload.set(new TextEncoder().encode("abc"), 43);
    payload.set([0x13, 0x8d, 0x21], 51);
    const { fields = [], misfit } = definition?.decode(payload) ?? {};
    assert.equal(misfit, undefined);
    const value = (name: string) => fields.find((field) => field.name === name)?.value;
    assert.equal(value("kind"), "kind_alarm (2)");
    assert.match(value("name") ?? "", /abc/);
    assert.equal(value("port"), "5005");
    assert.deepEqual([fields.at(-1)?.from, fields.at(-1)?.to], [57, 60]);
    assert.match(ksy, /-orig-id: "kindOf"/);
  });

  it("says which static assertions do not hold for the target, and what packs nothing", () => {
    const text = `typedef struct { char c; long x; } s __attribute__((packed));
_Static_assert(sizeof(s) == 9, "x");`;
    assert.deepEqual(written(text).remarks, [
      { code: "packedIgnored", arguments: ["s"] },
      { code: "assertionFails", arguments: ["2"] },
    ]);
  });

  it("names the structs that there are, and takes the one that is asked for", () => {
    const text = "struct a { int x; }; typedef struct { struct a in; } b; union c { int y; };";
    assert.deepEqual(structNames(text, targetOf("arm-linux")), ["a", "b", "c"]);
    assert.equal(written(text).struct, "c");
    assert.equal(written(text, "arm-linux", { struct: "b" }).id, "b");
    assert.throws(() => written(text, "arm-linux", { struct: "d" }), { code: "noSuchStruct" });
  });

  const WRONG: Readonly<Record<string, string>> = {
    "struct s {\n  uint16_t a\n  int b;\n};": "3:3 Expected ;, found int.",
    "struct s { foo_t a; };":
      "1:12 foo_t is no type that is known here: paste its typedef as well.",
    "struct s { int a[N]; };": "1:18 N is not known here: add its #define, or its enum.",
    "struct s { struct t x; };":
      "1:21 struct t is only announced here: paste its definition as well.",
    "struct s { void x; };": "1:17 void is not supported in a struct that is sent.",
    "struct s { int x : 33; };": "1:20 33 bits are no width that int can have.",
    "struct s { float x : 3; };": "1:22 Only integers can be bit-fields; float is none.",
    "struct s { int x[]; int y; };":
      "1:16 Only the last member can be an array without a count; x is not.",
    "struct s { int x[1 / 0]; };": "1:20 This divides by zero.",
    "struct s { int x[-1]; };": "1:18 An array cannot have -1 elements.",
    "struct s { int x; int x; };": "1:23 x is there twice.",
    "struct s { double d[60000]; };":
      "1:19 double has more than 65536 bytes, and no datagram carries so many.",
    "struct s { int x;": "1:1 struct s is not closed.",
    "struct s { int x; }": "1:20 Expected a name, but the text ends here.",
    "#if 1\nstruct s { int x; };": "1:2 #if is not closed.",
    "#pragma pack(3)\nstruct s { int x; };": "1:9 A packing is 1, 2, 4, 8 or 16, not 3.",
    "#define F(x) x\nstruct s { int a[F(3)]; };":
      "2:18 The macro F has parameters, which is not supported: write what it stands for.",
    "struct s { int x; } @": "1:21 @ is nothing that C knows.",
    "/* struct s { int x; };": "1:1 /* is not closed.",
    "class Foo { int x; };": "1:1 class is no type that is known here: paste its typedef as well.",
    "int main(void);": "1:1 There is no struct with members in the text.",
    "struct s { long float x; };": "1:12 long float is no type of C.",
  };
  for (const [text, sentence] of Object.entries(WRONG)) {
    it(`is refused in a sentence: ${JSON.stringify(text)}`, () => {
      assert.equal(refusal(text), sentence);
    });
  }

  it("is refused, and nothing else, where the text goes on without end", () => {
    const deep = 100_000;
    for (const text of [
      `struct s { int a[${"(".repeat(deep)}`,
      `struct s { int a[${"-".repeat(deep)}1]; };`,
      "struct { ".repeat(20_000),
      `struct s { int ${"*(".repeat(50_000)}`,
      "struct s { int a[sizeof(int[".repeat(6000),
      "struct s { _Alignas(const ".repeat(7000),
      "enum e : ".repeat(20_000),
      `struct s { int a${"[1]".repeat(50_000)}; };`,
      `#define A B B\n#define B C C\n${Array.from({ length: 60 }, (_, at) => `#define C${at} C${at + 1} C${at + 1}\n`).join("")}struct s { int a[C0]; };`,
      `${Array.from({ length: 29 }, (_, at) => `#define C${at} C${at + 1} C${at + 1}\n`).join("")}#define C29\nstruct s { int a; }; C0`,
      `#if ${"!".repeat(deep)}1\n#endif`,
    ]) {
      assert.match(refusal(text), /^\d+:\d+ .+\.$/, text.slice(0, 60));
    }
  });

  it("comes of any words and signs, or a sentence does", () => {
    const words = fc.constantFrom(
      ...[
        "struct",
        "union",
        "enum",
        "typedef",
        "s",
        "x",
        "int",
        "unsigned",
        "long",
        "char",
        "{",
        "}",
      ],
      ...[
        "(",
        ")",
        "[",
        "]",
        ";",
        ",",
        ":",
        "*",
        "=",
        "3",
        "0",
        "sizeof",
        "-",
        "\n#if 1\n",
        "\n#endif\n",
      ],
      ...["\n#define x 3\n", "__attribute__", "packed", "aligned", "\n#pragma pack(2)\n", "..."],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (text) => {
        const said = refusal(text.join(" "));
        assert.ok(said === "" || /^\d+:\d+ /.test(said));
      }),
      { numRuns: 2000 },
    );
  });
});

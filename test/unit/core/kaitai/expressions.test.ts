import assert from "node:assert/strict";
import fc from "fast-check";
import { readPayload } from "../../../../extension/core/kaitai/decode.ts";
import { Misfit } from "../../../../extension/core/kaitai/failure.ts";
import * as integers from "../../../../extension/core/kaitai/integers.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import { Refusal } from "../../../../extension/core/kaitai/problem.ts";
import { definitionOf } from "./support.ts";

const FIELDS = `
meta:
  id: test
  endian: le
seq:
  - {id: one, type: u1}
  - {id: two, type: u2}
  - {id: flag, type: b1}
  - {id: animal, type: b7, enum: animal}
  - {id: text, type: str, size: 3, encoding: ASCII}
  - {id: bytes, size: 2}
  - {id: list, type: s1, repeat: expr, repeat-expr: 3}
enums:
  animal: {1: cat, 2: dog}
  plant: {1: tree}
`;
const PAYLOAD = Uint8Array.of(1, 2, 1, 0x81, 0x61, 0x62, 0x63, 9, 200, 0xff, 5, 3);

async function value(text: string): Promise<unknown> {
  const definition = await definitionOf(FIELDS);
  const type = definition.types.get("test");
  assert.ok(type);
  const { root, run, misfit } = readPayload(type, PAYLOAD);
  assert.equal(misfit, undefined);
  return definition.expression(text, type).evaluate(root, run);
}

/** By a definition whose instance has this value: with the place of what is wrong. */
async function refused(text: string): Promise<string> {
  const source = `${FIELDS}instances:\n  x:\n    value: ${JSON.stringify(text)}\n`;
  const { problems } = await loadDefinition("test.ksy", source);
  const [problem] = problems.filter(({ severity }) => severity === "error");
  assert.ok(problem, `${text} is not refused`);
  const line = source.split("\n")[problem.line - 1] ?? "";
  const at = problem.column - 1;
  return `${problem.code}: ${line.slice(at, at + problem.length)}`;
}

const VALUES: readonly (readonly [string, unknown])[] = [
  // Python's precedence.
  ["two & 0x02 == 2", true],
  ["1 | 2 ^ 2 & 3 << 1 + 1", 1 | (2 ^ (2 & (3 << 2)))],
  ["not one == 2 and true", true],
  ["-one + 2 * 3", 5],
  ["2 + 3 == 5 ? 'yes' : 'no'", "yes"],
  ["true ? 1 : false ? 2 : 3", 1],
  // Division rounds down, and the rest has the sign of the divisor.
  ["-9837 / 13", -757],
  ["-9837 % 13", 4],
  ["7 / 2", 3],
  ["7 / 2.0", 3.5],
  ["-7 % 8", 1],
  // Integers have no width.
  ["15 << 28", 4026531840],
  ["1 << 40", 2 ** 40],
  ["0x80000000 >> 1", 0x40000000],
  ["~0", -1],
  ["0xffffffffffffffff & 0xff", 255],
  ["18446744073709551615 + 1", 18446744073709551616n],
  ["18446744073709551615 - 18446744073709551615", 0],
  ["-1 >> 100", -1],
  // Numbers as they are written.
  ["1_000 + 0b1_0 + 0o17 + 0xF_f", 1000 + 2 + 15 + 255],
  ["24000.", 24000],
  ["1.5e3", 1500],
  ["0.5.to_i", 0],
  ["-1.5.to_i", -1],
  ["1.to_s", "1"],
  // Values of other kinds.
  ["flag.to_i + 1", 2],
  ["animal == animal::cat", true],
  ["animal.to_i", 1],
  ["text + 'd'", "abcd"],
  ["'a' \"b\"", "ab"],
  ["text.substring(1, 3)", "bc"],
  ["text.reverse.length", 3],
  ['"\\u{1}".length == 0 or true', undefined],
  ["'ab' < 'b'", true],
  ["[1, 2] < [1, 3]", true],
  ["bytes == [9, 200]", true],
  ["bytes[1]", 200],
  ["list.min + list.max", 4],
  ["list.first", -1],
  ["list[1]", 5],
  ["'1f'.to_i(16)", 31],
  ["'-12'.to_i", -12],
  ['f"{one}-{text}"', "1-abc"],
  ["_io.size", 12],
  ["_io.eof", true],
  ["sizeof<u4> + bitsizeof<b3>", 7],
  ["two._sizeof", 2],
  ["one.as<u1>", 1],
  // The other side is not looked at.
  ["false and 1 / 0 == 1", false],
  ["true or 1 / 0 == 1", true],
  ["true ? 1 : 1 / 0", 1],
];

const MISFITS: readonly (readonly [string, string])[] = [
  ["1 / (one - 1)", "divideByZero"],
  ["5 % (one - 1)", "divideByZero"],
  ["one << 1000000", "badShift"],
  ["one << -1", "badShift"],
  ["(one << 120) * (one << 120)", "integerTooBig"],
  ["list[3]", "noIndex"],
  ["bytes[-1]", "noIndex"],
  ["'12x'.to_i", "noInteger"],
  ["text.substring(2, 1)", "noIndex"],
  ["[one + 255].as<bytes>", "wrongCast"],
  ["_parent", "missing"],
];

const REFUSED: readonly (readonly [string, string])[] = [
  ["one +", "endsEarly: "],
  ["one two", "unexpected: two"],
  ["one && two", "useWord: &&"],
  ["!flag", "useWord: !"],
  ["one < two < 3", "chainedComparison: <"],
  ["one == animal::cat", "cannotCompare: one == animal::cat"],
  ["animal::cat == plant::tree", "cannotCompare: animal::cat == plant::tree"],
  ["animal < animal::dog", "cannotOrder: animal < animal::dog"],
  ["flag == 1", "cannotCompare: flag == 1"],
  ["flag << 2", "cannotOperate: flag << 2"],
  ["one + three", "unknownField: three"],
  ["text + 1", "cannotOperate: text + 1"],
  ["animal::cow", "unknownMember: animal::cow"],
  ["stone::grey", "unknownEnum: stone::grey"],
  ["text.frobnicate", "unknownMethod: frobnicate"],
  ["text.substring(1)", "wrongCount: substring"],
  ["text.substring('a', 2)", "wrongArguments: 'a'"],
  ["bytes.to_s(text)", "literalOnly: text"],
  ["one.as<nothing>", "unknownType: nothing"],
  ["[1, 'a']", "mixedArray: 'a'"],
  ["flag ? 1 : 'a'", "mixedChoice: flag ? 1 : 'a'"],
  ["one ? 1 : 2", "wrongType: one"],
  ["text._sizeof + bytes_2._sizeof", "unknownField: bytes_2"],
  ["_index", "noItem: _index"],
  ["_", "noItem: _"],
  ["(one", "unclosed: ("],
  ["0x", "badNumber: 0x"],
  ["12abc", "badNumber: 12abc"],
  ["x", "circularValue: x"],
  ["Big", "badId: Big"],
];

describe("expressions of Kaitai Struct", () => {
  for (const [text, expected] of VALUES) {
    if (expected === undefined) continue;
    it(`computes ${text}`, async () => {
      const result = await value(text);
      assert.deepEqual(result, expected);
    });
  }

  for (const [text, code] of MISFITS) {
    it(`says why ${text} has no value`, async () => {
      await assert.rejects(value(text), (error) => error instanceof Misfit && error.code === code);
    });
  }

  for (const [text, expected] of REFUSED) {
    it(`refuses ${text}, and points at it`, async () => {
      const [code = "", place = ""] = expected.split(/: (.*)/s);
      const got = await refused(text);
      // In a definition a place is that of all of an expression, where nothing in it is to blame alone.
      assert.equal(got.slice(0, code.length), code, got);
      if (code !== "circularValue") assert.equal(got.slice(code.length + 2), place);
    });
  }

  it("is bounded in its length and depth", async () => {
    const definition = await definitionOf(FIELDS);
    const type = definition.types.get("test");
    assert.ok(type);
    for (const text of [
      "(".repeat(5000),
      `${"(".repeat(5000)}1${")".repeat(5000)}`,
      `1${"+1".repeat(20_000)}`,
      "not ".repeat(5000),
      "-".repeat(5000),
      `one${".as<u1>".repeat(5000)}`,
      `one${"[0]".repeat(5000)}`,
      `true ? 1 : ${"true ? 1 : ".repeat(5000)} 2`,
      `[${"1,".repeat(20_000)}]`,
      `f"${"{1}".repeat(5000)}"`,
    ]) {
      assert.throws(() => definition.expression(text, type), Refusal, text.slice(0, 30));
    }
  });
});

describe("integers without width", () => {
  const int = fc.oneof(
    fc.integer({ min: -10, max: 10 }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(integers.int),
  );
  const floor = (a: bigint, b: bigint): bigint =>
    a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);

  it("are what bigints are, each in one form", () => {
    fc.assert(
      fc.property(int, int, (a, b) => {
        const [x, y] = [BigInt(a), BigInt(b)];
        const attempt = (compute: () => integers.Int): bigint | undefined => {
          try {
            const result = compute();
            assert.equal(typeof result, Number.isSafeInteger(Number(result)) ? "number" : "bigint");
            assert.ok(!Object.is(result, -0));
            return BigInt(result);
          } catch (error) {
            assert.ok(error instanceof Misfit);
            return undefined;
          }
        };
        const short = (result: bigint) =>
          result >= -(2n ** 128n) && result <= 2n ** 128n ? result : undefined;
        assert.equal(
          attempt(() => integers.add(a, b)),
          x + y,
        );
        assert.equal(
          attempt(() => integers.subtract(a, b)),
          x - y,
        );
        assert.equal(
          attempt(() => integers.multiply(a, b)),
          short(x * y),
        );
        assert.equal(
          attempt(() => integers.and(a, b)),
          x & y,
        );
        assert.equal(
          attempt(() => integers.or(a, b)),
          x | y,
        );
        assert.equal(
          attempt(() => integers.xor(a, b)),
          x ^ y,
        );
        assert.equal(
          attempt(() => integers.negate(a)),
          -x,
        );
        assert.equal(
          attempt(() => integers.invert(a)),
          ~x,
        );
        assert.equal(
          attempt(() => integers.divide(a, b)),
          y === 0n ? undefined : floor(x, y),
        );
        assert.equal(
          attempt(() => integers.modulo(a, b)),
          y === 0n ? undefined : x - floor(x, y) * y,
        );
        const bits = Number(((y % 60n) + 60n) % 60n);
        assert.equal(
          attempt(() => integers.shiftLeft(a, bits)),
          short(x << BigInt(bits)),
        );
        assert.equal(
          attempt(() => integers.shiftRight(a, bits)),
          x >> BigInt(bits),
        );
      }),
    );
  });

  it("are read as they are written", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        for (const text of [
          `${value}`,
          `0x${value.toString(16)}`,
          `0b${value.toString(2)}`,
          `0o${value.toString(8)}`,
        ]) {
          assert.equal(BigInt(integers.parseInteger(text) ?? -1), value);
        }
      }),
    );
    for (const text of ["", "-", "0x", "1.5", "abc", "1e3", "--1"]) {
      assert.equal(integers.parseInteger(text), undefined);
    }
  });
});

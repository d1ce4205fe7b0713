import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { decode as decodeMsgpack, encode as encodeMsgpack } from "@msgpack/msgpack";
import cbor from "cbor";
import { decode as decodeCborg, encode as encodeCborg } from "cborg";
import fc from "fast-check";
import type { DecodedField } from "../../../../extension/core/decode/decoded.ts";
import type { DecoderId } from "../../../../extension/core/decode/decoder_names.ts";
import { decode } from "../../../../extension/core/decode/decoders.ts";
import { MOST_FIELDS, prune } from "../../../../extension/core/decode/prune.ts";
import { bytesOf, decoded, lines, problem, shake, utf8 } from "../../support/decoding.ts";

const require = createRequire(import.meta.url);
const msgpackLite = require("msgpack-lite") as { encode(value: unknown): Buffer };

/** What all three formats can say, and every library can write. */
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value;

/** Writes a value in a format, and reads one; each pair from another implementation. */
const FORMATS: readonly {
  readonly id: DecoderId;
  readonly name: string;
  readonly write: (value: unknown) => Uint8Array;
  readonly read: (bytes: Uint8Array) => unknown;
}[] = [
  { id: "json", name: "JSON.stringify", write: (it) => utf8(JSON.stringify(it)), read: readJson },
  {
    id: "json",
    name: "indented JSON",
    write: (it) => utf8(JSON.stringify(it, null, "\t")),
    read: readJson,
  },
  {
    id: "msgpack",
    name: "@msgpack/msgpack",
    write: (it) => encodeMsgpack(it),
    read: decodeMsgpack,
  },
  {
    id: "msgpack",
    name: "msgpack-lite",
    write: (it) => msgpackLite.encode(it),
    read: decodeMsgpack,
  },
  { id: "cbor", name: "cborg", write: (it) => encodeCborg(it), read: (it) => decodeCborg(it) },
  {
    id: "cbor",
    name: "cbor",
    write: (it) => cbor.encode(it),
    read: (it) => cbor.decodeFirstSync(it),
  },
];

function readJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** How many fields of a list are entries, and that their bytes are what the library reads as that entry. */
function checkBytes(
  payload: Uint8Array,
  value: unknown,
  fields: readonly DecodedField[],
  id: DecoderId,
  read: (bytes: Uint8Array) => unknown,
): void {
  if (typeof value !== "object" || value === null) return;
  const entries = Object.entries(value);
  assert.equal(fields.length, entries.length);
  // Integer-like keys come first in a JavaScript object, whatever the order of the bytes.
  const isInOrder = Array.isArray(value) || entries.every(([key]) => !/^\d+$/.test(key));
  if (!isInOrder) return;
  for (const [index, { from, to, fields: inner }] of fields.entries()) {
    const entry = entries[index] ?? assert.fail();
    const bytes = payload.slice(from, to);
    if (Array.isArray(value)) assert.deepEqual(read(bytes), entry[1]);
    // An entry is a key and a value: in brackets of its own it is an object again.
    else assert.deepEqual(read(wrapped(id, bytes)), { [entry[0]]: entry[1] });
    checkBytes(payload, entry[1], inner, id, read);
  }
}

function wrapped(id: DecoderId, entry: Uint8Array): Uint8Array {
  if (id === "json") return Uint8Array.of(0x7b, ...entry, 0x7d);
  return Uint8Array.of(id === "cbor" ? 0xa1 : 0x81, ...entry);
}

describe("the decoders of JSON, MessagePack and CBOR", () => {
  for (const { id, name, write, read } of FORMATS) {
    it(`know the bytes of every value that ${name} has written`, () => {
      fc.assert(
        fc.property(values, (value) => {
          const payload = Uint8Array.from(write(value));
          const { fields } = decoded(id, payload);
          const whole = read(payload);
          if (typeof whole === "object" && whole !== null)
            checkBytes(payload, whole, fields, id, read);
          else
            assert.deepEqual(
              fields.map(({ from, to }) => [from, to]),
              [[0, payload.length]],
            );
        }),
        { numRuns: 200 },
      );
    });
  }

  it("accept as JSON exactly what JSON.parse accepts, once or several times, with NULs behind it", () => {
    const isParsed = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const canSplit = (text: string): boolean =>
      /^[ \t\r\n]*\0*$/.test(text) ||
      Array.from(text, (_, at) => at + 1).some(
        (end) => isParsed(text.slice(0, end)) && canSplit(text.slice(end)),
      );
    const token = fc.constantFrom(
      ...'[]{},:"\\ \n-+.eE019tfn'.split(""),
      "true",
      "null",
      "\\u00e9",
      '"a"',
      "你",
      "\u0000",
      "1.5e-3",
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        const text = tokens.join("");
        const isAccepted = !("problem" in decode("json", utf8(text)));
        if (isParsed(text)) assert.equal(isAccepted, true, JSON.stringify(text));
        if (isAccepted) assert.equal(canSplit(text), true, JSON.stringify(text));
      }),
      { numRuns: 3000 },
    );
  });

  for (const [id, hex, summary] of [
    // RFC 8949 appendix A: all but bignums, and one of what differs only in size; in our brackets where it says "_".
    ["cbor", "00", "0"],
    ["cbor", "01", "1"],
    ["cbor", "0a", "10"],
    ["cbor", "17", "23"],
    ["cbor", "1818", "24"],
    ["cbor", "1864", "100"],
    ["cbor", "1903e8", "1000"],
    ["cbor", "1a000f4240", "1000000"],
    ["cbor", "1b000000e8d4a51000", "1000000000000"],
    ["cbor", "1bffffffffffffffff", "18446744073709551615"],
    ["cbor", "3bffffffffffffffff", "-18446744073709551616"],
    ["cbor", "20", "-1"],
    ["cbor", "29", "-10"],
    ["cbor", "3863", "-100"],
    ["cbor", "3903e7", "-1000"],
    ["cbor", "f90000", "0.0"],
    ["cbor", "f98000", "-0.0"],
    ["cbor", "f93c00", "1.0"],
    ["cbor", "fb3ff199999999999a", "1.1"],
    ["cbor", "f93e00", "1.5"],
    ["cbor", "f97bff", "65504.0"],
    ["cbor", "fa47c35000", "100000.0"],
    ["cbor", "fb7e37e43c8800759c", "1e+300"],
    ["cbor", "f90001", "5.960464477539063e-8"],
    ["cbor", "f90400", "0.00006103515625"],
    ["cbor", "f9c400", "-4.0"],
    ["cbor", "fbc010666666666666", "-4.1"],
    ["cbor", "f97c00", "Infinity"],
    ["cbor", "f97e00", "NaN"],
    ["cbor", "f9fc00", "-Infinity"],
    ["cbor", "fa7f800000", "Infinity"],
    ["cbor", "fa7fc00000", "NaN"],
    ["cbor", "faff800000", "-Infinity"],
    ["cbor", "fb7ff0000000000000", "Infinity"],
    ["cbor", "f4", "false"],
    ["cbor", "f5", "true"],
    ["cbor", "f6", "null"],
    ["cbor", "f7", "undefined"],
    ["cbor", "f0", "simple(16)"],
    ["cbor", "f820", "simple(32)"],
    ["cbor", "f8ff", "simple(255)"],
    ["cbor", "c074323031332d30332d32315432303a30343a30305a", '0("2013-03-21T20:04:00Z")'],
    ["cbor", "c11a514b67b0", "1(1363896240)"],
    ["cbor", "c1fb41d452d9ec200000", "1(1363896240.5)"],
    ["cbor", "d74401020304", "23(h'01020304')"],
    ["cbor", "d818456449455446", "24(h'6449455446')"],
    ["cbor", "40", "h''"],
    ["cbor", "4401020304", "h'01020304'"],
    ["cbor", "60", '""'],
    ["cbor", "6161", '"a"'],
    ["cbor", "6449455446", '"IETF"'],
    ["cbor", "62c3bc", '"ü"'],
    ["cbor", "63e6b0b4", '"水"'],
    ["cbor", "80", "[]"],
    ["cbor", "83010203", "[1, 2, 3]"],
    ["cbor", "8301820203820405", "[1, [2, 3], [4, 5]]"],
    [
      "cbor",
      "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
      "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]",
    ],
    ["cbor", "a0", "{}"],
    ["cbor", "a201020304", "{1: 2, 3: 4}"],
    ["cbor", "a26161016162820203", '{"a": 1, "b": [2, 3]}'],
    ["cbor", "826161a161626163", '["a", {"b": "c"}]'],
    ["cbor", "5f42010243030405ff", "(_ h'0102', h'030405')"],
    ["cbor", "7f657374726561646d696e67ff", '(_ "strea", "ming")'],
    ["cbor", "9fff", "[]"],
    ["cbor", "9f018202039f0405ffff", "[1, [2, 3], [4, 5]]"],
    ["cbor", "83019f0203ff820405", "[1, [2, 3], [4, 5]]"],
    ["cbor", "bf61610161629f0203ffff", '{"a": 1, "b": [2, 3]}'],
    ["cbor", "826161bf61626163ff", '["a", {"b": "c"}]'],
    ["cbor", "bf6346756ef563416d7421ff", '{"Fun": true, "Amt": -2}'],
    // No integer beyond is written without an exponent, which tells that it is none.
    ["cbor", "fb444b1ae4d6e2ef50", "1e+21"],
    ["cbor", "0102", "1, 2"],
    // The formats of MessagePack, one by one.
    ["msgpack", "00", "0"],
    ["msgpack", "7f", "127"],
    ["msgpack", "80", "{}"],
    ["msgpack", "90", "[]"],
    ["msgpack", "a0", '""'],
    ["msgpack", "c0", "null"],
    ["msgpack", "c2", "false"],
    ["msgpack", "c3", "true"],
    ["msgpack", "c400", "h''"],
    ["msgpack", "c50001ff", "h'ff'"],
    ["msgpack", "c600000001ff", "h'ff'"],
    ["msgpack", "c70105ff", "ext(5, h'ff')"],
    ["msgpack", "c8000105ff", "ext(5, h'ff')"],
    ["msgpack", "c90000000105ff", "ext(5, h'ff')"],
    ["msgpack", "c70080", "ext(-128, h'')"],
    ["msgpack", "ca7f7fffff", "3.4028235e+38"],
    ["msgpack", "ca3dcccccd", "0.1"],
    ["msgpack", "ca3f800000", "1.0"],
    ["msgpack", "ca80000000", "-0.0"],
    ["msgpack", "ca4b7fffff", "16777215.0"],
    ["msgpack", "ca447a70ba", "1001.76135"],
    ["msgpack", "cb7fefffffffffffff", "1.7976931348623157e+308"],
    ["msgpack", "cb3fb999999999999a", "0.1"],
    ["msgpack", "ccff", "255"],
    ["msgpack", "cdffff", "65535"],
    ["msgpack", "ceffffffff", "4294967295"],
    ["msgpack", "cfffffffffffffffff", "18446744073709551615"],
    ["msgpack", "d080", "-128"],
    ["msgpack", "d07f", "127"],
    ["msgpack", "d18000", "-32768"],
    ["msgpack", "d280000000", "-2147483648"],
    ["msgpack", "d38000000000000000", "-9223372036854775808"],
    ["msgpack", "d405ff", "ext(5, h'ff')"],
    ["msgpack", "d505ffff", "ext(5, h'ffff')"],
    ["msgpack", "d605ffffffff", "ext(5, h'ffffffff')"],
    ["msgpack", "d705ffffffffffffffff", "ext(5, h'ffffffffffffffff')"],
    [
      "msgpack",
      "d805000102030405060708090a0b0c0d0e0f",
      "ext(5, h'000102030405060708090a0b0c0d0e0f')",
    ],
    ["msgpack", "d90161", '"a"'],
    ["msgpack", "da000161", '"a"'],
    ["msgpack", "db0000000161", '"a"'],
    ["msgpack", "dc000101", "[1]"],
    ["msgpack", "dd0000000101", "[1]"],
    ["msgpack", "de00010102", "{1: 2}"],
    ["msgpack", "df000000010102", "{1: 2}"],
    ["msgpack", "e0", "-32"],
    ["msgpack", "ff", "-1"],
    ["msgpack", "d6ff65000000", "2023-09-12T06:06:56Z"],
    ["msgpack", "d7ff0000000465000000", "2023-09-12T06:06:56.000000001Z"],
    ["msgpack", "d7ff00000003ffffffff", "2514-05-30T01:53:03Z"],
    ["msgpack", "c70cff3b9ac9ffffffffffffffffff", "1969-12-31T23:59:59.999999999Z"],
    ["msgpack", "c703ff010203", "ext(-1, h'010203')"],
    ["msgpack", "82a16101a16102", '{"a": 1, "a": 2}'],
    ["msgpack", "a2c328", '"\\xc3("'],
    ["json", "22c32822", '"\\xc3("'],
    ["json", "225c75343136315c2f5c5c22", '"䅡/\\\\"'],
    ["json", "7b22615c7530303061223a5b5d7d", '{"a\\n": []}'],
  ] as const) {
    it(`write ${hex} of ${id} as ${summary}`, () => {
      assert.equal(decoded(id, bytesOf(hex)).summary, summary);
    });
  }

  it("know the longest that MessagePack has in one byte: 15 entries, 31 bytes", () => {
    const ones = Array.from({ length: 15 }, () => "1");
    assert.equal(
      decoded("msgpack", bytesOf(`9f${"01".repeat(15)}`)).summary,
      `[${ones.join(", ")}]`,
    );
    assert.equal(decoded("msgpack", bytesOf(`8f${"0001".repeat(15)}`)).fields.length, 15);
    assert.equal(
      decoded("msgpack", bytesOf(`bf${"61".repeat(31)}`)).summary,
      `"${"a".repeat(31)}"`,
    );
  });

  for (const [hex, expected] of [
    ["c11b000007dba8218000", "1(8640000000000) +275760-09-13T00:00:00Z"],
    ["c11b000007dba8218001", "1(8640000000001) 8640000000001 s"],
    ["c13b000007dba8217fff", "1(-8640000000000) -271821-04-20T00:00:00Z"],
    ["c13b000007dba8218000", "1(-8640000000001) -8640000000001 s"],
    ["c1fb41d452d9ec200000", "1(1363896240.5)"],
    ["c21a514b67b0", "2(1363896240)"],
  ] as const) {
    it(`take ${hex} in CBOR for ${expected}: no calendar goes further`, () => {
      const [field] = decoded("cbor", bytesOf(`81${hex}`)).fields;
      assert.equal(field?.value, expected);
    });
  }

  it("tell the date of a time in CBOR", () => {
    const [field] = decoded("cbor", bytesOf("81c11a514b67b0")).fields;
    assert.equal(field?.value, "1(1363896240) 2013-03-21T20:04:00Z");
  });

  for (const [id, hex, expected] of [
    ["json", "5b31", /ends within JSON, which starts at byte 2/],
    ["json", "2261", /ends within JSON, which starts at byte 0/],
    ["json", "5b225c", /ends within JSON, which starts at byte 1/],
    ["json", "225c7530", /ends within JSON, which starts at byte 0/],
    ["json", "", /The payload is empty/],
    ["json", "2009", /The payload is empty/],
    ["json", "7b313a327d", /Byte 1 is 1,/],
    ["json", "5b315d5d", /Byte 3 is \],/],
    ["json", "225c7822", /Byte 2 is x,/],
    ["json", "225c75303061673122", /Byte 6 is g,/],
    ["json", "225c7530306122", /Byte 6 is ",/],
    ["json", "2200", /Byte 1 is \\x00,/],
    ["json", "317831", /Byte 1 is x,/],
    ["json", "5b312c5d", /Byte 3 is \],/],
    ["json", "22610a", /Byte 2 is \\n/],
    ["msgpack", "d4", /ends within extension, which starts at byte 0/],
    ["msgpack", "91cd00", /ends within number, which starts at byte 1/],
    ["msgpack", "91c4", /ends within length, which starts at byte 1/],
    ["msgpack", "92c4ff00", /ends within binary, which starts at byte 1/],
    ["msgpack", "c1", /Byte 0 is 0xc1/],
    ["msgpack", "ddffffffff", /ends within value, which starts at byte 5/],
    ["msgpack", "dbffffffff61", /ends within string/],
    ["cbor", "1c", /Byte 0 is 0x1c/],
    ["cbor", "ff", /Byte 0 is 0xff/],
    ["cbor", "9bffffffffffffffff", /ends within data item/],
    ["cbor", "5bffffffffffffffff01", /ends within string/],
    ["cbor", "5f6161ff", /Byte 1 is 0x61/],
    ["cbor", "81f814", /Byte 2 is 20/],
    ["cbor", "f81f", /Byte 1 is 31/],
    ["cbor", "811900", /ends within data item, which starts at byte 1/],
    ["cbor", "8142ff", /ends within string, which starts at byte 1/],
    ["cbor", "815f41ff", /ends within data item, which starts at byte 1/],
    ["cbor", "815f42ff", /ends within string, which starts at byte 2/],
    ["cbor", "5f5f41ffff", /Byte 1 is 0x5f/],
    ["cbor", "1f", /Byte 0 is 0x1f/],
    ["cbor", "df", /Byte 0 is 0xdf/],
    ["cbor", "9d", /Byte 0 is 0x9d/],
    ["msgpack", "", /The payload is empty/],
    ["cbor", "", /The payload is empty/],
  ] as const) {
    it(`say what is wrong with ${hex || "nothing"} as ${id}`, () => {
      assert.match(problem(id, bytesOf(hex)), expected);
    });
  }

  for (const [id, opening, closing] of [
    ["json", "5b", "5d"],
    ["msgpack", "91", ""],
    ["cbor", "81", ""],
    ["cbor", "c1", ""],
    ["cbor", "9f", "ff"],
    // Values of maps, and keys of them.
    ["json", "7b22223a", "7d"],
    ["msgpack", "8100", ""],
    ["msgpack", "81", "00"],
    ["cbor", "a100", ""],
    ["cbor", "a1", "00"],
  ] as const) {
    it(`take 64 times ${opening} of ${id}, and no more`, () => {
      const nested = (times: number) =>
        bytesOf(`${opening.repeat(times)}${id === "json" ? "31" : "01"}${closing.repeat(times)}`);
      decoded(id, nested(64));
      assert.match(problem(id, nested(65)), /nested deeper than 64/);
    });
  }

  for (const [id, opening] of [
    ["json", "5b"],
    ["msgpack", "91"],
    ["msgpack", "81c0"],
    ["cbor", "81"],
    ["cbor", "9f"],
    ["cbor", "c1"],
  ] as const) {
    it(`bear ${opening} in ${opening} in ${opening} of ${id}`, () => {
      assert.match(problem(id, bytesOf(opening.repeat(30_000))), /nested deeper than 64/);
    });
  }

  it("show up to a thousand characters of a text, and 256 bytes of what is none", () => {
    for (const [id, hex, shown, letters] of [
      ["json", `22${"61".repeat(1000)}22`, 1000, 1000],
      ["json", `22${"61".repeat(1001)}22`, 1000, 1001],
      ["json", `22${"61".repeat(998)}5c6e22`, 998, 998],
      ["json", `22${"61".repeat(1000)}5c7422`, 1000, 1001],
      ["cbor", `7903e8${"61".repeat(1000)}`, 1000, 1000],
      ["cbor", `7903e9${"61".repeat(1001)}`, 1000, 1001],
      ["msgpack", `da03e8${"61".repeat(1000)}`, 1000, 1000],
      ["msgpack", `da03e9${"61".repeat(1001)}`, 1000, 1001],
    ] as const) {
      const value = decoded(id, bytesOf(hex)).fields[0]?.value ?? "";
      assert.ok(value.startsWith(`"${"a".repeat(shown)}`), value);
      assert.equal(value.includes("…"), shown < letters, value.slice(990));
    }
    const bytes = (count: number) =>
      decoded(
        "cbor",
        bytesOf(`5901${(count - 256).toString(16).padStart(2, "0")}${"ab".repeat(count)}`),
      );
    assert.equal(bytes(256).fields[0]?.value, `h'${"ab".repeat(256)}'`);
    assert.equal(bytes(257).fields[0]?.value, `h'${"ab".repeat(256)}… (257 B)'`);
  });

  it("tell a value in a hundred characters", () => {
    const list = (last: string) => `[${"1, ".repeat(32)}${last}]`;
    assert.equal(decoded("json", utf8(list("12"))).summary, list("12"));
    assert.equal(decoded("json", utf8(list("123"))).summary, `${list("12").slice(0, -1)}…`);
    assert.equal(decoded("json", utf8(list(`{"a": [${"2, ".repeat(200)}3]}`))).summary.length, 100);
  });

  it("say how much a container holds, and tell what a tag wraps", () => {
    const json = decoded("json", utf8('{"a": {"b": 1, "c": 2}, "d": []}'));
    assert.deepEqual(lines(json), [
      '1-22 "a": {2}',
      '7-13 "a"/"b": 1',
      '15-21 "a"/"c": 2',
      '24-31 "d": [0]',
    ]);
    assert.deepEqual(lines(decoded("cbor", bytesOf("8201c18102"))), [
      "1-2 [0]: 1",
      "2-5 [1]: 1([2])",
      "3-5 [1]/content: [1]",
      "4-5 [1]/content/[0]: 2",
    ]);
    assert.deepEqual(lines(decoded("cbor", bytesOf("d74101"))), [
      "0-3 value: 23(h'01')",
      "1-3 value/content: h'01'",
    ]);
    assert.deepEqual(lines(decoded("cbor", bytesOf("0181f5"))), [
      "0-1 [0]: 1",
      "1-3 [1]: [1]",
      "2-3 [1]/[0]: true",
    ]);
  });

  it("take white space wherever JSON has it", () => {
    const text = '\t{ "a" : [ 1 , {\r\n} , [ ] ] , "b":2 }\n';
    const { summary, fields } = decoded("json", utf8(text));
    assert.equal(summary, '{"a": [1, {}, []], "b": 2}');
    assert.deepEqual(
      fields.map(({ from, to }) => text.slice(from, to)),
      ['"a" : [ 1 , {\r\n} , [ ] ]', '"b":2'],
    );
  });

  it("take numbers of up to 399 digits", () => {
    assert.equal(decoded("json", utf8("1".repeat(399))).fields[0]?.value, "1".repeat(399));
    assert.match(problem("json", utf8(`[${"1".repeat(400)}]`)), /Byte 1 is 1,/);
  });

  it("leave out fields that nobody would read, and say how many", () => {
    const { fields } = decoded(
      "json",
      utf8(JSON.stringify(Array.from({ length: 20_000 }, () => 1))),
    );
    assert.equal(fields.length, 5001);
    assert.deepEqual(fields.at(-1), {
      name: "…",
      value: "+15000",
      from: 10_001,
      to: 40_000,
      fields: [],
    });
  });

  for (const id of ["json", "msgpack", "cbor"] as const) {
    it(`take ten thousand mutated messages of ${id}`, () => {
      const { write } = FORMATS.find((format) => format.id === id) ?? assert.fail();
      const samples = [
        { a: 1, list: [1.5, -70_000, "你好", null, true, { deep: [[]] }], text: "x".repeat(40) },
        [2 ** 40, '\u0000"\\', {}],
      ];
      shake(
        id,
        samples.map((sample) => Uint8Array.from(write(sample))),
      );
    });
  }
});

describe("prune()", () => {
  const field = (name: string, value: string, fields: readonly DecodedField[] = []) => ({
    ...{ name, value, from: 0, to: 1 },
    fields,
  });

  it("cuts names of more than 200 characters and values of more than 1500", () => {
    const [kept, cut] = prune([
      field("n".repeat(200), "v".repeat(1500)),
      field("n".repeat(201), "v".repeat(1501)),
    ]);
    assert.deepEqual([kept?.name.length, kept?.value.length], [200, 1500]);
    assert.equal(cut?.name, `${"n".repeat(199)}…`);
    assert.equal(cut?.value, `${"v".repeat(1499)}…`);
    assert.equal(prune([field(`${"n".repeat(198)}🙂🙂`, "")])[0]?.name, `${"n".repeat(198)}…`);
  });

  it("counts the fields within fields, and says in each list how many are left out of it", () => {
    const inner = Array.from({ length: 10 }, () => field("inner", ""));
    const outer = Array.from({ length: MOST_FIELDS / 10 }, () => field("outer", "", inner));
    const kept = prune(outer);
    // Each takes room for eleven: the last of which something is left has lost some of its own.
    const whole = Math.floor(MOST_FIELDS / 11);
    const last = kept[whole];
    assert.equal(last?.fields.length, MOST_FIELDS % 11);
    assert.equal(last?.fields.at(-1)?.value, `+${10 - ((MOST_FIELDS % 11) - 1)}`);
    assert.equal(kept.length, whole + 2);
    assert.equal(kept.at(-1)?.value, `+${outer.length - whole - 1}`);
    assert.deepEqual(prune(inner), inner);
  });
});

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { decode as decodeMsgpack, encode as encodeMsgpack } from "@msgpack/msgpack";
import cbor from "cbor";
import { decode as decodeCborg, encode as encodeCborg } from "cborg";
import fc from "fast-check";
import type { DecodedField } from "../../extension/capture/decode/decoded.ts";
import type { DecoderId } from "../../extension/host/decode/decoder_names.ts";
import { decode } from "../../extension/host/decode/decoders.ts";
import { bytesOf, decoded, problem, shake, utf8 } from "./support/decoding.ts";

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

  it("accept as JSON exactly what JSON.parse accepts", () => {
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
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        assert.equal(!("problem" in decode("json", utf8(text))), isJson, JSON.stringify(text));
      }),
      { numRuns: 3000 },
    );
  });

  for (const [id, hex, summary] of [
    // RFC 8949 appendix A.
    ["cbor", "1bffffffffffffffff", "18446744073709551615"],
    ["cbor", "3bffffffffffffffff", "-18446744073709551616"],
    ["cbor", "f90001", "5.960464477539063e-8"],
    ["cbor", "f97bff", "65504.0"],
    ["cbor", "fa47c35000", "100000.0"],
    ["cbor", "fb3ff199999999999a", "1.1"],
    ["cbor", "f97e00", "NaN"],
    ["cbor", "f9fc00", "-Infinity"],
    ["cbor", "f98000", "-0.0"],
    ["cbor", "f7", "undefined"],
    ["cbor", "f8ff", "simple(255)"],
    ["cbor", "c074323031332d30332d32315432303a30343a30305a", '0("2013-03-21T20:04:00Z")'],
    ["cbor", "c11a514b67b0", "1(1363896240)"],
    ["cbor", "5f42010243030405ff", "(_ h'0102', h'030405')"],
    ["cbor", "7f657374726561646d696e67ff", '(_ "strea", "ming")'],
    ["cbor", "bf61610161629f0203ffff", '{"a": 1, "b": [2, 3]}'],
    ["cbor", "a201020304", "{1: 2, 3: 4}"],
    ["cbor", "0102", "1, 2"],
    // The formats of MessagePack, one by one.
    ["msgpack", "cfffffffffffffffff", "18446744073709551615"],
    ["msgpack", "d38000000000000000", "-9223372036854775808"],
    ["msgpack", "d0ff", "-1"],
    ["msgpack", "d18000", "-32768"],
    ["msgpack", "cd8000", "32768"],
    ["msgpack", "ca3dcccccd", "0.1"],
    ["msgpack", "d6ff65000000", "2023-09-12T06:06:56Z"],
    ["msgpack", "d7ff0000000465000000", "2023-09-12T06:06:56.000000001Z"],
    ["msgpack", "c70cff3b9ac9ffffffffffffffffff", "1969-12-31T23:59:59.999999999Z"],
    ["msgpack", "d40107", "ext(1, h'07')"],
    ["msgpack", "c403010203", "h'010203'"],
    ["msgpack", "82a16101a16102", '{"a": 1, "a": 2}'],
    ["msgpack", "a2c328", '"\\xc3("'],
    ["json", "7b22615c7530303061223a5b5d7d", '{"a\\n": []}'],
  ] as const) {
    it(`write ${hex} of ${id} as ${summary}`, () => {
      assert.equal(decoded(id, bytesOf(hex)).summary, summary);
    });
  }

  it("tell the date of a time in CBOR", () => {
    const [field] = decoded("cbor", bytesOf("81c11a514b67b0")).fields;
    assert.equal(field?.value, "1(1363896240) 2013-03-21T20:04:00Z");
  });

  for (const [id, hex, expected] of [
    ["json", "5b31", /ends within JSON/],
    ["json", "5b312c5d", /Byte 3 is \],/],
    ["json", "22610a", /Byte 2 is \\n/],
    ["msgpack", "c1", /Byte 0 is 0xc1/],
    ["msgpack", "ddffffffff", /ends within value, which starts at byte 5/],
    ["msgpack", "dbffffffff61", /ends within string/],
    ["cbor", "1c", /Byte 0 is 0x1c/],
    ["cbor", "ff", /Byte 0 is 0xff/],
    ["cbor", "9bffffffffffffffff", /ends within data item/],
    ["cbor", "5bffffffffffffffff01", /ends within string/],
    ["cbor", "5f6161ff", /Byte 1 is 0x61/],
    ["cbor", "f814", /Byte 1 is 20/],
    ["cbor", "", /The payload is empty/],
  ] as const) {
    it(`say what is wrong with ${hex || "nothing"} as ${id}`, () => {
      assert.match(problem(id, bytesOf(hex)), expected);
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

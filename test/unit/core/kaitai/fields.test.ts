import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import type { DecodedField } from "../../../../extension/core/decode/decoded.ts";
import { decodePayload, readPayload } from "../../../../extension/core/kaitai/decode.ts";
import type { FIT_PROBLEMS } from "../../../../extension/core/kaitai/failure.ts";
import { MOST_STEPS } from "../../../../extension/core/kaitai/run.ts";
import { bytesOf, flat } from "../../support/decoding.ts";
import { definitionOf } from "./support.ts";

const TRACKER = `
meta:
  id: tracker
  endian: le
seq:
  - {id: id, type: u2}
  - {id: type, type: u2, enum: type}
  - {id: seq, type: u4}
  - {id: temp, type: f4, doc: degrees}
  - {id: volt, type: f4}
  - {id: uptime, type: u4}
enums:
  type: {1: sample, 2: alarm, 3: heartbeat}
`;

async function decodeBy(text: string, payload: Uint8Array) {
  const definition = await definitionOf(text);
  const type = definition.types.get(definition.id);
  assert.ok(type);
  return decodePayload(type, payload);
}

const lines = (fields: readonly DecodedField[]): string[] =>
  flat(fields).map(([path, value, from, to]) => `${from}-${to} ${path}: ${value}`);

describe("fields by a definition of Kaitai Struct", () => {
  it("have their bytes, and the names of their enums", async () => {
    const payload = bytesOf("0700 0100 29000000 0000ac41 5c8f5240 10270000");
    const { fields, summary, misfit } = await decodeBy(TRACKER, payload);
    assert.equal(misfit, undefined);
    assert.deepEqual(lines(fields), [
      "0-2 id: 7",
      "2-4 type: sample (1)",
      "4-8 seq: 41",
      "8-12 temp: 21.5",
      "12-16 volt: 3.29",
      "16-20 uptime: 10000",
    ]);
    assert.match(summary, /^id 7, type sample \(1\), seq 41, temp 21\.5, volt 3\.29/);
  });

  it("say where and why a payload does not fit, and keep what was before", async () => {
    const { fields, misfit } = await decodeBy(TRACKER, bytesOf("0700 0100 29000000 0000ac"));
    assert.equal(misfit?.problem, "3 bytes left, temp needs 4.");
    assert.equal(misfit?.from, 8);
    assert.equal(misfit?.place?.path, "/seq/3/type");
    assert.deepEqual(lines(fields), ["0-2 id: 7", "2-4 type: sample (1)", "4-8 seq: 41"]);
  });

  it("show of what was begun how far that came", async () => {
    const text = `
meta: {id: test}
seq:
  - {id: points, type: point, repeat: eos}
types:
  point:
    seq: [{id: x, type: u1}, {id: y, type: u2be}]
`;
    const { fields, misfit } = await decodeBy(text, bytesOf("01 0002 03 00"));
    assert.equal(misfit?.problem, "1 bytes left, y needs 2.");
    assert.deepEqual(lines(fields), [
      "0-4 points: [2]",
      "0-3 points/[0]: ",
      "0-1 points/[0]/x: 1",
      "1-3 points/[0]/y: 2",
      "3-4 points/[1]: ",
      "3-4 points/[1]/x: 3",
    ]);
  });

  it("have bits in the bytes that they are from, in both orders", async () => {
    const text = (endian: string) => `
meta: {id: test, bit-endian: ${endian}}
seq:
  - {id: a, type: b3}
  - {id: b, type: b10}
  - {id: c, type: b1}
  - {id: d, type: u1}
`;
    const payload = bytesOf("a5 3c ff");
    assert.deepEqual(lines((await decodeBy(text("be"), payload)).fields), [
      "0-1 a: 5",
      "0-2 b: 167",
      "1-2 c: true",
      "2-3 d: 255",
    ]);
    assert.deepEqual(lines((await decodeBy(text("le"), payload)).fields), [
      "0-1 a: 5",
      "0-2 b: 916",
      "1-2 c: true",
      "2-3 d: 255",
    ]);
  });

  it("have the bytes of the payload behind xor, and of all that was packed behind zlib", async () => {
    const text = `
meta: {id: test}
seq:
  - {id: head, type: u1}
  - {id: secret, size: 2, type: pair, process: xor(0xff)}
types:
  pair:
    seq: [{id: a, type: u1}, {id: b, type: u1}]
`;
    assert.deepEqual(lines((await decodeBy(text, bytesOf("01 fe fd"))).fields), [
      "0-1 head: 1",
      "1-3 secret: ",
      "1-2 secret/a: 1",
      "2-3 secret/b: 2",
    ]);
  });

  it("are instances at their own places", async () => {
    const text = `
meta: {id: test}
seq: [{id: at, type: u1}]
instances:
  there: {pos: at, type: u2be}
  twice: {value: there * 2}
  outside: {pos: 100, type: u1}
`;
    const { fields, misfit } = await decodeBy(text, bytesOf("02 00 01 02"));
    assert.deepEqual(lines(fields), ["0-1 at: 2", "2-4 there: 258", "0-0 twice: 516"]);
    assert.equal(misfit?.problem, "outside is at byte 100 of 4.");
  });

  it("are what Python's struct packs", async function () {
    if (spawnSync("python3", ["-c", "import struct"]).status !== 0) this.skip();
    this.timeout(30_000);
    const codes: Readonly<Record<string, string>> = {
      u1: "B",
      s1: "b",
      u2: "H",
      s2: "h",
      u4: "I",
      s4: "i",
      u8: "Q",
      s8: "q",
      f4: "f",
      f8: "d",
    };
    const names = Object.keys(codes);
    const random = fc.sample(
      fc.tuple(
        fc.constantFrom("<", ">"),
        fc.array(fc.tuple(fc.constantFrom(...names), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), {
          minLength: 1,
          maxLength: 10,
        }),
      ),
      200,
    );
    const cases = random.map(([order, fields]) => ({
      order,
      fields: fields.map(([name, bits]) => {
        const width = Number(name[1]) * 8;
        const value =
          name[0] === "s"
            ? BigInt.asIntN(width, bits)
            : name[0] === "u"
              ? BigInt.asUintN(width, bits)
              : BigInt.asIntN(20, bits);
        return { name, code: codes[name] ?? "", value: `${value}` };
      }),
    }));
    const script = `
import json, struct, sys
for case in json.load(sys.stdin):
    format = case["order"] + "".join(field["code"] for field in case["fields"])
    values = [int(field["value"]) for field in case["fields"]]
    print(struct.pack(format, *values).hex())
`;
    const packed = spawnSync("python3", ["-c", script], {
      input: JSON.stringify(cases),
      encoding: "utf8",
    });
    assert.equal(packed.status, 0, packed.stderr);
    const payloads = packed.stdout.trim().split("\n");
    assert.equal(payloads.length, cases.length);
    for (const [index, { order, fields }] of cases.entries()) {
      const text = `meta: {id: test, endian: ${order === "<" ? "le" : "be"}}\nseq:\n${fields
        .map(({ name }, at) => `  - {id: field_${at}, type: ${name}}\n`)
        .join("")}`;
      const definition = await definitionOf(text);
      const type = definition.types.get("test");
      assert.ok(type);
      const { root, misfit } = readPayload(type, bytesOf(payloads[index] ?? ""));
      assert.equal(misfit, undefined);
      assert.deepEqual(
        root.values.map(String),
        fields.map(({ value }) => value),
      );
    }
  });
});

describe("a definition that does not end", () => {
  const hostile: Readonly<
    Record<string, readonly [text: string, code: keyof typeof FIT_PROBLEMS]>
  > = {
    "contains itself": ["seq: [{id: x, type: test}]", "tooDeep"],
    "repeats nothing to the end": ["seq: [{id: x, size: 0, repeat: eos}]", "noProgress"],
    "repeats nothing very often": [
      "seq: [{id: x, size: 0, repeat: expr, repeat-expr: 4000000000}]",
      "tooManySteps",
    ],
    "repeats until never": [
      "seq: [{id: x, size: 0, repeat: until, repeat-until: 'false'}]",
      "tooManySteps",
    ],
    "points to itself": [
      `seq: [{id: x, type: link}]
types:
  link:
    seq: [{id: a, type: u1}]
    instances:
      next: {pos: 0, type: link}
`,
      "tooManySteps",
    ],
    "reads everything again and again": [
      `seq: [{id: all, type: part, repeat: expr, repeat-expr: 1000}]
types:
  part:
    instances:
      sum: {pos: 0, size-eos: true, process: xor(1)}
    seq: [{id: x, size: 0, if: sum.size == 0}]
`,
      "tooManySteps",
    ],
  };
  for (const [name, [text, code]] of Object.entries(hostile)) {
    it(`is stopped: it ${name}`, async () => {
      const { misfit, fields } = await decodeBy(
        `meta: {id: test}\n${text}`,
        new Uint8Array(60_000),
      );
      if (name === "points to itself") {
        // Each link is another field: only as many as can be shown are followed.
        assert.ok(flat(fields).length < 100);
        return;
      }
      assert.equal(misfit?.code, code);
    });
  }

  it("is stopped where it doubles a text again and again", async () => {
    const doubled = Array.from(
      { length: 30 },
      (_, at) => `  t${at + 1}: {value: t${at} + t${at}}\n`,
    );
    const text = `meta: {id: test}
seq: [{id: x, size: 0, if: t30.length == 0}]
instances:
  t0: {value: "'0123456789abcdef'"}
${doubled.join("")}`;
    const { misfit } = await decodeBy(text, new Uint8Array(8));
    assert.equal(misfit?.code, "textTooLong");
  });

  it("takes steps in proportion to the bytes", async () => {
    const text = `
meta: {id: test}
seq: [{id: all, type: part, repeat: eos}]
types:
  part:
    seq: [{id: length, type: u1}, {id: text, type: str, encoding: UTF-8, size: length, terminator: 0}]
`;
    const definition = await definitionOf(text);
    const type = definition.types.get("test");
    assert.ok(type);
    const stepsFor = (count: number): number => {
      const payload = new Uint8Array(count * 8).map((_, at) => (at % 8 === 0 ? 7 : 65));
      const { run, misfit } = readPayload(type, payload);
      assert.equal(misfit, undefined);
      return run.steps;
    };
    const [one, four] = [stepsFor(1000), stepsFor(4000)];
    assert.ok(one > 1000 && four < 4.1 * one && four < MOST_STEPS, `${one}, ${four}`);
  });
});

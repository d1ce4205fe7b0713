import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { parse } from "yaml";
import { readPayload } from "../../../../extension/core/kaitai/decode.ts";
import {
  ENCODE_PROBLEMS,
  type Encoded,
  encoded,
} from "../../../../extension/core/payload/encoded.ts";
import { parseFields } from "../../../../extension/core/payload/written_fields.ts";
import { definitionOf, loadTestDefinition, TESTS } from "./support.ts";

const VALUES = { sequence: 258n, now: 0n, random: (count: number) => new Uint8Array(count) };

async function encode(definition: string, text: string): Promise<Encoded> {
  const known = await definitionOf(definition);
  return encoded(() => known.encode(parseFields(text)) ?? assert.fail());
}

/** The bytes, in hexadecimal digits; or the sentence. */
async function made(definition: string, text: string): Promise<string> {
  const { template, problem } = { problem: undefined, ...(await encode(definition, text)) };
  if (template) return Buffer.from(template.fill(VALUES)).toString("hex");
  const words = problem?.arguments ?? [];
  const sentence = ENCODE_PROBLEMS[problem?.code ?? "tooLong"];
  return sentence.replace(/\{(\d)\}/g, (_, index) => words[Number(index)] ?? "");
}

const SENSOR = `
meta: {id: sensor, endian: le}
seq:
  - {id: magic, contents: [0xa5]}
  - {id: kind, type: u1, enum: kind}
  - {id: id, type: u2}
  - {id: temp, type: f4}
  - {id: len_name, type: u1}
  - {id: name, type: str, size: len_name, encoding: UTF-8}
instances:
  twice: {value: id * 2}
  first: {pos: 0, type: u1}
enums:
  kind: {1: sample, 2: alarm}`;

/** What depends on what: each line is a definition, what is written, and the bytes or the sentence. */
const CASES: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  "numbers, in their order of bytes and their range": [
    [
      SENSOR,
      'sensor { kind: alarm, id: 7, temp: 21.5, name: "née" }',
      "a50207000000ac41046ec3a965",
    ],
    [SENSOR, "sensor {\n  id: 0x102\n  kind: 1\n}", "a50102010000000000"],
    [SENSOR, "{kind: alarm (2), temp: -0.5,}", "a5020000000000bf00"],
    [SENSOR, "{}", "a50000000000000000"],
    [SENSOR, "{id: 70000}", "id is 70000, and holds 0 to 65535"],
    [SENSOR, "{id: -1}", "id is -1, and holds 0 to 65535"],
    [SENSOR, "{id: seven}", "id is an integer, and seven is none"],
    [SENSOR, "{id: { x: 1 }}", "id is an integer, and { } is none"],
    [SENSOR, "{temp: warm}", "temp is a number, and warm is none"],
    [
      SENSOR,
      "{kind: heartbeat}",
      "heartbeat is none of the names of kind: there are sample, alarm",
    ],
    [
      "{meta: {id: s, endian: be}, seq: [{id: a, type: s8}, {id: b, type: u8le}]}",
      "{a: -9007199254740993, b: 18446744073709551615}",
      "ffdfffffffffffffffffffffffffffff",
    ],
  ],
  "names that are no fields, and what has no bytes": [
    [
      SENSOR,
      "{tmp: 1}",
      "sensor has no field tmp: there are magic, kind, id, temp, len_name, name",
    ],
    [SENSOR, "{twice: 14}", "twice is computed of other fields and has no bytes: leave it out"],
    [
      SENSOR,
      "{first: 1}",
      "first is at a place of its own (pos), where nothing can be written: leave it out",
    ],
    [
      SENSOR,
      "{magic: 00}",
      "magic would be read as a5, not as 00: something before it does not lead there",
    ],
    [SENSOR, "{id: 1, id: 2}", "id is there twice"],
    [SENSOR, "{id 1}", ": is missing before 1}"],
    [SENSOR, "{id: 1", "} is missing at the end"],
    [SENSOR, "{id: 1} x", "nothing can stand behind the last brace, but there is x"],
  ],
  "lengths and counts, derived where nobody has written them": [
    [SENSOR, '{len_name: 3, name: "abcd"}', "name has 4 bytes, and its definition gives it 3"],
    [
      `{meta: {id: t}, seq: [{id: len, type: u1}, {id: n, type: u1}, {id: all, size: len - 2, type: list}],
        types: {list: {seq: [{id: items, type: u1, repeat: expr, repeat-expr: _root.n}]}}}`,
      "{all: {items: [1, 2, 3]}}",
      "0503010203",
    ],
    [
      `{meta: {id: t, endian: be}, seq: [{id: h, type: head}, {id: body, size: h.words * 4}],
        types: {head: {seq: [{id: type, type: u1}, {id: words, type: u2}]}}}`,
      "{body: hex 00 01 02 03 04 05 06 07}",
      "0000020001020304050607",
    ],
    [
      `{meta: {id: t}, seq: [{id: n, type: u1}, {id: items, type: u1, repeat: expr, repeat-expr: n}]}`,
      "{n: 1, items: [1, 2]}",
      "items has 2 elements, and its definition gives it 1",
    ],
    [
      `{meta: {id: t}, seq: [{id: len, type: u1}, {id: a, size: len}, {id: b, size: len}]}`,
      '{a: "12", b: "345"}',
      "lengths and counts in it depend on each other: write them all",
    ],
    [
      `{meta: {id: t}, seq: [{id: n, type: u1}, {id: it, type: 'block(n)'}],
        types: {block: {params: [{id: len, type: u1}], seq: [{id: data, size: len}]}}}`,
      "{it: {data: 0102}}",
      "020102",
    ],
  ],
  "what is there under a condition, or by a tag": [
    [
      `{meta: {id: t}, seq: [{id: has_x, type: b1}, {id: flags, type: b7}, {id: x, type: u1, if: has_x},
        {id: y, type: u1, if: flags & 2 != 0}, {id: z, type: u1, if: flags & 4 != 0 and has_x}]}`,
      "{x: 1, y: 2, z: 3}",
      "86010203",
    ],
    [
      `{meta: {id: t}, seq: [{id: has_x, type: b1}, {id: x, type: u1, if: has_x}]}`,
      "{has_x: false, x: 1}",
      "x is not there: has_x does not hold",
    ],
    [
      `{meta: {id: t}, seq: [{id: a, type: u1}, {id: b, type: u1, if: not _io.eof}]}`,
      "{a: 1, b: 2}",
      "0102",
    ],
    [
      `{meta: {id: t}, seq: [{id: a, type: u1}, {id: b, type: u1, if: not _io.eof}]}`,
      "{a: 1}",
      "01",
    ],
    [
      `{meta: {id: t, endian: be}, seq: [{id: tag, type: u1}, {id: len, type: u1},
        {id: body, size: len, type: {switch-on: tag, cases: {1: number, 2: name}}}],
        types: {number: {seq: [{id: value, type: s4}]},
          name: {seq: [{id: value, type: str, size-eos: true, encoding: ASCII}]}}}`,
      '{body: name { value: "ab" }}',
      "02026162",
    ],
    [
      `{meta: {id: t}, seq: [{id: tag, type: u1}, {id: body, type: {switch-on: tag, cases: {1: one}}}],
        types: {one: {seq: [{id: x, type: u1}]}}}`,
      "{tag: 7, body: {x: 1}}",
      "body is not there: tag is 7, for which it has no case",
    ],
  ],
  "bytes and texts, with what ends them and fills them": [
    [
      `{meta: {id: t}, seq: [{id: a, type: strz, encoding: UTF-16LE}, {id: b, size: 2}]}`,
      '{a: "a", b: ff00}',
      "61000000ff00",
    ],
    [
      `{meta: {id: t}, seq: [{id: a, type: str, size: 4, encoding: GBK, terminator: 0}]}`,
      '{a: "中"}',
      "d6d00000",
    ],
    [
      `{meta: {id: t}, seq: [{id: a, type: str, size: 4, encoding: ASCII}]}`,
      '{a: "äbcd"}',
      "a has a character that ASCII does not have",
    ],
    [`{meta: {id: t}, seq: [{id: a, size: 4, pad-right: 0x20}]}`, '{a: "\\xff\\""}', "ff222020"],
    [
      `{meta: {id: t}, seq: [{id: a, terminator: 0x0a}]}`,
      '{a: "x\\ny"}',
      "a would be read as 78, not as 780a79: something before it does not lead there",
    ],
    [
      `{meta: {id: t}, seq: [{id: a, size: 2, process: xor(0xff)}, {id: b, size: 1, process: rol(4)}]}`,
      "{a: 0001, b: 12}",
      "fffe21",
    ],
    [
      `{meta: {id: t}, seq: [{id: a, size-eos: true, process: zlib}]}`,
      "{a: 00}",
      "a is packed by zlib, which cannot be written backwards",
    ],
    [
      `{meta: {id: t}, seq: [{id: a, size: 2}]}`,
      "{a: 5}",
      "a is bytes: write hexadecimal digits, or a text in quotes, not 5",
    ],
    [
      `{meta: {id: t}, seq: [{id: a, size: 2}]}`,
      "{a: 010203}",
      "a has 3 bytes, and its definition gives it 2",
    ],
    [SENSOR, "{name: north}", "name is a text: write it in quotes, not as north"],
    [SENSOR, '{name: "\\q"}', "\\q is no escape: write \\n, \\r, \\t, \\\\, \\xNN or \\u{N}"],
  ],
  "bytes that are computed when they are sent": [
    [
      `{meta: {id: t, endian: be}, seq: [{id: n, type: u2}, {id: data, size: 6}, {id: crc, type: u2le}]}`,
      "{n: {{seq}}, data: 01 03 00 00 00 0a, crc: {{crc16/modbus from 2}}}",
      "010201030000000ac5cd",
    ],
    [
      `{meta: {id: t}, seq: [{id: n, type: u1}]}`,
      "{n: {{seq u16be}}}",
      "{{seq u16be}} computes 2 bytes, and n has 1",
    ],
    [
      `{meta: {id: t}, seq: [{id: n, type: b4}]}`,
      "{n: {{seq}}}",
      "n is an integer, and {{seq}} is none",
    ],
  ],
};

describe("writing a payload as the fields of a definition", () => {
  for (const [name, cases] of Object.entries(CASES)) {
    it(name, async () => {
      for (const [definition, text, wanted] of cases) {
        assert.equal(await made(definition, text), wanted, text);
      }
    });
  }

  it("tells what was derived", async () => {
    const { derived } = { derived: [], ...(await encode(SENSOR, '{name: "née"}')) };
    assert.deepEqual(derived, ["len_name 4"]);
  });

  it("a definition that would not read it is refused with the reason", async () => {
    const definition = "{meta: {id: t}, seq: [{id: a, type: u1, valid: {min: 3}}]}";
    const { problem } = { problem: undefined, ...(await encode(definition, "{a: 2}")) };
    assert.equal(problem?.misfit?.code, "tooSmall");
    assert.equal(await made(definition, "{}"), "03");
  });

  it("writes a payload as its fields, without what is derived, and with its CRC computed", async () => {
    const known = await definitionOf(`{meta: {id: m, endian: be}, seq: [{id: len, type: u1},
      {id: data, size: len}, {id: kind, type: u1, enum: e}, {id: crc, type: u2le}],
      enums: {e: {3: read}}}`);
    const { template } = {
      template: undefined,
      ...known.encode(parseFields("{data: 0a0b0c, kind: read, crc: {{crc16/modbus}}}")),
    };
    const payload = template?.fill(VALUES) ?? assert.fail();
    const text = known.fieldsText(payload);
    assert.equal(text, "m { data: hex 0a 0b 0c, kind: read, crc: {{crc16/modbus}} }");
    // A length that lies stays as it is.
    assert.equal(known.fieldsText(payload.with(0, 9)), undefined);
  });

  it("any values come back as they were written", async () => {
    const known = await definitionOf(SENSOR);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(65_535),
        fc.float({ noNaN: true }),
        fc.string({ unit: "grapheme", maxLength: 60 }),
        async (id, temp, name) => {
          const bytes = new TextEncoder().encode(name);
          fc.pre(bytes.length < 256);
          const payload = new Uint8Array(9 + bytes.length);
          const view = new DataView(payload.buffer);
          payload.set([0xa5, 2]);
          view.setUint16(2, id, true);
          view.setFloat32(4, temp, true);
          payload.set([bytes.length, ...bytes], 8);
          const text = known.fieldsText(payload) ?? assert.fail();
          const { template } = { template: undefined, ...known.encode(parseFields(text)) };
          assert.deepEqual(template?.fill(VALUES), payload);
        },
      ),
    );
  });

  it("most payloads of Kaitai Struct's own tests are written back, byte by byte", async () => {
    let [written, read] = [0, 0];
    for (const file of readdirSync(new URL("spec/ks/", TESTS))) {
      const { id, data } = parse(readFileSync(new URL(`spec/ks/${file}`, TESTS), "utf8"));
      const { definition } = await loadTestDefinition("formats", id);
      const plan = definition?.types.get(definition.id);
      if (!definition || !plan) continue;
      const bytes = new Uint8Array(readFileSync(new URL(`src/${data}`, TESTS)));
      const payload = bytes.slice(0, readPayload(plan, bytes).root.io.pos);
      if (readPayload(plan, payload).misfit) continue;
      read++;
      const text = definition.fieldsText(payload);
      if (text === undefined) continue;
      const { template } = { template: undefined, ...definition.encode(parseFields(text)) };
      assert.deepEqual(template?.fill(VALUES), payload, id);
      written++;
    }
    // The others hold what nothing tells of: what fills up, bits that nobody reads, what only zlib makes.
    assert.ok(written >= 225 && read < 280, `${written} of ${read}`);
  });

  it("takes as many elements as a datagram has room for, and refuses more", async () => {
    const known = await definitionOf(
      "{meta: {id: t}, seq: [{id: n, type: u1}, {id: items, type: item, repeat: eos}], types: {item: {seq: [{id: len, type: u1}, {id: data, size: len}]}}}",
    );
    const text = (items: number) => `{items: [${"{data: 0102}\n".repeat(items)}]}`;
    const { template } = { template: undefined, ...known.encode(parseFields(text(4000))) };
    assert.equal(template?.length, 12_001);
    const { problem } = { problem: undefined, ...known.encode(parseFields(text(30_000))) };
    assert.equal(problem?.code, "tooLong");
  });
});

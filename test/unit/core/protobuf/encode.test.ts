import assert from "node:assert/strict";
import fc from "fast-check";
import protobuf from "protobufjs";
import { ENCODE_PROBLEMS, encoded } from "../../../../extension/core/payload/encoded.ts";
import { parseFields } from "../../../../extension/core/payload/written_fields.ts";
import type { Framing } from "../../../../extension/core/protobuf/decode.ts";
import { loadProto } from "../../../../extension/core/protobuf/protobuf.ts";

const VALUES = { sequence: 258n, now: 0n, random: (count: number) => new Uint8Array(count) };

const REPORT = `
syntax = "proto3";
message Report {
  uint32 id = 1;
  Kind kind = 2;
  float temp = 3;
  double volt = 4;
  sint32 delta = 5;
  int64 uptime = 6;
  bool ok = 7;
  string name = 8;
  bytes raw = 9;
  repeated sint32 samples = 10;
  repeated Point points = 11;
  map<string, uint32> counts = 12;
  fixed64 number = 14;
  repeated uint32 loose = 16 [packed = false];
  repeated string tags = 17;
}
message Point { int32 x = 1; int32 y = 2; }
enum Kind { SAMPLE = 0; ALARM = 1; BAD = -1; }`;

const Report = protobuf.parse(REPORT, { keepCase: true }).root.lookupType("Report");

async function report() {
  const proto = await loadProto("report.proto", REPORT, async () => undefined);
  const message = proto.schema?.messages[0] ?? assert.fail();
  return { proto, message };
}

/** The bytes, in hexadecimal digits; or the sentence. */
async function made(text: string, framing?: Framing): Promise<string> {
  const { proto, message } = await report();
  const result = encoded(() => proto.encode(message, parseFields(text), framing));
  const { template, problem } = { problem: undefined, ...result };
  if (template) return Buffer.from(template.fill(VALUES)).toString("hex");
  const words = problem?.arguments ?? [];
  const sentence = ENCODE_PROBLEMS[problem?.code ?? "tooLong"];
  return sentence.replace(/\{(\d)\}/g, (_, index) => words[Number(index)] ?? "");
}

/** Whatever a report can say, as protobufjs takes it. */
const REPORTS = fc.record(
  {
    id: fc.nat(),
    kind: fc.constantFrom(0, 1, -1, 77),
    temp: fc.float({ noNaN: true }),
    volt: fc.double({ noNaN: true }),
    delta: fc.integer(),
    uptime: fc.integer(),
    ok: fc.boolean(),
    name: fc.string({ unit: "grapheme", maxLength: 30 }),
    raw: fc.uint8Array({ maxLength: 30 }),
    samples: fc.array(fc.integer(), { maxLength: 5 }),
    points: fc.array(fc.record({ x: fc.integer(), y: fc.integer() }), { maxLength: 3 }),
    loose: fc.array(fc.nat(), { maxLength: 3 }),
    tags: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

describe("writing a message of Protocol Buffers as its fields", () => {
  it("makes the bytes that protobufjs makes, and writes them down again", async () => {
    const { proto, message } = await report();
    await fc.assert(
      fc.asyncProperty(REPORTS, async (value) => {
        const payload = Uint8Array.from(Report.encode(Report.create(value)).finish());
        const text = proto.fieldsText(message, payload) ?? assert.fail("cannot be written");
        const { template } = { template: undefined, ...proto.encode(message, parseFields(text)) };
        assert.deepEqual(template?.fill(VALUES), payload);
      }),
    );
  });

  it("is read by protobufjs as it was written", async () => {
    const text = `Report { id: 7, kind: ALARM, temp: 21.5, delta: -3, uptime: -9007199254740993, ok: true,
      name: "né\\te", raw: ff 00, samples: [1, -2], points: [Point { x: 1 }, { y: -2 }],
      counts: [{ key: "a", value: 3 }], number: {{seq}}, loose: [1, 2] }`;
    const payload = Buffer.from(await made(text), "hex");
    const plain = Report.toObject(Report.decode(payload), { longs: String, bytes: Array });
    assert.deepEqual(plain, {
      ...{ id: 7, kind: 1, temp: 21.5, delta: -3, uptime: "-9007199254740993", ok: true },
      ...{ name: "né\te", raw: [255, 0], samples: [1, -2], points: [{ x: 1 }, { y: -2 }] },
      ...{ counts: { a: 3 }, number: "258", loose: [1, 2] },
    });
  });

  it("says what cannot be written", async () => {
    for (const [text, wanted] of [
      ["{id: -1}", "id is -1, and holds 0 to 4294967295"],
      ["{delta: 2147483648}", "delta is 2147483648, and holds -2147483648 to 2147483647"],
      ["{kind: LOUD}", "LOUD is none of the names of kind: there are SAMPLE, ALARM, BAD"],
      ["{points: {x: 1}}", "points is repeated: write its elements in brackets, not { }"],
      ["{points: [1]}", "points[0] has fields of its own: write them in braces, not 1"],
      ["{points: [Line {}]}", "points[0] is Point here, not Line"],
      ["{points: [{z: 1}]}", "Point has no field z: there are x, y"],
      ["{name: north}", "name is a text: write it in quotes, not as north"],
      ["{ok: maybe}", "ok is true or false, not maybe"],
      ["{number: {{crc16/modbus}}}", "{{crc16/modbus}} computes 2 bytes, and number has 8"],
    ] as const) {
      assert.equal(await made(text), wanted, text);
    }
  });

  it("has a header before it, and more of its kind behind it", async () => {
    assert.equal(await made("{header: 01 02, id: 3}", { skip: 2 }), "01020803");
    assert.equal(
      await made("{id: 3}", { skip: 2 }),
      "header has 0 bytes, and its definition gives it 2",
    );
    const two = "{Report: [{id: 3}, {id: 4}]}";
    assert.equal(await made(two, { delimited: true }), "020803020804");
    const { proto, message } = await report();
    for (const [hex, framing] of [
      ["01020803", { skip: 2 }],
      ["020803020804", { delimited: true }],
    ] as const) {
      const text = proto.fieldsText(message, Buffer.from(hex, "hex"), framing);
      assert.equal(await made(text ?? "", framing), hex);
    }
  });

  it("a payload with what its definition does not know is not written", async () => {
    const { proto, message } = await report();
    assert.equal(proto.fieldsText(message, Buffer.from("0803f80701", "hex")), undefined);
    assert.equal(proto.fieldsText(message, Buffer.from("0803ff", "hex")), undefined);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import protobuf from "protobufjs";
import type { DecodedField } from "../../../../extension/core/decode/decoded.ts";
import { describedFields } from "../../../../extension/core/decode/described_field.ts";
import { decodeMessage, type Framing } from "../../../../extension/core/protobuf/decode.ts";
import { PROTO_PROBLEMS, WIRE_PROBLEMS } from "../../../../extension/core/protobuf/problem.ts";
import { loadProto } from "../../../../extension/core/protobuf/protobuf.ts";

const FILES: Readonly<Record<string, string>> = {
  "proto/tracker.proto": `
    // What the tracker sends.
    syntax = "proto3";
    package acme.tracker;
    import "common/point.proto";
    import "google/protobuf/any.proto";
    option java_package = "com.acme";
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
      repeated acme.Point points = 11;
      map<string, uint32> counts = 12;
      oneof body { Text text = 13; fixed64 number = 14 [deprecated = true]; }
      google.protobuf.Any extra = 15;
      message Text { string value = 1; }
      reserved 20 to 30, 40;
      reserved "old";
    }
    enum Kind { option allow_alias = true; SAMPLE = 0; ALARM = 1; WARNING = 1; BAD = -1; }
    service Tracking { rpc Send (Report) returns (Report) { option idempotency_level = IDEMPOTENT; } }
  `,
  "proto/common/point.proto": `
    syntax = "proto2";
    package acme;
    message Point {
      required int32 x = 1;
      optional int32 y = 2 [default = 5];
      repeated group Part = 3 { optional string label = 1; }
      extensions 100 to 199;
    }
    extend Point { optional float z = 100; }
  `,
};

const read = async (path: string): Promise<string | undefined> => FILES[path];

async function schemaOf(path: string, files = FILES) {
  const { schema, problem } = await loadProto(path, files[path] ?? "", async (name) => files[name]);
  if (!schema) throw new Error(JSON.stringify(problem));
  return schema;
}

async function problemOf(text: string): Promise<string> {
  const { problem } = await loadProto("a.proto", text, read);
  if (!problem) return "";
  const { line, column, code, arguments: words } = problem;
  return `${line}:${column} ${PROTO_PROBLEMS[code].replace(/\{(\d)\}/g, (_, at) => words[at] ?? "")}`;
}

/** The same files, as another implementation reads them. */
function reference(): protobuf.Root {
  const root = new protobuf.Root();
  for (const text of Object.values(FILES)) {
    protobuf.parse(text.replace(/import "common[^;]*;/, ""), root, { keepCase: true });
  }
  root.addJSON(protobuf.common.get("google/protobuf/any.proto")?.nested ?? {});
  root.resolveAll();
  return root;
}

const decode = async (payload: Uint8Array, type = "acme.tracker.Report", framing: Framing = {}) => {
  const schema = await schemaOf("proto/tracker.proto");
  const message = schema.byName.get(type);
  assert.ok(message?.kind === "message");
  return decodeMessage(schema.byName, message, payload, framing);
};

const textsOf = (fields: readonly DecodedField[]): Record<string, string> =>
  Object.fromEntries(describedFields(fields).map(({ path, text }) => [path, text]));

function checkRanges(fields: readonly DecodedField[], from: number, to: number): void {
  for (const field of fields) {
    assert.ok(from <= field.from && field.from <= field.to && field.to <= to, field.name);
    checkRanges(field.fields, field.from, field.to);
  }
}

describe("a message by a .proto", () => {
  const Report = reference().lookupType("acme.tracker.Report");
  const Point = reference().lookupType("acme.Point");

  it("has each field that another implementation wrote, with its bytes", async () => {
    const inner = Point.encode(
      Point.create({ x: -3, y: 7, part: [{ label: "a" }, {}], ".acme.z": 1.5 }),
    ).finish();
    const value = {
      ...{
        id: 7,
        kind: 1,
        temp: 21.5,
        volt: 3.29,
        delta: -2,
        uptime: 5,
        ok: true,
        name: "Grüße\n",
      },
      ...{ raw: Uint8Array.of(0, 255), samples: [1, -1, 300], points: [{ x: 1 }, { x: 2, y: 3 }] },
      ...{ counts: { a: 1 }, text: { value: "hi" } },
      extra: { type_url: "type.googleapis.com/acme.Point", value: inner },
    };
    const payload = Report.encode(Report.create(value)).finish();
    const { protocol, summary, fields, misfit } = await decode(payload);
    assert.equal(misfit, undefined);
    assert.equal(protocol, "Report");
    assert.match(summary, /^id 7, kind ALARM \(1\), temp 21\.5, volt 3\.29, delta -2/);
    checkRanges(fields, 0, payload.length);
    const texts = textsOf(fields);
    for (const [path, text] of Object.entries({
      ...{ id: "7", kind: "ALARM (1)", temp: "21.5", volt: "3.29", delta: "-2", uptime: "5" },
      ...{ ok: "true", name: '"Grüße\\n"', raw: "00ff" },
      ...{ "samples[0]": "1", "samples[1]": "-1", "samples[2]": "300" },
      ...{ "points[0].x": "1", "points[1].y": "3", "counts[0].key": '"a"', "counts[0].value": "1" },
      ...{ "text.value": '"hi"', "extra.value.x": "-3", "extra.value.part[0].label": '"a"' },
      ...{ "extra.value.z": "1.5" },
    })) {
      assert.equal(texts[path], text, path);
    }
    const id = fields.find(({ name }) => name === "id");
    assert.deepEqual([...payload.subarray(id?.from, id?.to)], [8, 7]);
  });

  it("has all values of a message, whatever they are", async () => {
    const record = fc.record(
      {
        id: fc.nat(0xffff_ffff),
        delta: fc.integer(),
        temp: fc.float({ noDefaultInfinity: true, noNaN: true }),
        volt: fc.double(),
        ok: fc.boolean(),
        raw: fc.uint8Array({ maxLength: 20 }),
        samples: fc.array(fc.integer(), { maxLength: 5 }),
        number: fc.nat(),
        points: fc.array(fc.record({ x: fc.integer() }), { maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(record, async (value) => {
        const payload = Report.encode(Report.create(value)).finish();
        const { fields, misfit } = await decode(payload);
        assert.equal(misfit, undefined);
        checkRanges(fields, 0, payload.length);
        const texts = textsOf(fields);
        const told = Report.decode(payload) as unknown as Record<string, unknown>;
        for (const name of ["id", "delta", "volt", "temp"] as const) {
          if (texts[name] === undefined) continue;
          const number = Number(texts[name]);
          assert.ok(Object.is(name === "temp" ? Math.fround(number) : number, told[name]), name);
        }
        const { samples = [], points = [] } = value;
        for (const [at, sample] of samples.entries())
          assert.equal(texts[`samples[${at}]`], String(sample));
        for (const [at, { x }] of points.entries())
          assert.equal(texts[`points[${at}].x`], String(x));
        if (value.raw?.length) assert.equal(texts.raw, Buffer.from(value.raw).toString("hex"));
      }),
    );
  });

  it("keeps what it does not know, and takes repeated numbers packed or not", async () => {
    // 99: a varint; 98: bytes; 1 as bytes, which is no varint; 10 (samples) not packed, twice.
    const payload = Buffer.from("98060592060201020a0161" + "5002" + "5003", "hex");
    const texts = textsOf((await decode(payload)).fields);
    assert.deepEqual(texts, {
      _99: "5",
      _98: "0102",
      _1: "61",
      samples: "[2]",
      "samples[0]": "1",
      "samples[1]": "-2",
    });
  });

  it("is read behind a header, and one behind the other", async () => {
    const point = Point.encodeDelimited(Point.create({ x: 1 })).finish();
    const payload = Uint8Array.of(0xaa, 0xbb, ...point, ...point);
    const { fields, misfit } = await decode(payload, "acme.Point", { skip: 2, delimited: true });
    assert.equal(misfit, undefined);
    const texts = textsOf(fields);
    assert.deepEqual([texts.header, texts.Point, texts["Point[1].x"]], ["aabb", "[2]", "1"]);
    const short = await decode(Uint8Array.of(1), "acme.Point", { skip: 2 });
    assert.equal(short.misfit?.code, "headerEnds");
  });

  it("says where bytes are no message, and shows what was before", async () => {
    const payload = Report.encode(Report.create({ id: 7, points: [{ x: 1, y: 2 }] })).finish();
    const { fields, misfit } = await decode(payload.subarray(0, -1));
    assert.equal(misfit?.code, "bytesLeft");
    assert.equal(textsOf(fields).id, "7");
    const group = Buffer.from("5a061b0a01610801", "hex");
    const inner = await decode(group);
    assert.ok(inner.misfit);
    for (const [hex, code] of Object.entries({
      "08": "varintEnds",
      "08ffffffffffffffffffff01": "varintTooLong",
      "00": "badTag",
      "0f": "badWireType",
      "0c": "groupNotOpen",
      "0b": "groupEnds",
      "0a05": "bytesLeft",
    })) {
      const { misfit: found } = await decode(Buffer.from(hex, "hex"));
      assert.equal(found?.code, code, hex);
      assert.ok(WIRE_PROBLEMS[found.code]);
    }
    // Groups in one another without end.
    const deep = await decode(new Uint8Array(60_000).fill(0x0b));
    assert.equal(deep.misfit?.code, "tooDeep");
  });

  it("never throws, whatever the bytes, and each field has bytes of those around it", async () => {
    const schema = await schemaOf("proto/tracker.proto");
    const [message] = schema.messages;
    assert.ok(message);
    const seed = Report.encode(
      Report.create({ id: 1, name: "x", points: [{ x: 1 }], samples: [1, 2], counts: { a: 1 } }),
    ).finish();
    const spoiled = fc
      .array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 4 })
      .map((changes) => {
        const bytes = seed.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(spoiled, fc.uint8Array({ maxLength: 80 })), (payload) => {
        const { fields, summary } = decodeMessage(schema.byName, message, payload);
        checkRanges(fields, 0, payload.length);
        assert.ok(summary.length <= 400);
      }),
      { numRuns: 2000 },
    );
    const many = decodeMessage(schema.byName, message, new Uint8Array(65_000).fill(8));
    assert.ok(describedFields(many.fields).length <= 5001);
  });

  const WRONG: Readonly<Record<string, string>> = {
    'syntax = "proto4";':
      '1:10 "proto4" is no syntax that is known: proto2, proto3, or an edition.',
    "message A { int32 x = 0; }":
      "1:23 A field has a number from 1 to 536870911, and none from 19000 to 19999; 0 is none.",
    "message A { int32 x = 19500; }":
      "1:23 A field has a number from 1 to 536870911, and none from 19000 to 19999; 19500 is none.",
    "message A {\n  int32 x = 1;\n  int32 y = 1;\n}": "3:9 y has the number 1, as x has.",
    "message A { int32 x = 1; int32 x = 2; }": "1:32 The name x is there twice.",
    "message A { Foo x = 1; }": "1:13 There is no message and no enum Foo here.",
    "message A { map<float, int32> x = 1; }": "1:17 float cannot be the key of a map.",
    'syntax = "proto3"; enum E { A = 1; } message M {}':
      "1:29 The first value of an enum is 0 in proto3; A is not.",
    "message A { int32 x 1; }": "1:21 Expected =, found 1.",
    "message A { int32 x = 1;": "1:25 Expected }, but the file ends here.",
    'import "nowhere.proto"; message A {}':
      "1:8 There is no file nowhere.proto in the workspace that could be imported.",
    "message A { /* ": "1:13 /* is not closed.",
    "massage A {}": "1:1 Expected message, found massage.",
    "enum E { A = 0; }": "1:1 The file has no message.",
  };
  for (const [text, sentence] of Object.entries(WRONG)) {
    it(`is refused with its place: ${JSON.stringify(text)}`, async () => {
      assert.equal(await problemOf(text), sentence);
    });
  }

  it("is refused, and nothing else, where the file goes on without end", async () => {
    for (const text of [
      "message A { ".repeat(5000),
      `message A { oneof b { ${"oneof b { ".repeat(5000)}`,
      `message A { optional group B = 1 { ${"optional group B = 1 { ".repeat(5000)}`,
      `option a = ${"{".repeat(50_000)}`,
      `message A { a${".a".repeat(100_000)} x = 1; }`,
      `message A { int32 x = 1 [${"[".repeat(50_000)}; }`,
    ]) {
      assert.match(await problemOf(text), /^\d+:\d+ /, text.slice(0, 40));
    }
  });

  it("reads an edition, with messages between two tags where it says so", async () => {
    const files = {
      "a.proto": `edition = "2023"; option features.message_encoding = DELIMITED;
        message A { A inner = 1; int32 x = 2; string s = 3; }`,
    };
    const schema = await schemaOf("a.proto", files);
    const [message] = schema.messages;
    assert.ok(message);
    const { fields, misfit } = decodeMessage(
      schema.byName,
      message,
      Buffer.from("0b10050c1a0161", "hex"),
    );
    assert.equal(misfit, undefined);
    assert.deepEqual(textsOf(fields)["inner.x"], "5");
  });
});

import assert from "node:assert/strict";
import protobuf from "protobufjs";
import { describedFields } from "../../../../extension/core/decode/described_field.ts";
import { bytesOf, decoded, problem, shake } from "../../support/decoding.ts";
import { PROTOBUF_MESSAGES } from "../../support/messages.ts";

const Report = protobuf
  .parse(`syntax = "proto3"; message Report { uint32 id = 1; float temp = 2; string name = 3; Point at = 4;
    double volt = 5; bytes raw = 6; } message Point { int32 x = 1; int32 y = 2; }`)
  .root.lookupType("Report");

describe("Protocol Buffers without a definition", () => {
  it("shows the number and the wire type of each field that protobufjs wrote, with its bytes", () => {
    const value = { id: 300, temp: 21.5, name: "north", at: { x: 1, y: 2 }, volt: 3.29 };
    const payload = Report.encode(Report.create({ ...value, raw: bytesOf("ff00") })).finish();
    const { summary, fields } = decoded("protobuf", Uint8Array.from(payload));
    assert.deepEqual(
      describedFields(fields).map(({ path, text, start, end }) => [path, text, start, end]),
      [
        ["_1_VARINT", "300", 0, 3],
        ["_2_I32", "1101791232, float 21.5", 3, 8],
        ["_3_LEN", '"north"', 8, 15],
        ["_4_LEN", "", 15, 21],
        ["_4_LEN._1_VARINT", "1", 17, 19],
        ["_4_LEN._2_VARINT", "2", 19, 21],
        ["_5_I64", "4614590840187041874, float 3.29", 21, 30],
        ["_6_LEN", "ff00", 30, 34],
      ],
    );
    // It is a guess, and says so.
    assert.match(summary, /^Protobuf\? #1 VARINT 300, /);
  });

  it("reads groups, and what has several of one number", () => {
    const { fields } = decoded("protobuf", bytesOf("0801 0802 13 1805 14"));
    assert.deepEqual(
      describedFields(fields).map(({ path, text }) => `${path}=${text}`),
      ["_1_VARINT[0]=1", "_1_VARINT[1]=2", "_2_SGROUP=", "_2_SGROUP._3_VARINT=5"],
    );
  });

  for (const [hex, expected] of [
    ["", /empty/],
    ["08", /ends within #1 VARINT, which starts at byte 1/],
    ["0a05 6162", /ends within #1 LEN/],
    ["15 0000", /ends within #2 I32/],
    ["13 0801", /ends within #2 SGROUP/],
    ["14", /Byte 0 is 20, which has no meaning there/],
    ["0f", /Byte 0 is 15/],
    ["0001", /Byte 0 is 0/],
    [`08${"ff".repeat(10)}01`, /no meaning/],
    [`${"0b".repeat(100)}`, /nested deeper/],
  ] as const) {
    it(`says what is wrong with ${hex.slice(0, 24)}`, () => {
      assert.match(problem("protobuf", bytesOf(hex)), expected);
    });
  }

  it("takes ten thousand mutated messages", () => shake("protobuf", PROTOBUF_MESSAGES));
});

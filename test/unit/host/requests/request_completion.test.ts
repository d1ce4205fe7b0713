import assert from "node:assert/strict";
import { completeRequest } from "../../../../extension/host/requests/request_completion.ts";
import { parseRequests } from "../../../../scripts/udp_run.ts";

const FILE = parseRequests("@device = 127.0.0.1:9\n@temp = 1\n");
const ENDS = ["127.0.0.1:5683"];
const FIELDS = ["sensor.id", "sensor.body", "sensor.body.temp"];

type Above = Parameters<typeof completeRequest>[1];

/** What is proposed at the end of a line that is put into the file, and from which column on. */
function proposed(before: string, above?: Above): { from: number; texts: string[] } {
  const { from, proposals } = completeRequest(before, above, FILE, { ends: ENDS, fields: FIELDS });
  return { from, texts: proposals.map(({ text }) => text) };
}

describe("the completion of request files", () => {
  for (const [what, before, above, from, some] of [
    ["keywords where a line begins", "", undefined, 0, ["SEND", "SERVE", "REPLAY", "###"]],
    ["formats where a payload stands", "", "send", 0, ["hex", "base64", "file", "EXPECT"]],
    ["what is looked at below EXPECT", "le", "expect", 0, ["length", "bytes", "u16be[0]", "SEND"]],
    ["directives in a comment", "# @timeout 1s @re", undefined, 14, ["@retries", "@timeout"]],
    [
      "names, and bytes that are computed",
      "hex 40 {{",
      "send",
      9,
      ["device", "temp", "seq", "crc16/modbus"],
    ],
    ["the types of numbers", "hex {{seq u1", "send", 10, ["u16be", "u8"]],
    ["the orders of a checksum", "{{crc16/modbus ", "send", 15, ["be", "le"]],
    ["addresses", "SEND 12", undefined, 5, ["127.0.0.1:5683", "{{device}}"]],
    ["addresses of a replay", "REPLAY boot.pcap to ", undefined, 20, ["127.0.0.1:5683"]],
    ["how many answers", "EXPECT ", "send", 7, ["1", "2..", "refused", "same"]],
    ["how long", "EXPECT 1 within ", "send", 16, ["200ms"]],
    ["operators", "bytes sta", "expect", 6, ["startsWith", "==", "not"]],
    ["operators of a condition", "WHEN text ", "serve", 10, ["matches"]],
    ["what is compared with", "bytes == ", "expect", 9, ["hex"]],
    ["who has answered", "from == ", "expect", 8, ["127.0.0.1:5683"]],
    ["a name within a string", '"{{te', "send", 3, ["temp"]],
    ["fields of definitions", "sensor.bo", "expect", 0, ["sensor.body", "sensor.body.temp"]],
    ["fields of a condition", "WHEN sen", "serve", 5, ["sensor.id"]],
    ["fields of what is written as fields", "sensor { id: 7, bo", "send", 16, ["body: ", "id: "]],
  ] as const) {
    it(`has ${what}`, () => {
      const { from: begin, texts } = proposed(before, above);
      assert.equal(begin, from);
      assert.deepEqual(
        some.filter((text) => !texts.includes(text)),
        [],
        texts.join(" "),
      );
    });
  }

  for (const [what, before] of [
    ["within a string", '"SE'],
    ["within a comment", "SEND :9 # SE"],
    ["for the value of a field", "sensor { id: 7"],
  ] as const) {
    it(`has nothing ${what}`, () => assert.deepEqual(proposed(before, "send").texts, []));
  }
});

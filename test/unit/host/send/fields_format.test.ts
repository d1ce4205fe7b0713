import assert from "node:assert/strict";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import { loadProto } from "../../../../extension/core/protobuf/protobuf.ts";
import type { LoadedUse } from "../../../../extension/host/definitions/definitions.ts";
import type { FieldsFormat } from "../../../../extension/host/send/fields_format.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const SENSOR = `
meta: {id: sensor, endian: le}
seq:
  - {id: id, type: u2}
  - {id: len, type: u1}
  - {id: name, type: str, size: len, encoding: UTF-8}
types:
  answer: {seq: [{id: code, type: u1, valid: {max: 4}}]}`;
const PROTO = 'syntax = "proto3"; package acme; message Report { uint32 id = 1; string name = 2; }';

describe("a payload that a person writes as fields", () => {
  let format: FieldsFormat;
  let textOf: typeof import("../../../../extension/host/send/fields_format.ts").encodeProblemText;

  before(async () => {
    standInForVscode();
    const { readDefinitionSetting } = await import(
      "../../../../extension/host/definitions/definition_setting.ts"
    );
    const { definitionDecoder } = await import(
      "../../../../extension/host/definitions/payload_decoder.ts"
    );
    const it = await import("../../../../extension/host/send/fields_format.ts");
    textOf = it.encodeProblemText;
    const loaded = await loadDefinition("sensor.ksy", SENSOR);
    const proto = await loadProto("report.proto", PROTO, async () => undefined);
    const { uses } = readDefinitionSetting([
      { file: "missing.ksy", port: 1 },
      { file: "sensor.ksy", port: 5005 },
      { file: "sensor.ksy", type: "answer" },
      { file: "report.proto", skip: 1 },
    ]);
    const decoders = uses.map((use) => {
      const isThere = use.file === "sensor.ksy";
      const found = use.file === "report.proto" ? { ...proto, folder: "" } : undefined;
      return definitionDecoder({
        use,
        loaded: isThere ? loaded : undefined,
        proto: found,
      } as unknown as LoadedUse);
    });
    format = new it.FieldsFormat(decoders[1], decoders);
  });

  const hex = (text: string): string => {
    const { template, problem } = { problem: undefined, ...format.read(text) };
    if (!template) return textOf(problem ?? assert.fail());
    const values = { sequence: 1n, now: 0n, random: (count: number) => new Uint8Array(count) };
    return Buffer.from(template.fill(values)).toString("hex");
  };

  it("is that of the definition that its name says, else of what is meant", () => {
    assert.equal(hex('sensor { id: 7, name: "ab" }'), "0700026162");
    assert.equal(hex('{ id: 7, name: "ab" }'), "0700026162");
    assert.equal(hex("answer { code: 3 }"), "03");
    assert.equal(hex("Report { header: ff, id: 300 }"), "ff08ac02");
    assert.equal(hex("acme.Report { header: ff, id: 300 }"), "ff08ac02");
  });

  it("says why it is none, with the names that there are", () => {
    assert.equal(
      hex("tracker { id: 7 }"),
      "no definition of udpWorkbench.definitions is called tracker: there are sensor, answer, Report",
    );
    assert.equal(
      hex("answer { code: 5 }"),
      "its definition would not read it: code is 5; it has to be 4 or less.",
    );
    assert.equal(hex("sensor { id: \u202e }"), "id is an integer, and \\u{202e} is none");
  });

  it("begins with what a datagram says, or with all fields there are", () => {
    assert.equal(format.write(Buffer.from("0700026162", "hex")), 'sensor { id: 7, name: "ab" }');
    assert.equal(format.write(Buffer.from("0700", "hex")), undefined);
    assert.equal(format.start(), 'sensor { id: 0, name: "" }');
  });
});

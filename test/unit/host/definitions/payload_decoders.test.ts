import assert from "node:assert/strict";
import { loadDecoders } from "../../../../extension/core/decode/load_decoders.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import type { LoadedUse } from "../../../../extension/host/definitions/definitions.ts";
import type { LoadedDecoders } from "../../../../extension/host/definitions/payload_decoders.ts";
import { DNS_MESSAGES } from "../../support/messages.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const TRACKER = `
meta: {id: tracker, endian: le}
seq:
  - {id: id, type: u2}
  - {id: temp, type: f4}
  - {id: points, type: point, repeat: expr, repeat-expr: 2}
  - {id: rest, type: {switch-on: id, cases: {7: point, 8: answer}}}
types:
  point: {seq: [{id: x, type: u1}]}
  answer: {seq: [{id: code, type: u1}]}
`;
const PAYLOAD = Uint8Array.of(7, 0, 0, 0, 0xac, 0x41, 1, 2, 3);

describe("the decoders of a window", () => {
  let decoders: LoadedDecoders;
  let chosen: Record<number, "json">;

  const ends = (port: number) => ({ ports: [port, 40_000], peers: [], direction: undefined });
  const dns = DNS_MESSAGES[0] ?? assert.fail("no message");

  before(() => standInForVscode());

  beforeEach(async () => {
    const { readDefinitionSetting } = await import(
      "../../../../extension/host/definitions/definition_setting.ts"
    );
    const { LoadedDecoders: Loaded } = await import(
      "../../../../extension/host/definitions/payload_decoders.ts"
    );
    const loaded = await loadDefinition("tracker.ksy", TRACKER);
    assert.ok(loaded.definition, JSON.stringify(loaded.problems));
    const { uses } = readDefinitionSetting([
      { file: "tracker.ksy", port: 5005 },
      { file: "tracker.ksy", port: 5006, type: "answer", when: "u1[0] == 7" },
      { file: "missing.ksy", port: 5007 },
    ]);
    const all = uses.map(
      (use): LoadedUse => ({ use, loaded: use.port === 5007 ? undefined : loaded }),
    );
    chosen = {};
    const of = ([port = 0]: readonly number[]) =>
      chosen[port] ? { port, decoder: chosen[port] } : undefined;
    decoders = new Loaded(await loadDecoders(), all, { of });
  });

  it("are a person's choice, else a definition of the workspace, else what port and content speak for", () => {
    const by = (port: number, payload: Uint8Array) => {
      const found = decoders.choose(ends(port), payload);
      return [found?.by, found?.decoder.id];
    };
    assert.deepEqual(by(5005, PAYLOAD), ["definition", "tracker"]);
    assert.deepEqual(by(5006, PAYLOAD), ["definition", "answer"]);
    assert.deepEqual(by(5006, Uint8Array.of(8)), [undefined, undefined]);
    assert.deepEqual(by(53, dns), ["guess", "dns"]);
    assert.deepEqual(by(9, PAYLOAD), [undefined, undefined]);
    chosen[5005] = "json";
    assert.deepEqual(by(5005, PAYLOAD), ["choice", "json"]);
  });

  it("stand side by side, with the names of their fields", () => {
    const ids = decoders.all.map(({ id }) => id);
    assert.deepEqual(ids.slice(0, 3), ["tracker", "answer", "missing.ksy"]);
    assert.ok(ids.includes("dns") && ids.includes("json"));
    const has = (name: string) => decoders.all.some(({ fields }) => fields.find(name));
    for (const name of [
      ...["tracker.temp", "tracker.points.x", "tracker.points[1].x", "answer.code"],
      // What is in it depends on what is read.
      ...["tracker.rest.code", "dns.qry.name", "json.anything"],
    ]) {
      assert.ok(has(name), name);
    }
    for (const name of ["tracker.tmp", "tracker.points.y", "answer.temp", "missing.ksy.a"]) {
      assert.ok(!has(name), name);
    }
    assert.deepEqual(decoders.all[0]?.fields.names, [
      ...["tracker.id", "tracker.temp", "tracker.points", "tracker.points.x", "tracker.rest"],
    ]);
  });

  it("say what they can of what does not fit, and why a definition says nothing", () => {
    const read = (port: number, payload: Uint8Array) =>
      decoders.choose(ends(port), payload)?.decoder.decode(payload, false);
    assert.equal(read(5005, PAYLOAD)?.problem, undefined);
    const short = read(5005, PAYLOAD.subarray(0, 5));
    assert.deepEqual(
      short?.fields?.map(({ name, value }) => [name, value]),
      [["id", "7"]],
    );
    assert.equal(short?.problem, "Does not fit: 3 bytes left, temp needs 4.");
    const missing = read(5007, PAYLOAD);
    assert.equal(missing?.fields, undefined);
    assert.match(missing?.problem ?? "", /Cannot read missing\.ksy/);
  });
});

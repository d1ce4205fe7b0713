import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { loadDecoders } from "../../../../extension/core/decode/load_decoders.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import type { CaptureSource } from "../../../../extension/host/capture/capture_source.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { DNS_MESSAGES } from "../../support/messages.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const TRACKER =
  "meta: {id: tracker, endian: le}\nseq: [{id: id, type: u2}, {id: temp, type: f4}, {id: volt, type: f4}]";
const SAMPLE = Buffer.from("07000000ac4100005040", "hex");

describe("the row of a payload that is decoded", () => {
  before(() => standInForVscode());

  /** What the rows say of these payloads, sent to a port each. */
  async function told(sent: readonly (readonly [payload: Uint8Array, port: number])[]) {
    const { datagramRow } = await import("../../../../extension/host/words/row_text.ts");
    const { decodedRows } = await import("../../../../extension/host/datagrams/decoded_rows.ts");
    const { readDefinitionSetting } = await import(
      "../../../../extension/host/definitions/definition_setting.ts"
    );
    const { LoadedDecoders } = await import(
      "../../../../extension/host/definitions/payload_decoders.ts"
    );
    const loaded = await loadDefinition("tracker.ksy", TRACKER);
    const { uses } = readDefinitionSetting([{ file: "tracker.ksy", port: 5005 }]);
    const all = uses.map((use) => ({ use, loaded }));
    const decoders = new LoadedDecoders(await loadDecoders(), all, { of: () => undefined });
    const capture = new Capture();
    const file = capture.addFile("memory");
    const sink = new FileSink({ capture, file, writer: "memory", clearedBefore: 0 });
    sink.interface({ id: 0, name: "127.0.0.1:5005", description: "", comments: [] });
    for (const [index, [{ length }, port]] of sent.entries()) {
      const [source, destination] = [40_000, port].map((one) => ({
        address: "127.0.0.1",
        port: one,
      }));
      assert.ok(source && destination);
      const time = 1_700_000_000_000_000 + index;
      sink.datagram(datagramRecord(source, destination, { time, length, capturedLength: length }));
    }
    capture.commit();
    const payload = async (id: number, limit?: number) =>
      sent[id]?.[0].subarray(0, limit) ?? assert.fail();
    const source = { capture, isLive: false, payload } as unknown as CaptureSource;
    const rows = await Promise.all(sent.map((_, id) => datagramRow(source, id)));
    return (await decodedRows(source, decoders, rows)).map(({ preview, isHex, note }) => [
      preview,
      isHex === true,
      note,
    ]);
  }

  it("has its fields, by a definition or where the bytes are no text", async () => {
    const [dns = SAMPLE] = DNS_MESSAGES;
    const [defined, guessed, json, unknown, empty] = await told([
      ...[[SAMPLE, 5005] as const, [dns, 53] as const, [Buffer.from('{"a": 1}'), 9] as const],
      ...[[SAMPLE, 9] as const, [Buffer.alloc(0), 5005] as const],
    ]);
    assert.deepEqual(defined?.slice(0, 2), ["id 7, temp 21.5, volt 3.25", false]);
    assert.match(String(guessed?.[0]), /^query /);
    assert.deepEqual(json?.slice(0, 2), ['{"a": 1}', false]);
    assert.deepEqual(unknown?.slice(0, 2), ["07 00 00 00 ac 41 00 00 50 40", true]);
    assert.deepEqual(empty?.slice(0, 2), ["", false]);
  });

  it("says where the payload does not fit, beside its bytes", async () => {
    const [row] = await told([[SAMPLE.subarray(0, 5), 5005]]);
    assert.deepEqual(row?.slice(0, 2), ["07 00 00 00 ac", true]);
    assert.match(String(row?.[2]), /^Does not fit: 3 bytes left, temp needs 4/);
  });

  it("has its bytes where only its port speaks for a protocol that it is no message of", async () => {
    const [row] = await told([[Uint8Array.of(1, 2, 3, 0xff), 53]]);
    assert.deepEqual(row?.slice(0, 2), ["01 02 03 ff", true]);
    assert.doesNotMatch(String(row?.[2]), /DNS/);
  });

  it("is decoded once, however many columns it has, and a cell is short whatever the payload", async () => {
    const { decodedRows } = await import("../../../../extension/host/datagrams/decoded_rows.ts");
    const field = { name: "x", value: "v".repeat(1000), from: 0, to: 1, fields: [] };
    let decoded = 0;
    let found = 0;
    const decoder = {
      fields: {
        find: (name: string) => {
          found++;
          return { paths: [[{ name, indices: [] }]] };
        },
      },
      decode: () => {
        decoded++;
        return { summary: "", fields: new Array(5000).fill(field), problem: undefined };
      },
    };
    const decoders = {
      isTold: () => true,
      choose: () => ({ decoder, by: "definition", origin: "" }),
    };
    const capture = new Capture();
    const sink = new FileSink({
      ...{ capture, file: capture.addFile("memory"), writer: "memory", clearedBefore: 0 },
    });
    sink.interface({ id: 0, name: "127.0.0.1:5005", description: "", comments: [] });
    const end = { address: "127.0.0.1", port: 5005 };
    sink.datagram(datagramRecord(end, end, { time: 1, length: 1, capturedLength: 1 }));
    capture.commit();
    const source = { capture, payload: async () => new Uint8Array(1) } as unknown as CaptureSource;
    const columns = Array.from({ length: 20 }, () => "x");
    const row = { id: capture.idAt(0), length: 1, isHex: true, preview: "", note: "" };
    const [shown] = await decodedRows(source, decoders as never, [row as never], columns);
    assert.deepEqual([decoded, found], [1, 20]);
    assert.equal(shown?.cells?.length, 20);
    assert.ok(shown?.cells?.every((cell) => cell.length <= 100));
  });
});

import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const TRACKER = `meta: {id: tracker}
seq:
  - {id: id, type: u1}
  - {id: points, type: point, repeat: eos}
types:
  point:
    seq:
      - {id: x, type: u1}
`;

describe("the values of a field of a definition", () => {
  before(() => standInForVscode());

  it("are those of the datagram that is selected, then of the latest, at the line that names it", async () => {
    const { FieldValues } = await import("../../../../extension/host/definitions/field_values.ts");
    const { workspace } = (await import("vscode")) as unknown as { workspace: object };
    Object.assign(workspace, { getWorkspaceFolder: () => ({ uri: { path: "/w" } }) });
    const { definition } = await loadDefinition("tracker.ksy", TRACKER);
    const capture = new Capture();
    const sink = new FileSink({
      ...{ capture, file: capture.addFile("memory"), writer: "memory", clearedBefore: 0 },
    });
    sink.interface({ id: 0, name: "127.0.0.1:5005", description: "", comments: [] });
    const payloads = Array.from({ length: 300 }, (_, index) => Uint8Array.of(index & 255, 7, 8));
    const end = { address: "127.0.0.1", port: 5005 };
    for (const [index, { length }] of payloads.entries()) {
      sink.datagram(datagramRecord(end, end, { time: index + 1, length, capturedLength: length }));
    }
    capture.commit();
    let decoded = 0;
    const definitions = {
      decode: async (payload: Uint8Array) => {
        decoded++;
        return { decoded: definition?.decode(payload) };
      },
    };
    const source = { capture, payload: async (id: number) => payloads[id] };
    const values = new FieldValues(definitions as never, () => [
      { source: source as never, selected: 3 },
    ]);
    const document = (isDirty = false) => ({ isDirty, uri: { path: "/w/tracker.ksy" } }) as never;
    const texts = async (line: number, isDirty?: boolean) =>
      (await values.at(document(isDirty), line)).map(
        ({ id, isSelected, path, text }) => `${isSelected ? "*" : ""}${id} ${path}=${text}`,
      );
    assert.deepEqual(await texts(3), [
      "*3 id=3",
      "299 id=43",
      "298 id=42",
      "297 id=41",
      "296 id=40",
    ]);
    assert.deepEqual((await texts(8)).slice(0, 3), [
      ...["*3 points[0].x=7", "*3 points[1].x=8", "299 points[0].x=7"],
    ]);
    assert.deepEqual(await texts(3, true), []);
    decoded = 0;
    // A line that names no field: as many are looked at as anybody waits for.
    assert.deepEqual(await texts(5), []);
    assert.ok(decoded <= 201, `${decoded}`);
  });
});

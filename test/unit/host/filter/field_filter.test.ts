import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { loadDecoders } from "../../../../extension/core/decode/load_decoders.ts";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import type { CaptureSource } from "../../../../extension/host/capture/capture_source.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import {
  TRACKER_DEFINITION,
  TRACKER_PORT,
  writeTrackerCapture,
} from "../../../bench/tracker_capture.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const DATAGRAMS = 1_000_000;

describe("a filter by a field of a definition", function () {
  this.timeout(180_000);
  let folder: string;

  before(async () => {
    standInForVscode();
    folder = await mkdtemp(join(tmpdir(), "udp-field-filter-"));
  });

  after(() => rm(folder, { recursive: true }));

  it("finds what it should in a million datagrams while they arrive, which is a column and exported", async () => {
    const path = join(folder, "tracker.pcapng");
    writeTrackerCapture(path, DATAGRAMS);
    const [definitions, decoding, names, filters, rowsOf, texts, exporting] = await Promise.all([
      import("../../../../extension/host/definitions/definition_setting.ts"),
      import("../../../../extension/host/definitions/payload_decoders.ts"),
      import("../../../../extension/host/filter/decoded_field_names.ts"),
      import("../../../../extension/host/filter/row_filter.ts"),
      import("../../../../extension/host/datagrams/decoded_rows.ts"),
      import("../../../../extension/host/words/row_text.ts"),
      import("../../../../extension/host/export/export_capture.ts"),
    ]);
    const loaded = await loadDefinition("tracker.ksy", TRACKER_DEFINITION);
    const { uses } = definitions.readDefinitionSetting([
      { file: "tracker.ksy", port: TRACKER_PORT },
    ]);
    const decoders = new decoding.LoadedDecoders(
      await loadDecoders(),
      uses.map((use) => ({ use, loaded })),
      { of: () => undefined },
    );
    const file = new SavedCapture(path);
    const source = {
      ...{ capture: file.capture, isLive: false, name: "tracker", evicted: 0, remarks: [] },
      ...{ onDidChange: () => ({ dispose: () => {} }), progress: undefined, cancel: () => {} },
      payload: file.payload.bind(file),
    } as unknown as CaptureSource;
    const rows = new RowList(file.capture);
    const filter = new filters.RowFilter(
      source,
      rows,
      () => {},
      async () => decoders,
    );
    const compiled = compileFilter("tracker.temp > 30", names.decodedFieldNames(decoders));
    assert.ok("filter" in compiled, JSON.stringify(compiled));
    // Each time some have come, and then once more: the filter never has all at once.
    let arrivals = 0;
    filter.apply(compiled.filter);
    await file.read({
      onProgress: () => {
        arrivals++;
        filter.update();
      },
    });
    filter.update();
    await filter.searched();
    assert.ok(arrivals > 3, `${arrivals}`);
    assert.equal(file.capture.length, DATAGRAMS);
    assert.equal(rows.length, 400_000);

    const ids = [0, 1, 2, rows.length - 1].map((row) => rows.idAt(row));
    const shown = await rowsOf.decodedRows(
      source,
      decoders,
      await Promise.all(ids.map((id) => texts.datagramRow(source, id))),
      ["tracker.temp"],
    );
    assert.ok(
      shown.every(({ cells }) => Number(cells?.[0]) > 30),
      JSON.stringify(shown),
    );
    const target = join(folder, "filtered.jsonl");
    await exporting.exportCapture({
      ...{
        source,
        ids,
        uri: { scheme: "file", fsPath: target } as never,
        format: "jsonl",
        each: "datagram",
      },
      ...{ application: "test", decoders },
    });
    const lines = (await readFile(target, "utf8")).trim().split("\n");
    const temps = lines.map((line) => {
      const { udp_workbench: ours } = JSON.parse(line);
      return ours["udp_workbench.fields"].temp as number;
    });
    assert.deepEqual(
      temps,
      shown.map(({ cells }) => Number(cells?.[0])),
    );
    await file.close();
  });
});

import { RowList } from "../../extension/core/capture/row_list.ts";
import { loadDecoders } from "../../extension/core/decode/load_decoders.ts";
import { compileFilter } from "../../extension/core/filter/compiler.ts";
import { loadDefinition } from "../../extension/core/kaitai/kaitai.ts";
import { SavedCapture } from "../../extension/host/capture/saved_capture.ts";
import { standInForVscode } from "../unit/support/vscode_stand_in.ts";
import { peakMib } from "./memory.ts";
import { TRACKER_DEFINITION, TRACKER_PORT } from "./tracker_capture.ts";

/**
 * Opens the capture file that is named on the command line and filters its rows by the condition behind that, as the
 * filter box does; without one it decodes each payload instead, to all fields with their bytes. Prints how many
 * milliseconds that took and how many rows, or fields, it came to.
 */
standInForVscode();
const [path = "", text] = process.argv.slice(2);
const { readDefinitionSetting } = await import(
  "../../extension/host/definitions/definition_setting.ts"
);
const { LoadedDecoders } = await import("../../extension/host/definitions/payload_decoders.ts");
const { decodedFieldNames } = await import("../../extension/host/filter/decoded_field_names.ts");
const { RowFilter } = await import("../../extension/host/filter/row_filter.ts");
const loaded = await loadDefinition("tracker.ksy", TRACKER_DEFINITION);
const { uses } = readDefinitionSetting([{ file: "tracker.ksy", port: TRACKER_PORT }]);
const decoders = new LoadedDecoders(
  await loadDecoders(),
  uses.map((use) => ({ use, loaded })),
  { of: () => undefined },
);
const file = new SavedCapture(path);
await file.read();
const { capture } = file;
const source = {
  capture,
  isLive: false,
  name: "bench",
  onDidChange: () => ({ dispose: () => {} }),
  payload: file.payload.bind(file),
  evicted: 0,
  remarks: [],
  progress: undefined,
  cancel: () => {},
};
const { milliseconds, found } = text === undefined ? await decodeAll() : await filterBy(text);
await file.close();
process.stdout.write(JSON.stringify({ milliseconds, found, peakMib: peakMib() }));

async function filterBy(condition: string): Promise<{ milliseconds: number; found: number }> {
  const rows = new RowList(capture);
  const filter = new RowFilter(
    source,
    rows,
    () => {},
    async () => decoders,
  );
  const start = performance.now();
  const compiled = compileFilter(condition, decodedFieldNames(decoders));
  if ("problem" in compiled) throw new Error(`Cannot filter: ${compiled.problem.reason}`);
  filter.apply(compiled.filter);
  await filter.searched();
  return { milliseconds: performance.now() - start, found: rows.length };
}

/** Of payloads that are in memory: what a table or an export of all fields asks for. */
async function decodeAll(): Promise<{ milliseconds: number; found: number }> {
  const payload = await source.payload(0);
  const decoder = decoders.all[0];
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let fields = 0;
  const start = performance.now();
  for (let number = 0; number < capture.length; number++) {
    view.setUint32(4, number, true);
    view.setFloat32(8, 20 + (number % 90) / 10, true);
    fields += decoder?.decode(payload, false).fields?.length ?? 0;
  }
  return { milliseconds: performance.now() - start, found: fields };
}

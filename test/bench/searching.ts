import { once } from "node:events";
import { RowList } from "../../extension/core/capture/row_list.ts";
import { compileFilter } from "../../extension/core/filter/compiler.ts";
import { SavedCapture } from "../../extension/host/capture/saved_capture.ts";
import { RowFilter } from "../../extension/host/filter/row_filter.ts";
import { peakMib } from "./memory.ts";

/**
 * Opens the capture file that is named on the command line, filters its rows by the text behind that, as the filter
 * box does, and prints how many milliseconds it took until all had been searched and how many rows are left.
 */
const [path = "", text = ""] = process.argv.slice(2);
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
const rows = new RowList(capture);
const told = new EventTarget();
const filter = new RowFilter(source, rows, () => told.dispatchEvent(new Event("progress")));
const start = performance.now();
const compiled = compileFilter(JSON.stringify(text));
if ("problem" in compiled) throw new Error(`Cannot search: ${compiled.problem.code}`);
filter.apply(compiled.filter);
while (filter.progress !== undefined) await once(told, "progress");
const found = rows.length;
const milliseconds = performance.now() - start;
await file.close();
process.stdout.write(JSON.stringify({ milliseconds, found, peakMib: peakMib() }));

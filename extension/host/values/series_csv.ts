import { eachSampleOverTime } from "../../core/series/curve.ts";
import { SampleState } from "../../core/series/number_sink.ts";
import type { PlotRange } from "../../webview/values/protocol.ts";
import type { Series } from "./values_answer.ts";

/** Lines of one file: more opens in no program that reads CSV. */
const MOST_LINES = 5_000_000;

/**
 * The samples of some fields between two times as CSV (RFC 4180), a line each in the order of time of each field:
 * microseconds since 1970, sender, field, value, unit. Numbers with all the digits that they have.
 */
export function* seriesCsv(
  series: readonly (Series & { readonly title: string })[],
  { from, to }: PlotRange,
): Generator<string> {
  yield "time_us,sender,field,value,unit\r\n";
  let lines = 0;
  for (const { sender, column, title } of series) {
    const head = `${cell(sender.name)},${cell(title)}`;
    const unit = cell(column.unit ?? "");
    let text = "";
    const chunks: string[] = [];
    const add = (time: number, value: string) => {
      if (++lines > MOST_LINES) return;
      text += `${time},${head},${value},${unit}\r\n`;
      if (text.length < 1 << 16) return;
      chunks.push(text);
      text = "";
    };
    if (column.hasMany) {
      eachSampleOverTime(sender, column, from, to, (time, value) => add(time, String(value)));
    } else {
      for (let at = sender.positionFrom(from); at < sender.length; at++) {
        const time = sender.timeAt(at);
        if (time > to) break;
        const row = sender.at(at);
        // What is no number is told, too: CSV has words for it.
        if (column.state(row) !== SampleState.none) add(time, String(column.value(row)));
      }
    }
    yield* chunks;
    yield text;
  }
}

/** A text that a spreadsheet takes for a formula is none: it begins with a quote. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

import { sampleNumber } from "../../../extension/core/series/number_sink.ts";
import { SeriesTable } from "../../../extension/core/series/series_table.ts";

/** 2026-11-20 12:01 UTC, microseconds since 1970. */
export const START = Date.UTC(2026, 10, 20, 12, 1) * 1000;
export const SENDER = "127.0.0.1:6006";
const STEP_US = 20_000;

/** A device that sends 50 datagrams a second, of which each hundredth is lost: what design/README.md calls the tracker. */
export function trackerTable(datagrams: number, senders = [SENDER]): SeriesTable {
  const table = new SeriesTable();
  for (let number = 1; number <= datagrams; number++) {
    const time = START + (number - 1) * STEP_US;
    for (const [index, name] of senders.entries()) {
      const id = number * senders.length + index;
      const sender = table.senderOf(name);
      if (number % 100 === 0) {
        table.gap(id, time, "lost", sender);
        continue;
      }
      const wave = Math.sin(number / 320 + index);
      // The same noise each time.
      const noise = ((number * 7919) % 101) / 1000 - 0.05;
      const series = table.begin(id, time, sender);
      series?.number("id", sampleNumber(7, true));
      series?.number("seq", sampleNumber(number, true));
      series?.number("temp", sampleNumber(21.5 + 1.4 * wave + noise, false, "°C"));
      series?.number(
        "volt",
        sampleNumber(3.28 + 0.02 * Math.cos(number / 150) + noise / 30, false, "V"),
      );
      series?.number("uptime", sampleNumber(4_812_000 + number * 20, true, "ms"));
      table.show(id);
    }
  }
  return table;
}

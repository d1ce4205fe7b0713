import { Direction } from "../files/capture_sink.ts";
import { csvLine } from "../text/csv.ts";
import { formatHex } from "../text/hex.ts";
import { printable, printableBytes } from "../text/printable.ts";
import { type ExportedDatagram, type ExportSource, exportedDatagrams } from "./export_source.ts";
import { textChunks } from "./text_chunks.ts";

/** The columns; programs read them, so they are not translated. */
const COLUMNS = [
  "number",
  "time",
  "direction",
  "socket",
  "source",
  "source_port",
  "destination",
  "destination_port",
  "length",
  "captured_length",
  "text",
  "hex",
  "comment",
  "outcome",
  "delay_us",
];
const DIRECTIONS = { [Direction.unknown]: "", [Direction.in]: "in", [Direction.out]: "out" };

/**
 * Writes datagrams as CSV (RFC 4180) with a header row. Payloads are there as printable text and in hex. A cell that a
 * spreadsheet would take for a formula has an apostrophe in front.
 */
export function exportCsv(source: ExportSource): AsyncGenerator<Uint8Array, void> {
  return textChunks(rows(source));
}

async function* rows(source: ExportSource): AsyncGenerator<string, void> {
  yield csvLine(COLUMNS);
  for await (const datagram of exportedDatagrams(source)) {
    yield csvLine(cells(datagram));
  }
}

function cells(datagram: ExportedDatagram): string[] {
  const { number, time, direction, source, destination, length, payload, comment, outcome } =
    datagram;
  return [
    String(number),
    isoTime(time),
    DIRECTIONS[direction],
    printable(datagram.interface.name),
    source.address,
    String(source.port),
    destination.address,
    String(destination.port),
    String(length),
    String(payload.length),
    printableBytes(payload),
    hex(payload),
    printable(comment),
    outcome.word,
    String(outcome.delay ?? ""),
  ];
}

/** UTC to the microsecond, which no Date has. */
function isoTime(time: number): string {
  const seconds = Math.floor(time / 1e6);
  const date = new Date(seconds * 1000).toISOString().slice(0, -5);
  return `${date}.${String(time - seconds * 1e6).padStart(6, "0")}Z`;
}

/** With 0x in front: a spreadsheet would read 31e3 as a number, and 00 as 0. */
function hex(bytes: Uint8Array): string {
  if (bytes.length === 0) return "";
  return `0x${formatHex(bytes)}`;
}

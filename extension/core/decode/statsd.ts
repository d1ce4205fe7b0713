import { printableBytes } from "../text/printable.ts";
import type { Decoded } from "./decoded.ts";
import { FieldReader } from "./field_reader.ts";
import { latin1 } from "./latin1.ts";
import { Undecodable } from "./problem.ts";

const TYPES: Readonly<Record<string, string>> = {
  c: "counter",
  g: "gauge",
  ms: "timing",
  h: "histogram",
  s: "set",
  d: "distribution",
  m: "meter",
};
/** One value; a gauge may have a sign, which makes it a change, and a set takes any word. */
const VALUE = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const LINE_FEED = 0x0a;
/** More would not fit into a line. */
const MOST_TOLD = 3;

/**
 * Metrics of StatsD, one a line: `name:value|type|@rate` (docs/metric_types.md of statsd/statsd), with the tags,
 * containers and several values that DogStatsD adds (`|#tag:value,tag`, `|c:id`, `|Ttime`, `name:1:2|type`).
 */
export function decodeStatsd(payload: Uint8Array): Decoded {
  const reader = new FieldReader(payload);
  const told: string[] = [];
  while (reader.left > 0) {
    const end = payload.indexOf(LINE_FEED, reader.at);
    const line = new FieldReader(payload, reader.at, end < 0 ? payload.length : end);
    const from = reader.at;
    const text = line.left === 0 ? "" : readMetric(line);
    reader.at = line.end;
    if (text !== "") {
      told.push(text);
      reader.add("metric", text, from, line.fields);
    }
    reader.at++;
  }
  if (told.length === 0) throw new Undecodable("empty");
  const more = told.length > MOST_TOLD ? [`+${told.length - MOST_TOLD}`] : [];
  const summary = [...told.slice(0, MOST_TOLD), ...more].join(", ");
  return { protocol: "StatsD", summary, fields: reader.fields };
}

/** Reads one line; returns it as it is. */
function readMetric(line: FieldReader): string {
  const from = line.at;
  const text = latin1(line.bytes.subarray(from, line.end));
  const [head = "", type = "", ...options] = text.split("|");
  const colon = head.indexOf(":");
  if (colon <= 0)
    throw wrong("metric", from, line.bytes.subarray(from, from + head.length), "name:value|type");
  line.text(colon, "name");
  const values = head.slice(colon + 1).split(":");
  for (const value of values) {
    line.at++;
    const bytes = line.bytes.subarray(line.at, line.at + value.length);
    if (type !== "s" && !VALUE.test(value)) throw wrong("value", line.at, bytes, "1, -2.5, ...");
    line.text(value.length, "value");
  }
  const at = line.at + 1;
  if (TYPES[type] === undefined) {
    const bytes = line.bytes.subarray(at, at + type.length);
    throw wrong("type", Math.min(at, line.end), bytes, Object.keys(TYPES).join(", "));
  }
  line.at = at + type.length;
  line.fields.push(...line.bits(at, [["type", `${TYPES[type]} (${type})`]]));
  for (const option of options) readOption(line, option);
  return printableBytes(line.bytes.subarray(from, line.end), { limit: 200 });
}

function readOption(line: FieldReader, option: string): void {
  line.at++;
  const mark = option[0] ?? "";
  const name = { "@": "sample rate", "#": "tags", c: "container", T: "timestamp" }[mark];
  const bytes = line.bytes.subarray(line.at, line.at + option.length);
  const isRate = mark !== "@" || VALUE.test(option.slice(1));
  if (name === undefined || !isRate) throw wrong("option", line.at, bytes, "@0.1, #tag:value, ...");
  const skipped = mark === "c" ? 2 : 1;
  const from = line.at;
  line.take(option.length, name);
  line.add(name, printableBytes(bytes.subarray(skipped)), from);
}

function wrong(name: string, at: number, bytes: Uint8Array, expected: string): Undecodable {
  return new Undecodable(
    "wrongValue",
    name,
    at,
    `"${printableBytes(bytes, { limit: 40 })}"`,
    expected,
  );
}

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
const CARRIAGE_RETURN = 0x0d;
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
    const behind = end < 0 ? payload.length : end;
    let line = new FieldReader(payload, reader.at, behind);
    const from = reader.at;
    if (payload[line.end - 1] === CARRIAGE_RETURN)
      line = new FieldReader(payload, from, line.end - 1);
    const text = line.left === 0 ? "" : readLine(line);
    reader.at = line.end;
    if (text !== "") {
      told.push(text);
      reader.add(kindOf(text), text, from, line.fields);
    }
    reader.at = behind + 1;
  }
  if (told.length === 0) throw new Undecodable("empty");
  const more = told.length > MOST_TOLD ? [`+${told.length - MOST_TOLD}`] : [];
  const summary = [...told.slice(0, MOST_TOLD), ...more].join(", ");
  return { protocol: "StatsD", summary, fields: reader.fields };
}

function kindOf(text: string): string {
  return text.startsWith("_e{") ? "event" : text.startsWith("_sc|") ? "service check" : "metric";
}

/** Reads one line; returns it as it is. */
function readLine(line: FieldReader): string {
  const from = line.at;
  const text = latin1(line.bytes.subarray(from, line.end));
  if (text.startsWith("_e{")) readEvent(line, text);
  else if (text.startsWith("_sc|")) readCheck(line, text);
  else readMetric(line, text);
  return printableBytes(line.bytes.subarray(from, line.end), { limit: 200 });
}

/** `_e{bytes of the title,bytes of the text}:title|text|options` of DogStatsD. */
function readEvent(line: FieldReader, text: string): void {
  const from = line.at;
  const [head = "", title, content] = /^_e\{(\d{1,5}),(\d{1,5})\}:/.exec(text) ?? [];
  if (title === undefined || content === undefined) {
    throw wrong("event", from, line.bytes.subarray(from, from + 12), "_e{5,4}:title|text");
  }
  line.take(head.length, "event");
  line.text(Number(title), "title");
  line.take(1, "event", from);
  line.text(Number(content), "text");
  readOptions(line, EVENT_OPTIONS);
}

/** `_sc|name|status|options` of DogStatsD. */
function readCheck(line: FieldReader, text: string): void {
  const [, name = "", status = ""] = text.split("|");
  line.take(4, "service check");
  line.text(name.length, "name");
  const told = CHECK_STATES[Number(status)];
  if (status.length !== 1 || told === undefined) {
    const at = Math.min(line.at + 1, line.end);
    throw wrong("status", at, line.bytes.subarray(at, at + status.length), "0, 1, 2, 3");
  }
  line.at++;
  const at = line.at;
  line.at++;
  line.add("status", `${told} (${status})`, at);
  readOptions(line, CHECK_OPTIONS);
}

const CHECK_STATES = ["OK", "warning", "critical", "unknown"];
const METRIC_OPTIONS: Options = {
  "@": "sample rate",
  "#": "tags",
  "c:": "container",
  "e:": "external data",
  "card:": "cardinality",
  T: "timestamp",
};
const EVENT_OPTIONS: Options = {
  "d:": "timestamp",
  "h:": "host name",
  "k:": "aggregation key",
  "p:": "priority",
  "s:": "source type",
  "t:": "alert type",
  "#": "tags",
  "c:": "container",
  "e:": "external data",
  "card:": "cardinality",
};
/** A message is the last of them. */
const CHECK_OPTIONS: Options = {
  "d:": "timestamp",
  "h:": "host name",
  "m:": "message",
  "#": "tags",
  "c:": "container",
  "e:": "external data",
  "card:": "cardinality",
};

/** What an option begins with, and what it is. */
type Options = Readonly<Record<string, string>>;

/** What is left of a line: options, each behind a bar. */
function readOptions(line: FieldReader, options: Options): void {
  const rest = latin1(line.bytes.subarray(line.at, line.end));
  if (rest === "") return;
  if (!rest.startsWith("|")) throw wrong("option", line.at, line.bytes.subarray(line.at), "|");
  for (const option of rest.slice(1).split("|")) readOption(line, option, options);
}

/** Several values that each have their type, as the server of Etsy takes them: `name:1|c:2|ms`. */
function readTypedValues(line: FieldReader, values: readonly string[]): void {
  for (const value of values) {
    line.at++;
    const part = new FieldReader(line.bytes, line.at, line.at + value.length);
    readValues(part, value);
    line.at = part.end;
    line.fields.push(...part.fields);
  }
}

function readMetric(line: FieldReader, text: string): void {
  const from = line.at;
  const [head = "", type = ""] = text.split("|");
  const colon = head.indexOf(":");
  if (colon <= 0)
    throw wrong("metric", from, line.bytes.subarray(from, from + head.length), "name:value|type");
  line.text(colon, "name");
  const rest = text.slice(colon + 1);
  if (type.includes(":")) readTypedValues(line, rest.split(":"));
  else {
    line.at++;
    readValues(line, rest);
  }
}

/** `value|type|options`, or several values: `1:2|type|options`. */
function readValues(line: FieldReader, text: string): void {
  const [head = "", type = "", ...options] = text.split("|");
  for (const [index, value] of head.split(":").entries()) {
    if (index > 0) line.at++;
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
  for (const option of options) readOption(line, option, METRIC_OPTIONS);
}

function readOption(line: FieldReader, option: string, options: Options): void {
  line.at++;
  const mark = Object.keys(options).find((start) => option.startsWith(start));
  const bytes = line.bytes.subarray(line.at, line.at + option.length);
  const isRate = mark !== "@" || VALUE.test(option.slice(1));
  if (mark === undefined || !isRate) throw wrong("option", line.at, bytes, "@0.1, #tag:value, ...");
  const name = options[mark] ?? "";
  const from = line.at;
  line.take(option.length, name);
  line.add(name, printableBytes(bytes.subarray(mark.length)), from);
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

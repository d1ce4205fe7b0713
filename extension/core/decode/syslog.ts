import { printableBytes } from "../text/printable.ts";
import type { Decoded } from "./decoded.ts";
import { FieldReader, VALUE_LIMIT } from "./field_reader.ts";
import { latin1 } from "./latin1.ts";
import { Undecodable } from "./problem.ts";

const FACILITIES = (
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock " +
  "local0 local1 local2 local3 local4 local5 local6 local7"
).split(" ");
const SEVERITIES = "emergency alert critical error warning notice informational debug".split(" ");
/** <PRI>, with no number above 191 and no zero in front (RFC 5424 section 6.2.1). */
const PRIORITY = /^<(0|[1-9]\d?|1[0-8]\d|19[01])>/;
/** "Oct 11 22:14:15", or what newer senders put there, and a name behind it (RFC 3164 section 4.1.2). */
const OLD_HEADER = /^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{1,40}) (\S{1,255}) /;
/** "su[230]: " (section 4.1.3). */
const OLD_TAG = /^([^\s:[\]]{1,48})(?:\[([^\]\s]{0,128})\])?: ?/;
const NIL = "-";
const SPACE = 0x20;
const QUOTE = 0x22;
const DASH = 0x2d;
const OPENING = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING = 0x5d;

/** A syslog message of either kind: RFC 5424, or what RFC 3164 saw in use. */
export function decodeSyslog(payload: Uint8Array): Decoded {
  const reader = new FieldReader(payload);
  const priority = PRIORITY.exec(latin1(payload.subarray(0, 5)))?.[1];
  if (priority === undefined) {
    const start = printableBytes(payload.subarray(0, 5));
    throw new Undecodable("wrongValue", "<PRI>", 0, start, "<0> - <191>");
  }
  reader.take(priority.length + 2, "<PRI>");
  const facility = FACILITIES[Number(priority) >> 3] ?? "";
  const severity = SEVERITIES[Number(priority) & 7] ?? "";
  reader.fields.push(
    ...reader.bits(0, [
      ["facility", `${facility} (${Number(priority) >> 3})`],
      ["severity", `${severity} (${Number(priority) & 7})`],
    ]),
  );
  const told = isNew(reader) ? readNew(reader) : readOld(reader);
  const line = [`${facility}.${severity}`, ...told].join(" ");
  return { protocol: "Syslog", summary: line, fields: reader.fields };
}

/** With a version and a time as RFC 5424 has it: a number alone may begin any message of the old kind. */
function isNew({ bytes, at }: FieldReader): boolean {
  return /^[1-9]\d{0,2} (-|\d{4}-\d\d-\d\dT\S*|\S*$) ?/.test(latin1(bytes.subarray(at, at + 60)));
}

/** RFC 5424 section 6: six words, structured data, a message. Returns application and message. */
function readNew(reader: FieldReader): string[] {
  const names = ["version", "timestamp", "host", "application", "process ID", "message ID"];
  const words = names.map((name) => readWord(reader, name));
  const next = reader.bytes[reader.at];
  // Some senders leave it out: then the message begins here.
  const isLeftOut = reader.left > 0 && next !== DASH && next !== OPENING;
  if (!isLeftOut) readStructuredData(reader);
  const application = words[3] === NIL ? "" : `${words[3]}:`;
  if (reader.left === 0) return [application].filter((text) => text !== "");
  if (!isLeftOut) {
    if (reader.bytes[reader.at] !== SPACE) throw noMeaning(reader);
    reader.at++;
  }
  const message = reader.left > 0 ? readMessage(reader) : "";
  return [application, message].filter((text) => text !== "");
}

/** A word and the space behind it. */
function readWord(reader: FieldReader, name: string): string {
  const end = reader.bytes.subarray(reader.at).indexOf(SPACE);
  if (end < 0) throw new Undecodable("endsWithin", name, reader.at);
  if (end === 0) throw noMeaning(reader);
  const text = reader.text(end, name);
  reader.at++;
  return text;
}

/** RFC 5424 section 6.3: `-`, or elements such as `[id name="value"]`. */
function readStructuredData(reader: FieldReader): void {
  if (reader.bytes[reader.at] === DASH) {
    reader.text(1, "structured data");
    return;
  }
  if (reader.bytes[reader.at] !== OPENING) throw noMeaning(reader, "structured data");
  while (reader.bytes[reader.at] === OPENING) readElement(reader);
}

function readElement(reader: FieldReader): void {
  const from = reader.at;
  const element = new FieldReader(reader.bytes, from + 1, reader.end);
  const id = element.text(lengthUntil(element, " ]", from), "ID");
  while (element.take(1, "structured data", from)[0] === SPACE) readParameter(element, from);
  reader.at = element.at;
  reader.add("structured data", id, from, element.fields);
}

/** `name="value"`; what follows is the next one or the element's end. */
function readParameter(element: FieldReader, elementFrom: number): void {
  const from = element.at;
  const name = printableBytes(element.take(lengthUntil(element, "=", elementFrom), "parameter"));
  element.at++;
  if (element.left > 0 && element.bytes[element.at] !== QUOTE) throw noMeaning(element);
  element.take(1, "parameter", from);
  const value = element.take(lengthUntil(element, '"', elementFrom), "parameter", from);
  element.at++;
  element.add(name, printableBytes(unescaped(value), { limit: VALUE_LIMIT }), from);
  const next = element.bytes[element.at];
  if (next !== undefined && next !== SPACE && next !== CLOSING) throw noMeaning(element);
}

/** Bytes up to one of these characters; what is behind a backslash does not count (RFC 5424 section 6.3.3). */
function lengthUntil(reader: FieldReader, stops: string, from: number): number {
  for (let at = reader.at; at < reader.end; at++) {
    const byte = reader.bytes[at] ?? 0;
    if (stops.includes(String.fromCharCode(byte))) return at - reader.at;
    if (byte === BACKSLASH && stops === '"') at++;
  }
  throw new Undecodable("endsWithin", "structured data", from);
}

/** A backslash before a quote, a backslash or a bracket only protects it. */
function unescaped(value: Uint8Array): Uint8Array {
  const text = latin1(value).replace(/\\(["\\\]])/g, "$1");
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** RFC 3164 section 4.1: all that it says is what is often there. */
function readOld(reader: FieldReader): string[] {
  const text = latin1(reader.bytes.subarray(reader.at, reader.at + 600));
  const header = OLD_HEADER.exec(text);
  const told: string[] = [];
  if (header) {
    const [all, timestamp = "", host = ""] = header;
    reader.text(timestamp.length, "timestamp");
    reader.at++;
    // BusyBox leaves the host out: what stands there is the tag.
    const hasHost = !host.endsWith(":");
    if (hasHost) {
      reader.text(host.length, "host");
      reader.at++;
    }
    const tag = OLD_TAG.exec(text.slice(hasHost ? all.length : timestamp.length + 1));
    if (tag) {
      const [whole, name = "", process] = tag;
      const end = reader.at + whole.length;
      told.push(`${reader.text(name.length, "application")}:`);
      reader.at++;
      if (process !== undefined) reader.text(process.length, "process ID");
      reader.at = end;
    }
  }
  if (reader.left > 0) told.push(readMessage(reader));
  return told;
}

/** The rest; a mark of UTF-8 in front of it (RFC 5424 section 6.4) is no part of what it says. */
function readMessage(reader: FieldReader): string {
  const { bytes, at } = reader;
  const hasMark = bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
  if (hasMark) reader.at += 3;
  return reader.text(reader.left, "message");
}

function noMeaning(reader: FieldReader, name = "space"): Undecodable {
  if (reader.left <= 0) return new Undecodable("endsWithin", name, reader.at);
  const byte = reader.bytes.subarray(reader.at, reader.at + 1);
  return new Undecodable("noMeaning", reader.at, printableBytes(byte));
}

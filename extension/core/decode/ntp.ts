import { printableBytes } from "../text/printable.ts";
import { formatAddress } from "../wire/address.ts";
import type { Decoded } from "./decoded.ts";
import { byName, FieldReader, hexText } from "./field_reader.ts";
import { Undecodable } from "./problem.ts";
import { ntpTimeText } from "./time_text.ts";

const MODES = [
  "reserved",
  "symmetric active",
  "symmetric passive",
  "client",
  "server",
  "broadcast",
  "control",
  "private",
];
const LEAP = ["no warning", "61 s", "59 s", "unsynchronized"];
/** Modes from here on have messages of their own (RFC 9327); nobody but `ntpq` reads them. */
const CONTROL = 6;
const STRATUM: Readonly<Record<number, string>> = {
  0: "unspecified",
  1: "primary",
  16: "unsynchronized",
};

/** A packet of the Network Time Protocol (RFC 5905 section 7.3), SNTP and versions 1 to 4. */
export function decodeNtp(payload: Uint8Array): Decoded {
  const reader = new FieldReader(payload);
  const first = reader.number(1, "mode");
  const [leap, version, mode] = [first >> 6, (first >> 3) & 7, first & 7];
  if (version < 1 || version > 4)
    throw new Undecodable("wrongValue", "version", 0, version, "1 - 4");
  reader.fields.push(
    ...reader.bits(0, [
      ["leap", `${LEAP[leap]} (${leap})`],
      ["version", String(version)],
      ["mode", `${MODES[mode]} (${mode})`],
    ]),
  );
  const summary = `${MODES[mode]}, version ${version}`;
  if (mode >= CONTROL) {
    reader.hex(reader.left, "data");
    return { protocol: "NTP", summary, fields: reader.fields };
  }
  const told = readHeader(reader);
  // Only version 4 has extension fields; before it, all that is left is a signature, however long (RFC 7822).
  if (version === 4) readExtensions(reader);
  readSignature(reader);
  return { protocol: "NTP", summary: [summary, ...told].join(", "), fields: reader.fields };
}

/** Reads the rest of the header; returns what is worth telling of it. */
function readHeader(reader: FieldReader): string[] {
  const stratum = reader.uint(1, "stratum", byName(STRATUM));
  const signed = (value: number) => (value << 24) >> 24;
  const interval = (value: number) => `2^${signed(value)} s`;
  reader.uint(1, "poll", interval);
  reader.uint(1, "precision", interval);
  reader.uint(4, "root delay", shortText);
  reader.uint(4, "root dispersion", shortText);
  const reference = readReference(reader, stratum);
  const times = ["reference", "origin", "receive", "transmit"].map((name) =>
    readTime(reader, name),
  );
  const transmit = times.at(-1) ?? "0";
  return [
    ...(stratum === 0 && reference !== "" ? [reference] : []),
    ...(stratum > 0 ? [`stratum ${stratum}`] : []),
    ...(transmit === "0" ? [] : [transmit]),
  ];
}

/** Four letters of a clock or a kiss code; from stratum 2 on the address of a server, if it is one of IPv4. */
function readReference(reader: FieldReader, stratum: number): string {
  const from = reader.at;
  const bytes = reader.take(4, "reference ID");
  const end = bytes.indexOf(0);
  const letters = end > 0 ? bytes.subarray(0, end) : bytes;
  const isZero = bytes.every((byte) => byte === 0);
  const text = isZero ? "" : stratum < 2 ? printableBytes(letters) : formatAddress(bytes, 0, 4);
  reader.add("reference ID", text, from);
  return text;
}

function readTime(reader: FieldReader, name: string): string {
  const from = reader.at;
  const seconds = reader.number(4, name);
  const fraction = reader.number(4, name, from);
  // Zero says that it is not known (section 6).
  const text = seconds === 0 && fraction === 0 ? "0" : ntpTimeText(seconds, fraction);
  reader.add(name, text, from);
  return text;
}

/** Seconds in 16 bits, and a fraction of one in 16. */
function shortText(value: number): string {
  return `${Number((value / 0x10000).toFixed(6))} s`;
}

/** Extension fields (section 7.5, RFC 7822), up to a message authentication code (section 7.3). */
function readExtensions(reader: FieldReader): void {
  while (reader.left > 24) {
    const from = reader.at;
    const type = reader.number(2, "extension");
    const length = reader.number(2, "extension", from);
    if (length < 16 || length % 4 !== 0) {
      throw new Undecodable("wrongValue", "extension length", from + 2, length, "16, 20, 24, ...");
    }
    const data = reader.take(length - 4, "extension", from);
    reader.add(`extension 0x${type.toString(16).padStart(4, "0")}`, hexText(data), from);
  }
}

function readSignature(reader: FieldReader): void {
  if (reader.left >= 4) reader.uint(4, "key ID");
  if (reader.left > 0) reader.hex(reader.left, "digest");
}

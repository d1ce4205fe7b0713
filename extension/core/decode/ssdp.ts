import { printableBytes } from "../text/printable.ts";
import type { Decoded } from "./decoded.ts";
import { FieldReader } from "./field_reader.ts";
import { latin1 } from "./latin1.ts";
import { Undecodable } from "./problem.ts";

const STARTS = "M-SEARCH * HTTP/1.1, NOTIFY * HTTP/1.1, HTTP/1.1 200 OK";
const START = /^(?:(M-SEARCH|NOTIFY) \* HTTP\/1\.[01]|HTTP\/1\.[01] \d{3}(?: .*)?)$/;
const HEADER = /^([!#$%&'*+.^_`|~\w-]+):(.*)$/;
/** What a line tells of: what is looked for, or what is there. */
const TOLD = ["ST", "NT", "NTS", "LOCATION"];

/** A message of SSDP, which finds UPnP devices: HTTP in a datagram (UPnP Device Architecture 2.0 section 1). */
export function decodeSsdp(payload: Uint8Array): Decoded {
  const reader = new FieldReader(payload);
  const start = readLine(reader);
  const text = latin1(payload.subarray(0, start));
  if (!START.test(text)) {
    const found = `"${printableBytes(payload.subarray(0, start), { limit: 40 })}"`;
    throw new Undecodable("wrongValue", "start line", 0, found, STARTS);
  }
  const shown = printableBytes(payload.subarray(0, start));
  const told = [shown.replace(/ ?\*? ?HTTP\/1\.[01] ?/, "")];
  reader.fields.push({
    name: "start line",
    value: shown,
    from: 0,
    to: start,
    fields: [],
  });
  while (reader.left > 0) {
    const from = reader.at;
    const end = readLine(reader);
    if (end === from) break;
    const [, name = "", value = ""] = HEADER.exec(latin1(payload.subarray(from, end))) ?? [];
    if (name === "")
      throw new Undecodable("noMeaning", from, printableBytes(payload.subarray(from, from + 1)));
    const shown = printableBytes(
      Uint8Array.from(value.trim(), (character) => character.charCodeAt(0)),
    );
    reader.fields.push({ name, value: shown, from, to: end, fields: [] });
    if (TOLD.includes(name.toUpperCase())) told.push(shown);
  }
  if (reader.left > 0) reader.text(reader.left, "body");
  return { protocol: "SSDP", summary: told.join(" "), fields: reader.fields };
}

/** Passes a line and its end; returns where the line ends. */
function readLine(reader: FieldReader): number {
  const feed = reader.bytes.indexOf(0x0a, reader.at);
  const end = feed < 0 ? reader.end : feed;
  reader.at = end + 1;
  return reader.bytes[end - 1] === 0x0d ? end - 1 : end;
}

import type { Decoded } from "./decoded.ts";
import { bit, byName, FieldReader, hexNumber } from "./field_reader.ts";
import { Undecodable } from "./problem.ts";

/** The static payload types (RFC 3551 section 6). */
const PAYLOAD_TYPES: Readonly<Record<number, string>> = {
  0: "PCMU",
  3: "GSM",
  4: "G723",
  5: "DVI4/8000",
  6: "DVI4/16000",
  7: "LPC",
  8: "PCMA",
  9: "G722",
  10: "L16 stereo",
  11: "L16",
  12: "QCELP",
  13: "CN",
  14: "MPA",
  15: "G728",
  16: "DVI4/11025",
  17: "DVI4/22050",
  18: "G729",
  25: "CelB",
  26: "JPEG",
  28: "nv",
  31: "H261",
  32: "MPV",
  33: "MP2T",
  34: "H263",
};

/** A packet of the Real-time Transport Protocol (RFC 3550 section 5.1): its header; the media stays bytes. */
export function decodeRtp(payload: Uint8Array): Decoded {
  const reader = new FieldReader(payload);
  const first = reader.number(1, "version");
  const version = first >> 6;
  if (version !== 2) throw new Undecodable("wrongValue", "version", 0, version, 2);
  const sources = first & 15;
  reader.fields.push(
    ...reader.bits(0, [
      ["version", "2"],
      ["padding", bit(first, 0x20)],
      ["extension", bit(first, 0x10)],
      ["CSRC count", String(sources)],
    ]),
  );
  const second = reader.number(1, "payload type");
  // The packets of its control protocol come to the same port, told apart by this byte (RFC 5761 section 4).
  if (second >= 192 && second <= 223) {
    throw new Undecodable(
      "wrongValue",
      "payload type",
      1,
      `${second} (RTCP)`,
      "0 - 191, 224 - 255",
    );
  }
  const type = byName(PAYLOAD_TYPES)(second & 0x7f);
  reader.fields.push(
    ...reader.bits(1, [
      ["marker", bit(second, 0x80)],
      ["payload type", type],
    ]),
  );
  const sequence = reader.uint(2, "sequence number");
  const timestamp = reader.uint(4, "timestamp");
  const source = hexNumber(8)(reader.uint(4, "SSRC", hexNumber(8)));
  for (let index = 0; index < sources; index++) reader.uint(4, "CSRC", hexNumber(8));
  if (first & 0x10) readExtension(reader);
  readMedia(reader, (first & 0x20) !== 0);
  const summary = `${type}, sequence ${sequence}, timestamp ${timestamp}, SSRC ${source}`;
  return { protocol: "RTP", summary, fields: reader.fields };
}

/** What an application or RFC 8285 puts between header and media (RFC 3550 section 5.3.1). */
function readExtension(reader: FieldReader): void {
  const from = reader.at;
  const extension = new FieldReader(reader.bytes, from, reader.end);
  const profile = hexNumber(4)(extension.uint(2, "profile", hexNumber(4)));
  const words = extension.uint(2, "length");
  if (words > 0) extension.hex(words * 4, "data");
  reader.at = extension.at;
  reader.add("header extension", profile, from, extension.fields);
}

function readMedia(reader: FieldReader, isPadded: boolean): void {
  const last = reader.end - 1;
  // The last byte tells how many are padding, itself among them.
  const padding = isPadded ? (reader.bytes[last] ?? 0) : 0;
  if (isPadded && (padding === 0 || padding > reader.left)) {
    throw new Undecodable("wrongValue", "padding", last, padding, `1 - ${reader.left}`);
  }
  if (reader.left > padding) reader.hex(reader.left - padding, "payload");
  if (padding > 0) reader.hex(padding, "padding bytes");
}

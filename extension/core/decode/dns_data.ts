import { printableBytes } from "../text/printable.ts";
import { formatAddress } from "../wire/address.ts";
import { nameField } from "./dns_name.ts";
import { EDNS_OPTIONS, SVCB_KEYS, typeName } from "./dns_registry.ts";
import { byName, type FieldReader, hexText } from "./field_reader.ts";

/** Reads one part of a record's data, makes a field of it, and returns it for the record's line. */
type DataPart = (data: FieldReader) => string;

const domain =
  (name: string): DataPart =>
  (data) =>
    nameField(data, name);
const uint =
  (size: 1 | 2 | 4, name: string): DataPart =>
  (data) =>
    String(data.uint(size, name));
const rest =
  (name: string): DataPart =>
  (data) =>
    hexText(data.hex(data.left, name));
const restText =
  (name: string): DataPart =>
  (data) =>
    `"${data.text(data.left, name)}"`;
const type =
  (name: string): DataPart =>
  (data) =>
    typeName(data.uint(2, name, typeName));
const time =
  (name: string): DataPart =>
  (data) =>
    dateText(data.uint(4, name, dateText));

/** A <character-string> (RFC 1035 section 3.3). */
function string(name: string): DataPart {
  return (data) => {
    const from = data.at;
    const text = printableBytes(data.take(data.number(1, name), name, from));
    data.add(name, text, from);
    return `"${text}"`;
  };
}

function several(part: DataPart): DataPart {
  return (data) => {
    const texts: string[] = [];
    while (data.left > 0) texts.push(part(data));
    return texts.join(" ");
  };
}

/** Bytes behind their length in one byte. */
function counted(name: string): DataPart {
  return (data) => {
    const from = data.at;
    const text = hexText(data.take(data.number(1, name), name, from));
    data.add(name, text, from);
    return text;
  };
}

/** Which types a name has (RFC 4034 section 4.1.2). */
function typeBitmap(data: FieldReader): string {
  const from = data.at;
  const types: string[] = [];
  while (data.left > 0) {
    const window = data.number(1, "types", from) << 8;
    const bits = data.take(data.number(1, "types", from), "types", from);
    for (let index = 0; index < bits.length * 8; index++) {
      if ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) types.push(typeName(window + index));
    }
  }
  data.add("types", types.join(" "), from);
  return types.join(" ");
}

/** EDNS options (RFC 6891 section 6.1.2). */
function ednsOption(data: FieldReader): string {
  const from = data.at;
  const name = byName(EDNS_OPTIONS)(data.number(2, "option"));
  const value = data.take(data.number(2, "option", from), "option", from);
  // Its text is meant to be read (RFC 8914 section 2).
  const text =
    name.startsWith("EXTENDED-ERROR") && value.length >= 2
      ? `${((value[0] ?? 0) << 8) | (value[1] ?? 0)} ${printableBytes(value.subarray(2))}`.trim()
      : hexText(value);
  data.add(name, text, from);
  return name;
}

/** Service parameters (RFC 9460 section 2.2). */
function serviceParameter(data: FieldReader): string {
  const from = data.at;
  const key = data.number(2, "parameter");
  const name = SVCB_KEYS[key] ?? `key${key}`;
  const value = data.part(data.number(2, name, from), name);
  const text = serviceValue(name, value);
  data.add(name, text, from);
  return text === "" ? name : `${name}=${text}`;
}

function serviceValue(name: string, value: FieldReader): string {
  if (name === "alpn") return several(string(name))(value).replaceAll('"', "").replaceAll(" ", ",");
  if (name === "port" && value.left === 2) return String(value.number(2, name));
  const size = name === "ipv4hint" ? 4 : name === "ipv6hint" ? 16 : undefined;
  const bytes = value.take(value.left, name);
  if (name === "dohpath") return printableBytes(bytes);
  if (size === undefined || bytes.length % size !== 0) return hexText(bytes);
  return Array.from({ length: bytes.length / size }, (_, index) =>
    formatAddress(bytes, index * size, size),
  ).join(",");
}

function dateText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}

const SIGNATURE: readonly DataPart[] = [
  type("type covered"),
  uint(1, "algorithm"),
  uint(1, "labels"),
  uint(4, "original TTL"),
  time("expiration"),
  time("inception"),
  uint(2, "key tag"),
  domain("signer"),
  rest("signature"),
];
const KEY = [uint(2, "flags"), uint(1, "protocol"), uint(1, "algorithm"), rest("public key")];
const DIGEST = [uint(2, "key tag"), uint(1, "algorithm"), uint(1, "digest type"), rest("digest")];
const SERVICE = [uint(2, "priority"), domain("target"), several(serviceParameter)];
const TEXTS = [several(string("text"))];
const NSEC3 = [uint(1, "hash algorithm"), uint(1, "flags"), uint(2, "iterations"), counted("salt")];
const TLSA = [uint(1, "usage"), uint(1, "selector"), uint(1, "matching type"), rest("association")];

/** What the data of a record of each type is made of, one part behind the other. */
const DATA: Readonly<Record<number, readonly DataPart[]>> = {
  1: [(data) => data.address(4, "address")],
  2: [domain("name server")],
  5: [domain("canonical name")],
  6: [
    domain("primary name server"),
    domain("mailbox"),
    ...["serial", "refresh", "retry", "expire", "minimum"].map((name) => uint(4, name)),
  ],
  12: [domain("domain name")],
  13: [string("CPU"), string("OS")],
  15: [uint(2, "preference"), domain("mail exchange")],
  16: TEXTS,
  17: [domain("mailbox"), domain("text")],
  18: [uint(2, "subtype"), domain("host")],
  24: SIGNATURE,
  25: KEY,
  28: [(data) => data.address(16, "address")],
  33: [uint(2, "priority"), uint(2, "weight"), uint(2, "port"), domain("target")],
  35: [
    uint(2, "order"),
    uint(2, "preference"),
    string("flags"),
    string("service"),
    string("regexp"),
    domain("replacement"),
  ],
  39: [domain("target")],
  41: [several(ednsOption)],
  43: DIGEST,
  44: [uint(1, "algorithm"), uint(1, "fingerprint type"), rest("fingerprint")],
  46: SIGNATURE,
  47: [domain("next name"), typeBitmap],
  48: KEY,
  50: [...NSEC3, counted("next hashed name"), typeBitmap],
  51: NSEC3,
  52: TLSA,
  53: TLSA,
  59: DIGEST,
  60: KEY,
  61: [rest("key")],
  64: SERVICE,
  65: SERVICE,
  99: TEXTS,
  256: [uint(2, "priority"), uint(2, "weight"), restText("target")],
  257: [uint(1, "flags"), string("tag"), restText("value")],
};

/** Makes fields of a record's data and returns it in one line; an unknown type's as RFC 3597 section 5 has it. */
export function readRecordData(recordType: number, data: FieldReader): string {
  const { left } = data;
  // An update says with no data that it means all of them (RFC 2136 section 2.4).
  if (left === 0) return "";
  const parts = DATA[recordType];
  const texts = parts?.map((part) => part(data)) ?? [`\\# ${left}`];
  if (data.left > 0) texts.push(rest(parts ? "left over" : "data")(data));
  return texts.filter((text) => text !== "").join(" ");
}

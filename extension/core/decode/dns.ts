import type { Decoded } from "./decoded.ts";
import { readRecordData } from "./dns_data.ts";
import { nameField } from "./dns_name.ts";
import { DNS_CLASSES, DNS_OPCODES, DNS_RCODES, DNS_TYPES, typeName } from "./dns_registry.ts";
import { bit, byName, FieldReader, hexNumber } from "./field_reader.ts";

type Dialect = "DNS" | "mDNS";

/** What the summary tells of a message. */
interface Told {
  readonly questions: string[];
  readonly answers: string[];
  rcode: number;
}

const OPT = 41;
/** mDNS has a flag where DNS has the top bit of the class (RFC 6762 sections 10.2 and 5.4). */
const MDNS_FLAG = 0x8000;
/** More would not fit into a line. */
const MOST_TOLD = 5;

/** A message of the Domain Name System (RFC 1035). */
export function decodeDns(payload: Uint8Array): Decoded {
  return decodeMessage(payload, "DNS");
}

/** A message of multicast DNS (RFC 6762). */
export function decodeMdns(payload: Uint8Array): Decoded {
  return decodeMessage(payload, "mDNS");
}

function decodeMessage(payload: Uint8Array, dialect: Dialect): Decoded {
  const reader = new FieldReader(payload);
  reader.uint(2, "ID", hexNumber(4));
  const flags = readFlags(reader);
  const told: Told = { questions: [], answers: [], rcode: flags & 15 };
  const questions = reader.uint(2, "question count");
  const counts = ["answer", "authority", "additional"].map(
    (section) => [section, reader.uint(2, `${section} count`)] as const,
  );
  for (let index = 0; index < questions; index++) readQuestion(reader, dialect, told);
  for (const [section, count] of counts) {
    for (let index = 0; index < count; index++) readRecord(reader, section, dialect, told);
  }
  if (reader.left > 0) reader.hex(reader.left, "left over");
  return { protocol: dialect, summary: summarize(flags, told), fields: reader.fields };
}

function readFlags(reader: FieldReader): number {
  const from = reader.at;
  const flags = reader.number(2, "flags");
  const opcode = (flags >> 11) & 15;
  const fields = reader.bits(from, [
    ["response", bit(flags, 0x8000)],
    ["opcode", byName(DNS_OPCODES)(opcode)],
    ["authoritative", bit(flags, 0x0400)],
    ["truncated", bit(flags, 0x0200)],
    ["recursion desired", bit(flags, 0x0100)],
    ["recursion available", bit(flags, 0x0080)],
    ["authentic data", bit(flags, 0x0020)],
    ["checking disabled", bit(flags, 0x0010)],
    ["rcode", byName(DNS_RCODES)(flags & 15)],
  ]);
  reader.add("flags", hexNumber(4)(flags), from, fields);
  return flags;
}

function readQuestion(reader: FieldReader, dialect: Dialect, told: Told): void {
  const from = reader.at;
  const question = new FieldReader(reader.bytes, from, reader.end);
  const name = nameField(question, "name");
  const type = question.uint(2, "type", byName(DNS_TYPES));
  readClass(question, dialect, "unicast response");
  const text = `${typeName(type)} ${name}`;
  told.questions.push(text);
  reader.at = question.at;
  reader.add("question", text, from, question.fields);
}

/** A resource record (RFC 1035 section 4.1.3). */
function readRecord(reader: FieldReader, section: string, dialect: Dialect, told: Told): void {
  const from = reader.at;
  const record = new FieldReader(reader.bytes, from, reader.end);
  const name = nameField(record, "name");
  const type = record.uint(2, "type", byName(DNS_TYPES));
  if (type === OPT) readExtension(record, told);
  else {
    readClass(record, dialect, "cache flush");
    record.uint(4, "TTL", (seconds) => `${seconds} s`);
  }
  const data = record.part(record.uint(2, "length"), "data");
  const start = data.at;
  const text = readRecordData(type, data);
  if (data.end > start) record.add("data", text, start, data.fields);
  if (section === "answer") told.answers.push(text || typeName(type));
  reader.at = record.at;
  reader.add(section, `${typeName(type)} ${name} ${text}`.trimEnd(), from, record.fields);
}

function readClass(reader: FieldReader, dialect: Dialect, flag: string): void {
  const from = reader.at;
  const value = reader.number(2, "class");
  const hasFlag = dialect === "mDNS";
  reader.add("class", byName(DNS_CLASSES)(hasFlag ? value & ~MDNS_FLAG : value), from);
  if (hasFlag) reader.add(flag, bit(value, MDNS_FLAG), from);
}

/** The fields that OPT has in the place of class and TTL (RFC 6891 section 6.1.3). */
function readExtension(record: FieldReader, told: Told): void {
  record.uint(2, "UDP payload size");
  const upper = record.uint(1, "upper bits of rcode");
  told.rcode |= upper << 4;
  record.uint(1, "version");
  const from = record.at;
  const flags = record.number(2, "flags");
  record.add(
    "flags",
    hexNumber(4)(flags),
    from,
    record.bits(from, [["DNSSEC OK", bit(flags, 0x8000)]]),
  );
}

function summarize(flags: number, { questions, answers, rcode }: Told): string {
  const opcode = (flags >> 11) & 15;
  const isResponse = (flags & 0x8000) !== 0;
  const kind = [...(opcode === 0 ? [] : [DNS_OPCODES[opcode] ?? `opcode ${opcode}`])];
  kind.push(isResponse ? "response" : "query");
  const asked = [...kind, list(questions)].join(" ").trimEnd();
  if (rcode !== 0) return `${asked}: ${DNS_RCODES[rcode] ?? `rcode ${rcode}`}`;
  return answers.length > 0 ? `${asked}: ${list(answers)}` : asked;
}

function list(texts: readonly string[]): string {
  const told = texts.slice(0, MOST_TOLD).join(", ");
  return texts.length > MOST_TOLD ? `${told}, +${texts.length - MOST_TOLD}` : told;
}

import assert from "node:assert/strict";
import { definitionFromStruct } from "../../../extension/core/cstruct/definition.ts";
import { C_PROBLEMS, CRefusal, lineAndColumn } from "../../../extension/core/cstruct/problem.ts";
import { TARGETS } from "../../../extension/core/cstruct/target.ts";
import type { DecodedField } from "../../../extension/core/decode/decoded.ts";
import { MOST_FIELDS } from "../../../extension/core/decode/prune.ts";
import { parseTemplate, TEMPLATE_PROBLEMS } from "../../../extension/core/payload/template.ts";
import { decodeMessage } from "../../../extension/core/protobuf/decode.ts";
import { parseProto } from "../../../extension/core/protobuf/parser.ts";
import {
  PROTO_PROBLEMS,
  ProtoRefusal,
  WIRE_PROBLEMS,
} from "../../../extension/core/protobuf/problem.ts";
import { PAYLOAD_FORMATS } from "../../../extension/core/text/payload_format.ts";
import { cpuMilliseconds } from "../../support/cpu_time.ts";
import type { FuzzTarget } from "../target.ts";

/** Some hundred bytes are read or refused at once: what is meant is for ever, not fast. */
const MOST_MS = 3000;

const STRUCTS = [
  `#define N 4
#pragma pack(push, 1)
typedef enum { A = 1, B, C = -3 } kind_t;
struct point { int16_t x, y[N]; unsigned a : 3, : 0, b : 9; } __attribute__((aligned(4)));
#pragma pack(pop)
typedef struct { kind_t kind; struct point p[2][sizeof(int)]; union { float f; u8 raw[4]; } u; char tail[]; } all_t;
_Static_assert(sizeof(all_t) > N ? 1 : 0, "x");`,
  `#ifndef X
#define X __attribute__((packed))
struct X s { const char *name; void (*call)(int, char); long double d; _Bool on : 1; __be16 port; };
#else
int f(void) { return 1; }
#endif`,
];

const PROTOS = [
  `syntax = "proto3"; package a.b; import "c.proto"; option x = { y: "z" };
message M { reserved 3 to 5, 9; repeated int32 n = 1 [packed = false]; map<string, M> m = 2; oneof o { E e = 6; bytes d = 7; }
enum E { option allow_alias = true; Z = 0; Y = -1; } } service S { rpc R (M) returns (stream M); }`,
  `edition = "2023"; message G { optional group P = 1 { required fixed64 x = 1; } extensions 100 to max; }
extend G { optional sint32 z = 100; }`,
];

const message = parseProto(
  "fuzz.proto",
  `syntax = "proto3"; message M { int32 a = 1; string s = 2; M m = 3; repeated sint64 n = 4; double d = 5; float f = 6; bytes b = 7; }`,
);
for (const { field } of message.uses) field.resolved = message.defined.get("M");
const [M = assert.fail("no message")] = message.messages;

const MESSAGES = [
  "08011202c3a91a0408021a0022050102030405290000000000000840350000c0413a0100",
  "1a021a001a0608011a0208020a0161980605",
];

const TEMPLATES = [
  "01 {{seq u16be}} {{length u16le -4}} ff {{crc16/modbus le from 2}}",
  "a{{now u64le ms}}{{random 4}}\\x7b{{crc32}}{{ CRC-8/SMBUS }}",
];

const bytesOf = (texts: readonly string[]) => texts.map((text) => new TextEncoder().encode(text));

export const protocolTargets: readonly FuzzTarget[] = [
  { name: "C structs", seeds: bytesOf(STRUCTS), check: atOnce(checkStruct) },
  { name: "proto files", seeds: bytesOf(PROTOS), check: atOnce(checkProto) },
  {
    name: "protobuf messages",
    seeds: MESSAGES.map((hex) => Buffer.from(hex, "hex")),
    check: atOnce(checkMessage),
  },
  { name: "computed payloads", seeds: bytesOf(TEMPLATES), check: atOnce(checkTemplate) },
];

function atOnce(check: (input: Uint8Array) => void): (input: Uint8Array) => void {
  return (input) => {
    const took = cpuMilliseconds(() => check(input));
    assert.ok(took < MOST_MS, `took ${took} ms`);
  };
}

const holes = (sentence: string): number => new Set(sentence.match(/\{\d\}/g)).size;

function checkStruct(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  const target = TARGETS[input.length % TARGETS.length] ?? assert.fail("no target");
  try {
    const { size } = definitionFromStruct(text, { target, endian: "be", isPacked: false });
    assert.ok(size >= 0);
  } catch (error) {
    if (!(error instanceof CRefusal)) throw error;
    assert.equal(error.words.length, holes(C_PROBLEMS[error.code]), error.code);
    const { line, column } = lineAndColumn(text, error.at);
    assert.ok(line >= 1 && column >= 1 && error.at <= text.length);
  }
}

function checkProto(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  try {
    parseProto("fuzz.proto", text);
  } catch (error) {
    if (!(error instanceof ProtoRefusal)) throw error;
    assert.equal(error.words.length, holes(PROTO_PROBLEMS[error.code]), error.code);
    assert.ok(error.at >= 0 && error.at <= text.length);
  }
}

function checkMessage(input: Uint8Array): void {
  const { fields, misfit, summary } = decodeMessage(message.defined, M, input);
  let count = 0;
  const check = (list: readonly DecodedField[], from: number, to: number): void => {
    for (const field of list) {
      count++;
      assert.ok(from <= field.from && field.from <= field.to && field.to <= to, field.name);
      assert.doesNotMatch(field.value, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      check(field.fields, field.from, field.to);
    }
  };
  check(fields, 0, input.length);
  assert.ok(count <= 2 * MOST_FIELDS);
  assert.doesNotMatch(summary, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  if (misfit) assert.equal(misfit.arguments.length, holes(WIRE_PROBLEMS[misfit.code]), misfit.code);
}

function checkTemplate(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  for (const format of PAYLOAD_FORMATS) {
    const { template, problem } = { problem: undefined, ...parseTemplate(text, format) };
    if (problem) {
      assert.equal(problem.arguments.length, holes(TEMPLATE_PROBLEMS[problem.code]), problem.code);
      continue;
    }
    const random = (count: number) => new Uint8Array(count);
    const bytes = template?.fill({ sequence: 1n, now: 2n, random });
    assert.equal(bytes?.length, template?.length);
  }
}

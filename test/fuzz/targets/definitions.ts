import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { DecodedField } from "../../../extension/core/decode/decoded.ts";
import { MOST_FIELDS } from "../../../extension/core/decode/prune.ts";
import { completeDefinition } from "../../../extension/core/kaitai/completion.ts";
import { compileCondition } from "../../../extension/core/kaitai/condition.ts";
import { decodePayload, readPayload } from "../../../extension/core/kaitai/decode.ts";
import { structText } from "../../../extension/core/kaitai/encode/fields_text.ts";
import { FIT_PROBLEMS } from "../../../extension/core/kaitai/failure.ts";
import { compileFiles, type LoadedDefinition } from "../../../extension/core/kaitai/kaitai.ts";
import { outlineOf } from "../../../extension/core/kaitai/outline.ts";
import { DEFINITION_PROBLEMS, Refusal } from "../../../extension/core/kaitai/problem.ts";
import { readDefinitionFile } from "../../../extension/core/kaitai/reader.ts";
import { YamlFile } from "../../../extension/core/kaitai/yaml_file.ts";
import { ENCODE_PROBLEMS, encoded } from "../../../extension/core/payload/encoded.ts";
import { parseFields } from "../../../extension/core/payload/written_fields.ts";
import { cpuMilliseconds } from "../../support/cpu_time.ts";
import { inflate } from "../../unit/core/kaitai/support.ts";
import type { FuzzTarget } from "../target.ts";

/** Kaitai Struct's own tests: every feature of the language is in one of them. */
const TESTS = new URL("../../data/kaitai-tests/", import.meta.url);
/** Some hundred bytes are read or refused at once: what is meant is for ever, not fast. */
const MOST_MS = 3000;

const filesOf = (folder: string, ending: string): Uint8Array[] =>
  readdirSync(new URL(folder, TESTS))
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(new URL(`${folder}${name}`, TESTS)));

const definitions = filesOf("formats/", ".ksy");
const payloads = filesOf("src/", ".bin").filter(({ length }) => length > 0 && length < 2000);

function load(text: string): LoadedDefinition {
  const yaml = new YamlFile("fuzz.ksy", text);
  const files = [readDefinitionFile(yaml)];
  return compileFiles({ files, yaml: new Map([[yaml.name, yaml]]) }, inflate);
}

const usable = definitions.flatMap(
  (bytes) => load(new TextDecoder().decode(bytes)).definition ?? [],
);
const compiled = usable.flatMap((definition) => definition.types.get(definition.id) ?? []);
assert.ok(compiled.length > 200);

/** What `when` of an entry may say. */
const conditions = [
  "u2le[0] == 0x4001 and _io.size >= 20",
  "not (u1[5] & 0x40 != 0) or s4be[_io.size - 4] < -1",
  "f4le[8] > 21.5 ? u8be[0] == 1 : [1, 2].first == u1[3]",
].map((text) => new TextEncoder().encode(text));

export const definitionTargets: readonly FuzzTarget[] = [
  { name: "conditions of definitions", seeds: conditions, check: checkCondition },
  { name: "definitions", seeds: definitions, check: checkDefinition },
  {
    name: "payloads by definitions",
    // Behind the number of the definition: two bytes.
    seeds: compiled.map((_, index) => {
      const payload = payloads[index % payloads.length] ?? new Uint8Array();
      return Uint8Array.of(index >> 8, index & 0xff, ...payload);
    }),
    check: checkPayload,
  },
  {
    name: "payloads written as fields",
    seeds: usable.flatMap((_, index) => {
      const payload = payloads[index % payloads.length] ?? new Uint8Array();
      const { root } = readPayload(compiled[index] ?? assert.fail(), payload);
      const text = structText(root, new Set(), undefined);
      return text.length > 2000
        ? []
        : [Uint8Array.of(index >> 8, index & 0xff, ...new TextEncoder().encode(text))];
    }),
    check: checkWritten,
  },
];

/** What is written is refused with a reason, or made into bytes that are read so; and these are written again. */
function checkWritten(input: Uint8Array): void {
  const [high = 0, low = 0] = input;
  const definition = usable[((high << 8) | low) % usable.length] ?? assert.fail("no definition");
  const text = new TextDecoder().decode(input.subarray(2));
  const took = cpuMilliseconds(() => {
    const result = encoded(() => definition.encode(parseFields(text)) ?? assert.fail());
    const { template, problem } = { problem: undefined, ...result };
    if (problem) {
      const holes = new Set(ENCODE_PROBLEMS[problem.code].match(/\{\d\}/g)).size;
      assert.ok(problem.arguments.length >= holes, problem.code);
      return;
    }
    const random = (count: number) => new Uint8Array(count);
    const bytes = template?.fill({ sequence: 1n, now: 2n, random }) ?? assert.fail();
    const again = definition.fieldsText(bytes);
    if (again === undefined) return;
    const { template: same } = { template: undefined, ...definition.encode(parseFields(again)) };
    assert.deepEqual(same?.fill({ sequence: 1n, now: 2n, random }), bytes);
  });
  assert.ok(took < MOST_MS, `took ${took} ms`);
}

/** A definition is taken, or refused with the place in it; and what is taken can be used. */
function checkDefinition(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  const took = cpuMilliseconds(() => {
    const { definition, problems } = load(text);
    const lines = text.split("\n");
    for (const { line, column, length, code, arguments: words, problem } of problems) {
      assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
      assert.ok(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1, `column ${column}`);
      assert.ok(length >= 0 && length <= text.length);
      const wanted = new Set(DEFINITION_PROBLEMS[code].match(/\{\d\}/g));
      assert.equal(wanted.size, words.length, code);
      assert.ok(problem.length < 2000);
    }
    // In its editor: wherever somebody writes.
    const offset = problems[0]?.line ?? input.length >> 1;
    const { from } = completeDefinition(text, Math.min(offset, text.length));
    assert.ok(from >= 0 && from <= offset);
    outlineOf(text);
    for (const type of definition?.types.values() ?? []) {
      checkFields(decodePayload(type, payloads[0] ?? input), payloads[0]?.length ?? 0);
    }
  });
  assert.ok(took < MOST_MS, `took ${took} ms`);
}

/** A condition is taken, or refused; and what is taken says yes or no of any payload. */
function checkCondition(input: Uint8Array): void {
  try {
    const isFor = compileCondition(new TextDecoder().decode(input));
    for (const payload of payloads.slice(0, 5)) assert.equal(typeof isFor(payload), "boolean");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

function checkPayload(input: Uint8Array): void {
  const type = compiled[(((input[0] ?? 0) << 8) | (input[1] ?? 0)) % compiled.length];
  assert.ok(type);
  const payload = input.subarray(2);
  const took = cpuMilliseconds(() => checkFields(decodePayload(type, payload), payload.length));
  assert.ok(took < MOST_MS, `took ${took} ms`);
}

/** Bytes of the payload, texts that no screen can be harmed by, and not without end. */
function checkFields(
  { summary, fields, misfit }: ReturnType<typeof decodePayload>,
  length: number,
): void {
  let count = 0;
  const check = (list: readonly DecodedField[], path: string): void => {
    for (const { name, value, from, to, fields: inner } of list) {
      count++;
      assert.ok(
        0 <= from && from <= to && to <= length,
        `${path}/${name}: ${from}-${to} of ${length}`,
      );
      checkText(value);
      check(inner, `${path}/${name}`);
    }
  };
  check(fields, "");
  assert.ok(count <= 2 * MOST_FIELDS);
  checkText(summary);
  if (!misfit) return;
  checkText(misfit.problem);
  assert.equal(
    FIT_PROBLEMS[misfit.code].match(/\{\d\}/g)?.length ?? 0,
    misfit.arguments.length,
    misfit.code,
  );
}

function checkText(text: string): void {
  assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
}

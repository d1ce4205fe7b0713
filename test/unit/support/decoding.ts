import assert from "node:assert/strict";
import type {
  Decoded,
  DecodedField,
  DecodeProblem,
} from "../../../extension/core/decode/decoded.ts";
import type { DecoderId } from "../../../extension/core/decode/decoder_names.ts";
import { decode } from "../../../extension/core/decode/decoders.ts";
import { DECODE_PROBLEMS } from "../../../extension/core/decode/problem.ts";
import { cpuMilliseconds } from "../../support/cpu_time.ts";

/** How many broken messages each decoder has to take. */
export const MUTATIONS = 10_000;
/** No payload is longer, and none may take longer: a screen waits for it. */
const MOST_BYTES = 65_507;
const MOST_MS = 500;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s/g, ""), "hex"));
}

/** What a message says; fails where it says nothing. */
export function decoded(id: DecoderId, payload: Uint8Array): Decoded {
  const result = decode(id, payload);
  assert.ok(!("problem" in result), `${id}: ${"problem" in result && result.problem}`);
  checkResult(result, payload);
  return result;
}

/** What is wrong with a message, in a sentence. */
export function problem(id: DecoderId, payload: Uint8Array): string {
  const result = decode(id, payload);
  assert.ok("problem" in result, JSON.stringify(result));
  checkResult(result, payload);
  return result.problem;
}

/** Each field with the path of names to it, in order: [path, value, from, to]. */
export function flat(
  fields: readonly DecodedField[],
  path = "",
): [string, string, number, number][] {
  return fields.flatMap(({ name, value, from, to, fields: inner }) => {
    const here = path === "" ? name : `${path}/${name}`;
    return [[here, value, from, to] as [string, string, number, number], ...flat(inner, here)];
  });
}

/** All fields as lines, with their bytes: "12-16 CSRC: 0x00000001". */
export function lines({ fields }: Decoded): string[] {
  return flat(fields).map(([path, value, from, to]) => `${from}-${to} ${path}: ${value}`);
}

/** The values of the fields with this path. */
export function values({ fields }: Decoded, path: string): string[] {
  return flat(fields)
    .filter(([name]) => name === path)
    .map(([, value]) => value);
}

/** Ranges inside the parent's and in order; texts that no screen can be harmed by; a sentence where there is a problem. */
export function checkResult(result: Decoded | DecodeProblem, payload: Uint8Array): void {
  if ("problem" in result) {
    assert.ok(Object.hasOwn(DECODE_PROBLEMS, result.code));
    assert.equal(
      DECODE_PROBLEMS[result.code].match(/\{\d\}/g)?.length ?? 0,
      result.arguments.length,
    );
    checkText(result.problem);
    return;
  }
  checkText(result.summary);
  checkRanges(result.fields, 0, payload.length);
}

function checkRanges(fields: readonly DecodedField[], from: number, to: number): void {
  let at = from;
  for (const field of fields) {
    assert.ok(
      field.from >= at && field.to >= field.from && field.to <= to,
      `${field.name} ${field.from}-${field.to} in ${from}-${to}, behind ${at}`,
    );
    // Several fields may share the bytes of one number.
    at = field.from;
    checkText(field.name);
    checkText(field.value);
    checkRanges(field.fields, field.from, field.to);
  }
}

function checkText(text: string): void {
  assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
}

/**
 * Decodes {@link MUTATIONS} messages that are like the samples, but not quite: no throw, no hang, no range that leads
 * out of the payload. Some still have to decode, and some not, else this tries nothing.
 */
export function shake(id: DecoderId, samples: readonly Uint8Array[]): void {
  const random = seeded(id.length * 7919 + samples.length);
  let problems = 0;
  for (let round = 0; round < MUTATIONS; round++) {
    const payload = mutated(samples, random);
    const took = cpuMilliseconds(() => {
      try {
        const result = decode(id, payload);
        checkResult(result, payload);
        if ("problem" in result) problems++;
      } catch (error) {
        throw new Error(`${id}: ${Buffer.from(payload).toString("hex")}`, { cause: error });
      }
    });
    assert.ok(took < MOST_MS, `${took} ms`);
  }
  assert.ok(problems > 0 && problems < MUTATIONS, `${problems} of ${MUTATIONS} were wrong`);
}

function mutated(samples: readonly Uint8Array[], random: (below: number) => number): Uint8Array {
  const pick = () => samples[random(samples.length)] ?? assert.fail();
  let bytes = [...pick()];
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    const other = [...pick()];
    const part = other.slice(random(other.length), random(other.length + 1));
    const kinds = [
      () => bytes.with(Math.min(at, bytes.length - 1), random(256)),
      () =>
        bytes.with(
          Math.min(at, bytes.length - 1),
          [0, 1, 0x7f, 0x80, 0xc0, 0xfe, 0xff][random(7)] ?? 0,
        ),
      () => bytes.slice(0, at),
      () => bytes.toSpliced(at, random(8)),
      () => bytes.toSpliced(at, 0, ...Array.from({ length: random(8) }, () => random(256))),
      () => bytes.toSpliced(at, part.length, ...part),
      () => [...bytes, ...bytes].slice(0, MOST_BYTES),
    ];
    if (bytes.length > 0) bytes = kinds[random(kinds.length)]?.() ?? bytes;
  }
  return Uint8Array.from(bytes);
}

/** Whole numbers from 0 that are the same in every run (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return Math.floor((((value ^ (value >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

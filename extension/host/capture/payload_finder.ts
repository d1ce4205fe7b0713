import type { DecoderId } from "../../core/decode/decoder_names.ts";
import type { Decoders } from "../../core/decode/load_decoders.ts";
import type { FieldNeedle, Needle } from "../../core/filter/needle.ts";
import { Automaton } from "../../core/regexp/automaton.ts";
import { caseVariants } from "../../core/text/case_variants.ts";
import { type PayloadChunk, SAMPLE } from "./payload_chunk.ts";

/** Puts the payloads that hold a needle into `hits`; yields whenever it can be interrupted. */
export type PayloadFinder = (chunk: PayloadChunk, hits: number[]) => Generator<void>;

/** A byte is rare where fewer than one of so many are it; measured. */
const RARE = 250;
const CALLS_BEFORE_YIELD = 4096;
/** Bytes between two chances for an interruption, where each byte may cost some microseconds. */
const SLICE_BYTES = 1024;

/** Where the next needle is from a place on; -1 where there is none. Asked for ascending places. */
type Next = (from: number) => number;

/** The quickest way to look for a needle; where it is a protocol, the decoders are needed. */
export function payloadFinder(needle: Needle, decoders?: Decoders): PayloadFinder {
  switch (needle.kind) {
    case "bytes": {
      const { at } = needle;
      const bytes = Buffer.from(needle.bytes);
      if (at !== undefined) return inEach((chunk, payload) => isAt(chunk, payload, bytes, at));
      const skip = bySkipping(bytes, bytes);
      return inAll(
        bytes.length,
        (chunk) =>
          byRareByte(chunk, bytes, bytes) ??
          skip?.(chunk) ??
          ((from) => chunk.bytes.indexOf(bytes, from)),
      );
    }
    case "text":
      return textFinder(needle.text);
    case "regexp":
      return automatonFinder(new Automaton(needle.program));
    case "protocol":
      return protocolFinder(needle.protocol, decoders);
    case "field":
      return fieldFinder(needle);
  }
}

function textFinder(text: string): PayloadFinder {
  const variants = caseVariants(text);
  const source = variants.map((forms) => choice(forms.map(codes))).join("");
  const lengths = variants.map((forms) => new Set(forms.map(({ length }) => length)));
  if (lengths.some(({ size }) => size > 1)) {
    // Two cases of different length, such as of the dotless i: where a match ends does not tell where it starts.
    const pattern = new RegExp(source);
    return inEach((chunk, payload) =>
      pattern.test(chunk.text.slice(chunk.start(payload), chunk.end(payload))),
    );
  }
  const length = variants.reduce((sum, [form]) => sum + (form?.length ?? 0), 0);
  const pattern = new RegExp(source, "g");
  const isAscii = length === variants.length;
  const lower = Uint8Array.from(variants, ([form]) => form?.[0] ?? 0);
  const upper = Uint8Array.from(variants, (forms) => forms.at(-1)?.[0] ?? 0);
  const skip = isAscii ? bySkipping(lower, upper) : undefined;
  return inAll(length, (chunk) => {
    const next = isAscii ? (byRareByte(chunk, lower, upper) ?? skip?.(chunk)) : undefined;
    if (next) return next;
    return (from) => {
      pattern.lastIndex = from;
      return pattern.test(chunk.text) ? pattern.lastIndex - length : -1;
    };
  });
}

/**
 * Looks for the byte of the needle that is rarest here, in both cases, and then at what is around it: the runtime finds
 * single bytes many at a time. Undefined where all are so frequent that it would not pay.
 */
function byRareByte(chunk: PayloadChunk, lower: Uint8Array, upper: Uint8Array): Next | undefined {
  const { bytes } = chunk;
  let rarest = SAMPLE / RARE;
  let index = -1;
  for (const [at, byte] of lower.entries()) {
    const other = upper[at] ?? byte;
    const count = chunk.frequency(byte) + (other === byte ? 0 : chunk.frequency(other));
    if (count >= rarest) continue;
    rarest = count;
    index = at;
  }
  if (index < 0) return undefined;
  const streams = [...new Set([lower[index] ?? 0, upper[index] ?? 0])].map((byte) => ({
    byte,
    at: -1,
  }));
  return (from) => {
    for (let start = from; ; start++) {
      let nearest = Number.POSITIVE_INFINITY;
      for (const stream of streams) {
        if (stream.at < start + index) {
          const found = bytes.indexOf(stream.byte, start + index);
          stream.at = found < 0 ? Number.POSITIVE_INFINITY : found;
        }
        if (stream.at < nearest) nearest = stream.at;
      }
      if (nearest === Number.POSITIVE_INFINITY) return -1;
      start = nearest - index;
      if (isEitherAt(bytes, start, lower, upper)) return start;
    }
  };
}

/** Shorter needles let no byte be skipped, or hardly any. */
const SHORTEST_SKIPPED = 3;

/**
 * Looks at the last byte of where a needle could be, and goes on by as many bytes as that allows (Horspool's way): it
 * beats a call of the runtime for each find where the needle is in every other payload. Undefined for short needles.
 */
function bySkipping(
  lower: Uint8Array,
  upper: Uint8Array,
): ((chunk: PayloadChunk) => Next) | undefined {
  if (lower.length < SHORTEST_SKIPPED) return undefined;
  const last = lower.length - 1;
  const skips = new Uint8Array(256).fill(Math.min(lower.length, 255));
  for (let at = 0; at < last; at++) {
    const skip = Math.min(last - at, 255);
    skips[lower[at] ?? 0] = skip;
    skips[upper[at] ?? 0] = skip;
  }
  const [lowerLast, upperLast] = [lower[last], upper[last]];
  return ({ bytes }) =>
    (from) => {
      for (let at = from + last; at < bytes.length; ) {
        const byte = bytes[at] ?? 0;
        const isLast = byte === lowerLast || byte === upperLast;
        if (isLast && isEitherAt(bytes, at - last, lower, upper)) return at - last;
        at += skips[byte] ?? 1;
      }
      return -1;
    };
}

function isEitherAt(bytes: Buffer, start: number, lower: Uint8Array, upper: Uint8Array): boolean {
  for (let index = 0; index < lower.length; index++) {
    const byte = bytes[start + index];
    if (byte !== lower[index] && byte !== upper[index]) return false;
  }
  return true;
}

/** Finds needles of `length` bytes in a chunk as a whole. */
function inAll(length: number, search: (chunk: PayloadChunk) => Next): PayloadFinder {
  return function* (chunk, hits) {
    const next = search(chunk);
    let payload = chunk.from;
    let found = next(chunk.start(payload));
    for (let rounds = 1; found >= 0; rounds++) {
      payload = chunk.payloadAt(found, payload);
      if (found + length <= chunk.end(payload)) hits.push(payload);
      // One hit is enough; and what starts or ends in a header is none.
      payload++;
      if (payload >= chunk.to) return;
      if (rounds % CALLS_BEFORE_YIELD === 0) yield;
      found = next(chunk.start(payload));
    }
  };
}

function inEach(holds: (chunk: PayloadChunk, payload: number) => boolean): PayloadFinder {
  return function* (chunk, hits) {
    for (let payload = chunk.from; payload < chunk.to; payload++) {
      if (chunk.isWhole(payload) && holds(chunk, payload)) hits.push(payload);
      if ((payload & 0xfff) === 0xfff) yield;
    }
  };
}

function automatonFinder(automaton: Automaton): PayloadFinder {
  return function* (chunk, hits) {
    let untilYield = SLICE_BYTES;
    for (let payload = chunk.from; payload < chunk.to; payload++) {
      if (!chunk.isWhole(payload)) continue;
      automaton.begin();
      const end = chunk.end(payload);
      let isFound = false;
      for (let at = chunk.start(payload); at < end && !isFound; ) {
        const to = Math.min(end, at + untilYield);
        isFound = automaton.feed(chunk.bytes, at, to);
        untilYield -= to - at;
        at = to;
        if (untilYield > 0) continue;
        yield;
        untilYield = SLICE_BYTES;
      }
      if (isFound || automaton.end()) hits.push(payload);
    }
  };
}

/** Most payloads can be told by their ports, or by their first bytes. */
function protocolFinder(protocol: DecoderId, decoders?: Decoders): PayloadFinder {
  return function* (chunk, hits) {
    let untilYield = SLICE_BYTES;
    for (let payload = chunk.from; payload < chunk.to; payload++) {
      if (!chunk.isWhole(payload)) continue;
      const bytes = chunk.bytes.subarray(chunk.start(payload), chunk.end(payload));
      const isCut = chunk.isCut(payload);
      if (decoders?.isMessageOf(protocol, bytes, chunk.ports(payload), isCut)) hits.push(payload);
      untilYield -= bytes.length;
      if (untilYield > 0) continue;
      yield;
      untilYield = SLICE_BYTES;
    }
  };
}

/** What is decoded may take its time: after each such payload there is a chance for an interruption. */
function fieldFinder(needle: FieldNeedle): PayloadFinder {
  return function* (chunk, hits) {
    const field = chunk.fieldOf(needle);
    if (!field) return;
    let untilYield = CALLS_BEFORE_YIELD;
    for (let payload = chunk.from; payload < chunk.to; payload++) {
      if (!chunk.isWhole(payload)) continue;
      if (field.passes(payload, chunk.bytes, chunk.start(payload), chunk.end(payload))) {
        hits.push(payload);
      }
      untilYield -= field.cost;
      if (untilYield > 0) continue;
      yield;
      untilYield = CALLS_BEFORE_YIELD;
    }
  };
}

function isAt(chunk: PayloadChunk, payload: number, bytes: Buffer, at: number): boolean {
  const start = chunk.start(payload) + at;
  const end = start + bytes.length;
  return end <= chunk.end(payload) && bytes.compare(chunk.bytes, start, end) === 0;
}

function choice(forms: readonly string[]): string {
  return forms.length === 1 ? (forms[0] ?? "") : `(?:${forms.join("|")})`;
}

function codes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

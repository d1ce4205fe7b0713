import type { Capture } from "../../core/capture/capture.ts";
import type { DecodedField } from "../../core/decode/decoded.ts";
import type { FieldPlace } from "../../core/decode/decoder_fields.ts";
import { fieldsAt } from "../../core/decode/field_path.ts";
import type { FieldNeedle, FieldTest } from "../../core/filter/needle.ts";
import type { FixedField } from "../../core/kaitai/fixed_field.ts";
import type { FieldOfPayloads } from "../capture/payload_search.ts";
import type { PayloadDecoder } from "../definitions/payload_decoder.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";
import { PayloadReaders } from "./payload_readers.ts";

/** So many reads of a number cost about as much as a decoding of the longest payload: then others get their turn. */
const DECODING = 4096;
/** Answers that are kept for whole numbers whose text has to be asked: names of an enum are few. */
const MOST_ANSWERS = 4096;

/** Looks for fields in the payloads of the datagrams from an id on, by whatever decoder each of them has. */
export function fieldSearch(
  capture: Capture,
  decoders: LoadedDecoders,
  firstId: number,
): (needle: FieldNeedle) => FieldOfPayloads {
  const searches = new Map<FieldNeedle, FieldSearch>();
  return (needle) => {
    const search = searches.get(needle) ?? new FieldSearch(capture, decoders, firstId, needle);
    searches.set(needle, search);
    return search;
  };
}

class FieldSearch implements FieldOfPayloads {
  cost = 0;
  readonly #capture: Capture;
  readonly #firstId: number;
  readonly #test: FieldTest;
  /** The decoders that can find the field. */
  readonly #readers: PayloadReaders<FieldReader>;

  constructor(
    capture: Capture,
    decoders: LoadedDecoders,
    firstId: number,
    { name, test }: FieldNeedle,
  ) {
    this.#capture = capture;
    this.#firstId = firstId;
    this.#test = test;
    this.#readers = new PayloadReaders(capture, decoders, (decoder) => {
      const place = decoder.fields.find(name);
      return place && new FieldReader(decoder, place, test);
    });
  }

  passes(index: number, bytes: Buffer, start: number, end: number): boolean {
    this.cost = 1;
    const id = this.#firstId + index;
    if (!this.#capture.has(id)) return false;
    const always = this.#readers.ofAll(id);
    if (always) {
      const { reader } = always;
      if (!reader) return false;
      const answer = reader.atItsPlace(bytes, start, end);
      if (answer !== undefined) return answer;
      return this.#decoded(reader, id, bytes.subarray(start, end));
    }
    const payload = bytes.subarray(start, end);
    this.cost = DECODING;
    const reader = this.#readers.of(id, payload);
    return reader !== undefined && this.#decoded(reader, id, payload);
  }

  #decoded(reader: FieldReader, id: number, payload: Uint8Array): boolean {
    this.cost = DECODING;
    return reader.values(payload, this.#readers.isCut(id)).some(this.#test.ofText);
  }
}

/** Reads one field by one decoder. */
class FieldReader {
  readonly #decoder: PayloadDecoder;
  readonly #place: FieldPlace;
  readonly #test: FieldTest;
  readonly #fixed: FixedField | undefined;
  readonly #answers = new Map<number, boolean>();
  #bytes: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(decoder: PayloadDecoder, place: FieldPlace, test: FieldTest) {
    this.#decoder = decoder;
    this.#place = place;
    this.#test = test;
    const [path] = place.paths;
    this.#fixed = path && place.paths.length === 1 ? decoder.fixedField?.(path) : undefined;
  }

  /** The answer where the field is at the same place in every payload; else undefined. */
  atItsPlace(bytes: Buffer, start: number, end: number): boolean | undefined {
    const fixed = this.#fixed;
    if (!fixed) return undefined;
    if (start + fixed.to > end) return false;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const value = fixed.read(this.#view, start + fixed.from);
    if (typeof value !== "number") return this.#test.ofText(fixed.text(value));
    const { ofNumber } = this.#test;
    return ofNumber?.(value) ?? this.#ofItsText(value, fixed);
  }

  #ofItsText(value: number, { text }: FixedField): boolean {
    const known = this.#answers.get(value);
    if (known !== undefined) return known;
    const answer = this.#test.ofText(text(value));
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
    this.#answers.set(value, answer);
    return answer;
  }

  /** What the field says; nothing where the payload has none. */
  values(payload: Uint8Array, isCut: boolean): string[] {
    return valuesOf(this.#decoder.decode(payload, isCut).fields, this.#place);
  }
}

/** What a field says among those that a decoder has found; nothing where it is not there. */
export function valuesOf(
  fields: readonly DecodedField[] | undefined,
  { paths, only }: FieldPlace,
): string[] {
  if (!fields) return [];
  return paths
    .flatMap((path) => fieldsAt(fields, path).map(({ value }) => value))
    .filter((value) => only?.test(value) ?? true);
}

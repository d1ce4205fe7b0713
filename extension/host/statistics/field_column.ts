import { decodedValue } from "../../core/decode/decoded_value.ts";
import type { FieldPlace } from "../../core/decode/decoder_fields.ts";
import type { FixedField } from "../../core/kaitai/fixed_field.ts";
import type { PayloadDecoder } from "../definitions/payload_decoder.ts";
import { valuesOf } from "../filter/field_search.ts";

/** Texts that are told apart; what comes after them is one. */
const MOST_TEXTS = 1 << 16;
/** Texts of numbers that are kept: names of an enum are few. */
const MOST_KEPT = 4096;
/** Longer ones are told by their start. */
const LONGEST = 200;

/** In a column of texts: a datagram that was not read yet, and one that has no such field. */
const NOT_READ = 0;
const NONE = 1;
const FIRST = 2;

/** What one field says in each datagram, by places that somebody else gives. */
export interface FieldColumn {
  /** As filters call it. */
  readonly name: string;
  reserve(length: number): void;
  /** The first `count` places are gone. */
  shift(count: number): void;
  /** What a payload says, read by a decoder that finds the field there; nothing where it has none. */
  read(place: number, reader: FieldOfDecoder | undefined, payload: PayloadBytes): void;
}

/** Where a payload lies. */
export interface PayloadBytes {
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly isCut: boolean;
}

/** How one decoder finds a field. */
export class FieldOfDecoder {
  /** Where it is at the same place in every payload. */
  readonly fixed: FixedField | undefined;
  readonly #decoder: PayloadDecoder;
  readonly #place: FieldPlace;

  constructor(decoder: PayloadDecoder, place: FieldPlace) {
    this.#decoder = decoder;
    this.#place = place;
    const [path] = place.paths;
    this.fixed = path && place.paths.length === 1 ? decoder.fixedField?.(path) : undefined;
  }

  /** The first of its values, as a person reads it; undefined where the payload has none. */
  text({ view, start, end, isCut }: PayloadBytes): string | undefined {
    const payload = new Uint8Array(view.buffer, view.byteOffset + start, end - start);
    return valuesOf(this.#decoder.decode(payload, isCut).fields, this.#place)[0];
  }
}

/** Texts, each kept once. */
export class TextColumn implements FieldColumn {
  readonly name: string;
  #values = new Uint32Array(0);
  readonly #texts: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #ofNumbers = new Map<number | bigint, number>();

  constructor(name: string) {
    this.name = name;
  }

  /** Undefined where a datagram was not read yet, and "" where it has no such field. */
  at(place: number): string | undefined {
    const value = this.#values[place] ?? NOT_READ;
    if (value === NOT_READ) return undefined;
    return value === NONE ? "" : this.#texts[value - FIRST];
  }

  reserve(length: number): void {
    if (length <= this.#values.length) return;
    const larger = new Uint32Array(Math.max(length, this.#values.length * 2));
    larger.set(this.#values);
    this.#values = larger;
  }

  shift(count: number): void {
    this.#values = this.#values.slice(count);
  }

  read(place: number, reader: FieldOfDecoder | undefined, payload: PayloadBytes): void {
    this.#values[place] = reader ? this.#read(reader, payload) : NONE;
  }

  #read(reader: FieldOfDecoder, payload: PayloadBytes): number {
    const { fixed } = reader;
    if (!fixed) return this.#valueOf(reader.text(payload));
    if (payload.start + fixed.to > payload.end) return NONE;
    const number = fixed.read(payload.view, payload.start + fixed.from);
    const known = this.#ofNumbers.get(number);
    if (known !== undefined) return known;
    const value = this.#valueOf(fixed.text(number));
    if (this.#ofNumbers.size >= MOST_KEPT) this.#ofNumbers.clear();
    this.#ofNumbers.set(number, value);
    return value;
  }

  #valueOf(text: string | undefined): number {
    if (text === undefined) return NONE;
    const told = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    const known = this.#places.get(told);
    if (known !== undefined) return known;
    const other = this.#texts.length >= MOST_TEXTS ? "…" : told;
    const place = this.#places.get(other) ?? this.#texts.push(other) - 1 + FIRST;
    this.#places.set(other, place);
    return place;
  }
}

/** Numbers. */
export class NumberColumn implements FieldColumn {
  readonly name: string;
  #values = new Float64Array(0);

  constructor(name: string) {
    this.name = name;
  }

  /** Undefined where a datagram was not read yet, has no such field, or says something else than a number there. */
  at(place: number): number | undefined {
    const value = this.#values[place];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  reserve(length: number): void {
    if (length <= this.#values.length) return;
    const larger = new Float64Array(Math.max(length, this.#values.length * 2)).fill(Number.NaN);
    larger.set(this.#values);
    this.#values = larger;
  }

  shift(count: number): void {
    this.#values = this.#values.slice(count);
  }

  read(place: number, reader: FieldOfDecoder | undefined, payload: PayloadBytes): void {
    this.#values[place] = (reader && this.#read(reader, payload)) ?? Number.NaN;
  }

  #read(reader: FieldOfDecoder, payload: PayloadBytes): number | undefined {
    const { fixed } = reader;
    if (!fixed) {
      const text = reader.text(payload);
      return text === undefined ? undefined : decodedValue(text).number;
    }
    if (payload.start + fixed.to > payload.end) return undefined;
    return Number(fixed.read(payload.view, payload.start + fixed.from));
  }
}

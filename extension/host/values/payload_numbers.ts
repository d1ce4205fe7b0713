import type { Capture } from "../../core/capture/capture.ts";
import { pathBehind } from "../../core/decode/decoder_fields.ts";
import type { FixedField } from "../../core/kaitai/fixed_field.ts";
import { fieldNumbers } from "../../core/series/field_numbers.ts";
import { stateOf } from "../../core/series/number_sink.ts";
import type { SenderSeries } from "../../core/series/sender_series.ts";
import { textNumbers } from "../../core/series/text_numbers.ts";
import { endsOf } from "../definitions/datagram_ends.ts";
import { DecoderTellers } from "../definitions/decoder_tellers.ts";
import type { PayloadDecoder } from "../definitions/payload_decoder.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";

/** So many reads of a number cost about as much as a decoding of the longest payload: then others get their turn. */
const DECODING = 4096;
/** Texts of float numbers that are kept: mostly few values come again and again. */
const MOST_TEXTS = 4096;

/** Reads the numbers of payloads: by whatever decoder each of them has, and else as text. */
export class PayloadNumbers {
  /** What the last reading has cost, in reads of one number. */
  cost = 0;
  readonly #capture: Capture;
  readonly #decoders: LoadedDecoders;
  readonly #tellers: DecoderTellers;
  readonly #fixed = new Map<PayloadDecoder, FixedNumbers | undefined>();

  constructor(capture: Capture, decoders: LoadedDecoders) {
    this.#capture = capture;
    this.#decoders = decoders;
    this.#tellers = new DecoderTellers(capture, decoders);
  }

  /**
   * Tells the numbers of a datagram, whose payload lies in `bytes` from `start` to `end`, as those of its `row`.
   *
   * @returns what the names of its decoder's fields begin with; undefined where it was read as text
   */
  read(
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
    into: SenderSeries,
    row: number,
  ): string | undefined {
    const teller = this.#tellers.of(id);
    const { always } = teller;
    const fixed = always && this.#fixedOf(always);
    if (fixed && end - start >= fixed.length) {
      this.cost = fixed.read(bytes, start, into, row);
      return always.id;
    }
    this.cost = DECODING;
    const payload = bytes.subarray(start, end);
    const decoder = teller.told(payload) ?? this.#guessed(id, payload);
    const isCut = this.#capture.capturedLength(id) < this.#capture.wireLength(id);
    const { fields } = decoder?.decode(payload, isCut) ?? {};
    if (!decoder || !fields) {
      textNumbers(payload, into);
      return undefined;
    }
    fieldNumbers(decoder.id, fields, into);
    return decoder.id;
  }

  /** Flows are gone, and others may have their numbers. */
  forget(): void {
    this.#tellers.forget();
  }

  #guessed(id: number, payload: Uint8Array): PayloadDecoder | undefined {
    return this.#decoders.choose(endsOf(this.#capture, id), payload)?.decoder;
  }

  #fixedOf(decoder: PayloadDecoder): FixedNumbers | undefined {
    if (!this.#fixed.has(decoder)) this.#fixed.set(decoder, fixedNumbers(decoder));
    return this.#fixed.get(decoder);
  }
}

/** A field that is at the same place in every payload, with the way it is called. */
interface FixedNumber {
  readonly name: string;
  readonly field: FixedField;
}

/** The fields of a definition where each of them is a number at the same place in every payload; else undefined. */
function fixedNumbers(decoder: PayloadDecoder): FixedNumbers | undefined {
  const numbers: FixedNumber[] = [];
  const names = new Set(decoder.fields.names);
  for (const name of names) {
    const { paths = [] } = decoder.fields.find(name) ?? {};
    const [path] = paths;
    const behind = pathBehind(name, decoder.id);
    const field = path && paths.length === 1 ? decoder.fixedField?.(path) : undefined;
    if (field && behind !== undefined) numbers.push({ name: behind, field });
    else if (![...names].some((other) => other.startsWith(`${name}.`))) return undefined;
  }
  return numbers.length > 0 ? new FixedNumbers(numbers) : undefined;
}

class FixedNumbers {
  /** Shorter payloads do not have all of them. */
  readonly length: number;
  readonly #numbers: readonly FixedNumber[];
  readonly #texts = new Map<number, number>();
  #bytes: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(numbers: readonly FixedNumber[]) {
    this.#numbers = numbers;
    this.length = Math.max(...numbers.map(({ field }) => field.to));
  }

  /** @returns what it has cost */
  read(bytes: Buffer, start: number, into: SenderSeries, row: number): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    for (const { name, field } of this.#numbers) {
      const column = into.column(name, 1);
      if (!column) continue;
      const read = field.read(this.#view, start + field.from);
      const value = field.kind === "float" ? this.#shown(Number(read), field) : Number(read);
      column.setNumber(row, value, stateOf(value, field.kind !== "float"));
      if (field.kind === "enum") column.label(value, labelOf(field.text(read)));
    }
    return this.#numbers.length;
  }

  /** A float of four bytes with the digits that it is shown with, as it is where a payload is decoded as a whole. */
  #shown(value: number, field: FixedField): number {
    if (field.to - field.from > 4 || !Number.isFinite(value)) return value;
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    const shown = Number(field.text(value));
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    this.#texts.set(value, shown);
    return shown;
  }
}

/** `A` of `A (1)`. */
function labelOf(text: string): string {
  return text.replace(/ \(-?\d+\)$/, "");
}

import type { FieldNeedle } from "../../core/filter/needle.ts";
import type { FieldOfPayloads, PayloadRun } from "./payload_search.ts";

/** Bytes that tell how frequent each one is. */
export const SAMPLE = 8192;

/** A stretch of a file with whole payloads in it, and other bytes between them. */
export class PayloadChunk {
  readonly bytes: Buffer;
  readonly #base: number;
  readonly #offsets: ArrayLike<number>;
  readonly #lengths: ArrayLike<number>;
  /** The payloads: indices into the run, `from` up to, but not including, `to`. */
  readonly from: number;
  readonly to: number;
  readonly ports: (payload: number) => readonly number[];
  readonly isCut: (payload: number) => boolean;
  readonly fieldOf: (needle: FieldNeedle) => FieldOfPayloads | undefined;
  #text: string | undefined;
  #frequencies: Uint16Array | undefined;

  /** `base`: what is taken off `offsets` to get places in `bytes`. */
  constructor(
    bytes: Buffer,
    base: number,
    run: Pick<PayloadRun, "offsets" | "lengths" | "ports" | "isCut" | "fieldOf">,
    from: number,
    to: number,
  ) {
    this.bytes = bytes;
    this.#base = base;
    this.#offsets = run.offsets;
    this.#lengths = run.lengths;
    this.ports = run.ports ?? (() => []);
    this.isCut = run.isCut ?? (() => false);
    this.fieldOf = run.fieldOf ?? (() => undefined);
    this.from = from;
    this.to = to;
  }

  /** The bytes as characters: regular expressions of the engine are the quickest search in any case. */
  get text(): string {
    const text = this.#text ?? this.bytes.toString("latin1");
    this.#text = text;
    return text;
  }

  /** How many of {@link SAMPLE} bytes from all over the chunk are this one. */
  frequency(byte: number): number {
    this.#frequencies ??= sample(this.bytes);
    return this.#frequencies[byte] ?? 0;
  }

  start(payload: number): number {
    return (this.#offsets[payload] ?? 0) - this.#base;
  }

  end(payload: number): number {
    return this.start(payload) + (this.#lengths[payload] ?? 0);
  }

  /** True where the file was long enough. */
  isWhole(payload: number): boolean {
    return this.end(payload) <= this.bytes.length;
  }

  /** The last payload, from `after` on, that does not start behind `place`; `after` where none does. */
  payloadAt(place: number, after: number): number {
    // In steps that grow, as the next one is mostly near.
    let low = after;
    let step = 1;
    while (low + step < this.to && this.start(low + step) <= place) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step, this.to);
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.start(middle) <= place) low = middle;
      else high = middle;
    }
    return low;
  }
}

function sample(bytes: Uint8Array): Uint16Array {
  const counts = new Uint16Array(256);
  // An odd step, as records often have an even size.
  const step = Math.max(1, Math.floor(bytes.length / SAMPLE)) | 1;
  for (let at = 0; at < bytes.length; at += step) {
    const byte = bytes[at] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  return counts;
}

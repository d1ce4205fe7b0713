import type { Capture } from "../../core/capture/capture.ts";
import { DecoderTellers } from "../definitions/decoder_tellers.ts";
import type { PayloadDecoder } from "../definitions/payload_decoder.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";

/** Something that reads payloads by a decoder, for those decoders that can find what is looked for; and which one is for which payload. */
export class PayloadReaders<Reader> {
  readonly #capture: Capture;
  readonly #readers: ReadonlyMap<PayloadDecoder, Reader>;
  readonly #tellers: DecoderTellers;

  /** @param readerOf undefined where a decoder never finds what is looked for */
  constructor(
    capture: Capture,
    decoders: LoadedDecoders,
    readerOf: (decoder: PayloadDecoder) => Reader | undefined,
  ) {
    this.#capture = capture;
    this.#tellers = new DecoderTellers(capture, decoders);
    this.#readers = new Map(
      decoders.all.flatMap((decoder) => {
        const reader = readerOf(decoder);
        return reader ? [[decoder, reader] as const] : [];
      }),
    );
  }

  /**
   * What reads all datagrams that went the same way as this one, where its decoder is the same for each; its reader is undefined
   * where that finds nothing. Undefined: the payload tells.
   */
  ofAll(id: number): { readonly reader: Reader | undefined } | undefined {
    const { always } = this.#tellers.of(id);
    return always && { reader: this.#readers.get(always) };
  }

  /** What reads a payload; undefined where no decoder that finds something does. */
  of(id: number, payload: Uint8Array): Reader | undefined {
    const told = this.#tellers.of(id).told(payload);
    return told ? this.#readers.get(told) : this.#guessed(id, payload);
  }

  isCut(id: number): boolean {
    return this.#capture.capturedLength(id) < this.#capture.wireLength(id);
  }

  /** Where nobody says what reads it. */
  #guessed(id: number, payload: Uint8Array): Reader | undefined {
    const { sourcePort, destinationPort } = this.#capture.flow(id);
    for (const [{ speaks }, reader] of this.#readers) {
      if (speaks?.(payload, [sourcePort, destinationPort], this.isCut(id))) return reader;
    }
    return undefined;
  }
}

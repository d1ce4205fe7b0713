import type { Capture } from "../../core/capture/capture.ts";
import { endsOf } from "./datagram_ends.ts";
import type { DecoderTeller, LoadedDecoders } from "./payload_decoders.ts";

/** Flows are few where there are many datagrams; else what is known of them is found out anew. */
const MOST_FLOWS = 10_000;
const FLOWS = 2 ** 26;

/** What is said of many datagrams of a capture: once for all that went the same way and were recorded at the same ends. */
export class DecoderTellers {
  readonly #capture: Capture;
  readonly #decoders: LoadedDecoders;
  readonly #tellers = new Map<number, DecoderTeller>();

  constructor(capture: Capture, decoders: LoadedDecoders) {
    this.#capture = capture;
    this.#decoders = decoders;
  }

  of(id: number): DecoderTeller {
    const capture = this.#capture;
    const other = capture.isReceived(id) ? capture.flowId(capture.partner(id)) : FLOWS - 1;
    const key = capture.flowId(id) * FLOWS + other;
    const known = this.#tellers.get(key);
    if (known) return known;
    if (this.#tellers.size >= MOST_FLOWS) this.#tellers.clear();
    const teller = this.#decoders.tellerOf(endsOf(capture, id));
    this.#tellers.set(key, teller);
    return teller;
  }

  /** Flows are gone, and others may have their numbers. */
  forget(): void {
    this.#tellers.clear();
  }
}

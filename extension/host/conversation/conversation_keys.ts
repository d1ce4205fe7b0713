import {
  exchangeKey,
  KEY_BYTES,
  KEYED_PROTOCOLS,
  type KeyedProtocol,
} from "../../core/capture/exchange_key.ts";
import { loadDecoders } from "../../core/decode/load_decoders.ts";
import type { CaptureSource } from "../capture/capture_source.ts";

/** The keys of more datagrams would keep more payloads busy than the times are worth. */
const MOST_DATAGRAMS = 20_000;

/** What ties the answers of one conversation to their requests, where its protocol has ids. */
export class ConversationKeys {
  readonly #source: CaptureSource;
  readonly #ports: readonly number[];
  readonly #keys = new Map<number, string | undefined>();
  /** Undefined until the first datagram has told. */
  #protocol: KeyedProtocol | "none" | undefined;

  constructor(source: CaptureSource, ports: readonly number[]) {
    this.#source = source;
    this.#ports = ports;
  }

  /** Reads what is new among these datagrams. */
  async load(ids: readonly number[]): Promise<void> {
    const [first] = ids;
    if (first === undefined || ids.length > MOST_DATAGRAMS) return;
    this.#protocol ??= await this.#guess(first);
    const protocol = this.#protocol;
    if (protocol === "none") return;
    const { capture } = this.#source;
    for (const id of this.#keys.keys()) if (!capture.has(id)) this.#keys.delete(id);
    const unread = ids.filter((id) => !this.#keys.has(id) && capture.has(id));
    for (const id of unread) {
      this.#keys.set(id, exchangeKey(protocol, await this.#payload(id, KEY_BYTES)));
    }
  }

  readonly keyOf = (id: number): string | undefined => this.#keys.get(id);

  /** Of a datagram that is cleared meanwhile, nothing. */
  async #payload(id: number, limit?: number): Promise<Uint8Array> {
    try {
      return await this.#source.payload(id, limit);
    } catch {
      return new Uint8Array();
    }
  }

  async #guess(id: number): Promise<KeyedProtocol | "none"> {
    const payload = await this.#payload(id);
    const { guessDecoder } = await loadDecoders();
    const decoder = guessDecoder(payload, this.#ports);
    // Queries of mDNS have the id 0, all of them (RFC 6762 section 18.1).
    return KEYED_PROTOCOLS.find((protocol) => protocol === decoder) ?? "none";
  }
}

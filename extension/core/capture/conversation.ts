/**
 * Which answer belongs to which request, as far as that can be known: UDP has no replies, only datagrams that go
 * the other way.
 */
import { WaitingRequests } from "./waiting_requests.ts";

/** A datagram of a conversation, as the end that asks sees it. */
export interface ExchangedDatagram {
  readonly id: number;
  /** It comes from the end that sent first. */
  readonly isRequest: boolean;
  /** Microseconds since 1970: of a request when it left, of an answer when it came. */
  readonly time: number;
  /** `lost`: it is known not to have arrived. `extra`: it came once more than it was sent. */
  readonly fate: "passed" | "lost" | "extra";
  /** What the protocol ties an answer to its request with, such as the id of a DNS query; undefined where nothing. */
  readonly key?: string | undefined;
}

/** A request and the datagram that can only be its answer. */
export interface Exchange {
  readonly request: number;
  readonly answer: number;
  readonly microseconds: number;
}

export interface Conversation {
  readonly requests: number;
  readonly answers: number;
  /** In either direction. */
  readonly lost: number;
  /** In the order of their answers. */
  readonly exchanges: readonly Exchange[];
  /** Of the exchanges, in microseconds; undefined where there is none. */
  readonly median: number | undefined;
  readonly p99: number | undefined;
}

/**
 * Pairs the datagrams of one conversation, in the order of their times.
 *
 * Where the protocol has ids, a request and an answer of the same id belong together. Elsewhere an answer is told only where
 * {@link WaitingRequests} know it. What cannot be told is counted and not measured. This is right as long as a request is
 * answered once and, where others follow, within a second.
 */
export function converse(datagrams: readonly ExchangedDatagram[]): Conversation {
  const byKey = new Map<string, ExchangedDatagram | "ambiguous">();
  const waiting = new WaitingRequests<ExchangedDatagram>();
  const exchanges: Exchange[] = [];
  let requests = 0;
  let answers = 0;
  let lost = 0;
  for (const datagram of datagrams) {
    const { id, isRequest, time, fate, key } = datagram;
    if (fate === "extra") continue;
    if (isRequest) requests++;
    else answers++;
    if (fate === "lost") {
      lost++;
      continue;
    }
    if (isRequest) {
      // Sent again with the same id: the answer may be to either.
      if (key !== undefined) byKey.set(key, byKey.has(key) ? "ambiguous" : datagram);
      else waiting.add(datagram);
      continue;
    }
    const request = key === undefined ? waiting.answered() : byKey.get(key);
    if (key !== undefined) byKey.delete(key);
    if (request === undefined || request === "ambiguous") continue;
    exchanges.push({ request: request.id, answer: id, microseconds: time - request.time });
  }
  const times = exchanges.map(({ microseconds }) => microseconds).sort((a, b) => a - b);
  return {
    requests,
    answers,
    lost,
    exchanges,
    median: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  };
}

/**
 * The smallest of the sorted values that is not exceeded by the share `share` of them (nearest rank); undefined
 * where there is none.
 */
export function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

import type { Capture } from "../../core/capture/capture.ts";
import { peerEnd } from "../../core/capture/peers.ts";
import { Direction } from "../../core/files/capture_sink.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { WrittenRules } from "./network.ts";

/** What became of the datagrams that rules are for, as their records say it. */
export interface RuleCounts {
  /** How many met them; of those: */
  readonly met: number;
  readonly dropped: number;
  readonly corrupted: number;
  readonly copies: number;
  readonly delayed: number;
  /** Of all that were delayed, together. */
  readonly delayMs: number;
}

/** Counts what the rules of one socket, for one peer or for all others, do from now on. */
export class RuleCounter {
  readonly #place: number;
  readonly #peer: string | undefined;
  /** Those that have rules of their own. */
  readonly #others: ReadonlySet<string>;
  readonly #ways: ReadonlySet<Direction>;
  readonly counts = { met: 0, dropped: 0, corrupted: 0, copies: 0, delayed: 0, delayMs: 0 };

  /** @param place see CapturedSocket.place */
  constructor(place: number, rules: WrittenRules, peer: string | undefined) {
    this.#place = place;
    this.#peer = peer;
    const own = rules.filter((rule) => rule.peer === peer);
    this.#ways = new Set(own.map(({ direction }) => Direction[direction]));
    this.#others = new Set(rules.flatMap((rule) => (rule.peer === undefined ? [] : [rule.peer])));
  }

  /** Takes these records in, each once: their ids from `from` to `end`. */
  take(capture: Capture, from: number, end: number): void {
    for (let id = from; id < end; id++) {
      if (!capture.has(id)) continue;
      const flow = capture.flow(id);
      if (flow.socket !== this.#place || !this.#ways.has(flow.direction)) continue;
      if (!this.#isMeant(formatEndpoint(peerEnd(flow)))) continue;
      this.#count(capture, id);
    }
  }

  #isMeant(peer: string): boolean {
    return this.#peer === undefined ? !this.#others.has(peer) : this.#peer === peer;
  }

  #count(capture: Capture, id: number): void {
    const { counts } = this;
    const effect = capture.datagrams.ruleEffect(id);
    counts.met++;
    if (effect?.dropped !== undefined) counts.dropped++;
    if (effect?.flippedBit !== undefined) counts.corrupted++;
    if (effect?.isCopy) counts.copies++;
    if (effect?.delayMs !== undefined) {
      counts.delayed++;
      counts.delayMs += effect.delayMs;
    }
  }
}

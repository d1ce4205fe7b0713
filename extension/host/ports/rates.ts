import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { RATE_SECONDS, RateHistory, sparkline, sums } from "../../core/system/rate_history.ts";

/** Blocks of the short sparkline. */
const SHORT_BLOCKS = 10;

/** The rates of a port in the last half minute. */
export interface PortRates {
  /** Datagrams in the latest whole second. */
  readonly in: number;
  readonly out: number;
  /** Both directions, ten blocks of three seconds; "" where nothing passed. */
  readonly short: string;
  /** One block a second, the oldest first; "" where nothing passed. */
  readonly inLine: string;
  readonly outLine: string;
}

/**
 * How fast datagrams pass each bound port, from the counts of the capture. `now` is in seconds by the monotonic clock:
 * the time of day may be set.
 */
export class Rates {
  readonly #histories = new Map<number, { received: RateHistory; sent: RateHistory }>();

  /** Takes the counts as they are now. */
  tell(sockets: readonly CapturedSocket[], now = performance.now() / 1000): void {
    const open = new Set(sockets.map(({ id }) => id));
    for (const id of this.#histories.keys()) if (!open.has(id)) this.#histories.delete(id);
    for (const { id, received, sent, boundAt } of sockets) {
      let history = this.#histories.get(id);
      if (!history) {
        // What was there when we came says nothing of the rate, unless the port is new as well.
        const isNew = boundAt !== undefined && Date.now() / 1000 - boundAt / 1e6 < 1;
        history = {
          received: new RateHistory(isNew ? 0 : received, now),
          sent: new RateHistory(isNew ? 0 : sent, now),
        };
        this.#histories.set(id, history);
      }
      history.received.tell(received, now);
      history.sent.tell(sent, now);
    }
  }

  of({ id }: CapturedSocket, now = performance.now() / 1000): PortRates {
    const history = this.#histories.get(id);
    if (!history) return { in: 0, out: 0, short: "", inLine: "", outLine: "" };
    const received = history.received.seconds(now);
    const sent = history.sent.seconds(now);
    const both = received.map((value, index) => value + (sent[index] ?? 0));
    return {
      in: history.received.rate(now),
      out: history.sent.rate(now),
      short: sparkline(sums(both, RATE_SECONDS / SHORT_BLOCKS)),
      inLine: sparkline(received),
      outLine: sparkline(sent),
    };
  }
}

import type { Capture } from "../../core/capture/capture.ts";
import { Delivery } from "../../core/capture/delivery.ts";
import { displayFlow } from "../../core/capture/peers.ts";
import type { RowList } from "../../core/capture/row_list.ts";
import { Direction } from "../../core/files/capture_sink.ts";
import type { Overview } from "../../webview/datagrams/protocol.ts";

/** Rows that are counted before the event loop gets its turn: a few milliseconds, also where each asks who was watched. */
const ROWS_AT_ONCE = 10_000;

/** Counts for one page. Who asks again ends the count before. */
export class OverviewCounter {
  #counting = new AbortController();

  /** See {@link countOverTime}. */
  count(capture: Capture, rows: RowList, steps: number): Promise<Overview | undefined> {
    this.#counting.abort();
    this.#counting = new AbortController();
    return countOverTime(capture, rows, steps, this.#counting.signal);
  }
}

/**
 * Counts the rows over time in `steps` equal steps: received, sent, lost, dropped by a rule. Undefined when `signal` ended it, because
 * somebody asked again.
 */
async function countOverTime(
  capture: Capture,
  rows: RowList,
  steps: number,
  signal: AbortSignal,
): Promise<Overview | undefined> {
  const { length } = rows;
  const from = length > 0 ? capture.time(rows.idAt(0)) : 0;
  const to = length > 0 ? capture.time(rows.idAt(length - 1)) : 0;
  const width = Math.max(1, (to - from + 1) / steps);
  const zeros = () => new Array<number>(steps).fill(0);
  const counts: Counts = { received: zeros(), sent: zeros(), lost: zeros(), dropped: zeros() };
  for (let row = 0; row < length; row++) {
    if (row > 0 && row % ROWS_AT_ONCE === 0) {
      await new Promise(setImmediate);
      // Rows that were taken away meanwhile cannot be asked for; the change has the page ask again.
      if (signal.aborted || rows.length < length) return undefined;
    }
    const id = rows.idAt(row);
    const step = Math.min(steps - 1, Math.floor((capture.time(id) - from) / width));
    const ofKind = counts[kindOf(capture, id)];
    ofKind[step] = (ofKind[step] ?? 0) + 1;
  }
  return { from, to, ...counts };
}

type Counts = Record<"received" | "sent" | "lost" | "dropped", number[]>;

function kindOf(capture: Capture, id: number): keyof Counts {
  const delivery = capture.delivery(id);
  if (delivery === Delivery.lost) return "lost";
  if (delivery === Delivery.dropped) return "dropped";
  // Where a file does not tell the direction, a datagram was seen passing: it counts as received.
  return displayFlow(capture, id).direction === Direction.out ? "sent" : "received";
}

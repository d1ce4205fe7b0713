import type { Capture } from "../capture/capture.ts";
import { Delivery } from "../capture/delivery.ts";
import { Direction } from "../files/capture_sink.ts";

/** What became of a datagram, in the words of the filter: `is:lost` finds those that are told to be "lost". */
export interface Outcome {
  /** Empty where the capture does not tell who sent. */
  readonly word:
    | ""
    | "sent"
    | "received"
    | "delivered"
    | "lost"
    | "refused"
    | "unclear"
    | "duplicate"
    | "dropped"
    | "failed";
  /** Microseconds from the record of its sender to that of its receiver, where both have one. */
  readonly delay: number | undefined;
}

/** The outcome of a record; all records of one datagram have the same. */
export function outcomeOf(capture: Capture, id: number): Outcome {
  const partner = capture.partner(id);
  switch (capture.delivery(id)) {
    case Delivery.delivered:
      return { word: "delivered", delay: delayBetween(capture, id, partner) };
    case Delivery.receipt:
      return { word: "delivered", delay: delayBetween(capture, partner, id) };
    case Delivery.copy:
      return { word: "received", delay: delayBetween(capture, partner, id) };
    case Delivery.seen:
      return outcomeOf(capture, capture.shownWith(id));
    case Delivery.duplicate:
      return { word: "duplicate", delay: undefined };
    case Delivery.dropped:
      return { word: "dropped", delay: undefined };
    case Delivery.lost:
      return { word: "lost", delay: undefined };
    case Delivery.refused:
      return { word: "refused", delay: undefined };
    case Delivery.unclear:
      return { word: "unclear", delay: undefined };
    case Delivery.pending:
      return { word: "sent", delay: undefined };
    case Delivery.alone:
      return { word: aloneWord(capture, id), delay: undefined };
  }
}

function aloneWord(capture: Capture, id: number): Outcome["word"] {
  if (!capture.wasSent(id)) return "failed";
  const { direction } = capture.flow(id);
  if (direction === Direction.unknown) return "";
  return direction === Direction.out ? "sent" : "received";
}

/** The two clocks may differ by more than it took. */
function delayBetween(capture: Capture, sending: number, receipt: number): number | undefined {
  if (!capture.has(sending) || !capture.has(receipt)) return undefined;
  return Math.max(0, capture.time(receipt) - capture.time(sending));
}

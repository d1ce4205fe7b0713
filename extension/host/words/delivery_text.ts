import * as vscode from "vscode";
import type { Capture } from "../../core/capture/capture.ts";
import { Delivery } from "../../core/capture/delivery.ts";
import { Direction } from "../../core/files/capture_sink.ts";

/** What became of a datagram, in a word or two; "" where there is nothing to say. */
export function deliveryText(capture: Capture, id: number): string {
  switch (capture.delivery(id)) {
    case Delivery.delivered: {
      const receipt = capture.partner(id);
      if (receipt === id) return vscode.l10n.t("delivered");
      const took = capture.time(receipt) - capture.time(id);
      return vscode.l10n.t("delivered {0}", duration(Math.max(0, took)));
    }
    case Delivery.lost:
      return vscode.l10n.t("lost");
    case Delivery.refused:
      return vscode.l10n.t("refused");
    case Delivery.dropped:
      return vscode.l10n.t("dropped by a rule");
    case Delivery.unclear:
      return vscode.l10n.t("lost or not: cannot tell");
    case Delivery.copy:
      return vscode.l10n.t("also received");
    case Delivery.duplicate:
      return vscode.l10n.t("duplicate");
    case Delivery.alone:
      // A refused one says so in its comment; what came in needs no word.
      return capture.flow(id).direction === Direction.out && capture.wasSent(id)
        ? vscode.l10n.t("sent")
        : "";
    case Delivery.pending:
    case Delivery.receipt:
    case Delivery.seen:
      return "";
  }
}

/** Microseconds in the unit that a person would choose: `42 µs`, `0.2 ms`, `15 ms`, `1.5 s`. */
export function duration(microseconds: number): string {
  if (microseconds < 100) return `${Math.round(microseconds)} µs`;
  if (microseconds < 10_000) return `${(microseconds / 1000).toFixed(1)} ms`;
  if (microseconds < 1_000_000) return `${Math.round(microseconds / 1000)} ms`;
  return `${(microseconds / 1_000_000).toFixed(1)} s`;
}

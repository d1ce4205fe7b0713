import * as vscode from "vscode";
import type { Capture, RuledRecord } from "../../core/capture/capture.ts";
import { Delivery } from "../../core/capture/delivery.ts";
import { localEnd } from "../../core/capture/peers.ts";
import { Direction } from "../../core/files/capture_sink.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { DetailFact } from "../../webview/datagrams/protocol.ts";
import { duration } from "./delivery_text.ts";

/** What rules did to a datagram that passed, in a word or two; "" where they did nothing. */
export function ruleText(capture: Capture, id: number): string {
  if (capture.delivery(id) === Delivery.dropped) return "";
  const effects = capture.ruleEffects(id).map(({ effect }) => effect);
  const delayMs = effects.reduce((sum, effect) => sum + (effect.delayMs ?? 0), 0);
  const texts = [
    effects.some(({ flippedBit }) => flippedBit !== undefined) ? vscode.l10n.t("corrupted") : "",
    delayMs > 0 ? vscode.l10n.t("delayed {0}", duration(delayMs * 1000)) : "",
    effects.some(({ isCopy }) => isCopy) ? vscode.l10n.t("a copy by a rule") : "",
  ];
  return texts.filter((text) => text !== "").join(", ");
}

/** The same in sentences, each with the socket whose rule it was. */
export function ruleFacts(capture: Capture, id: number): DetailFact[] {
  return capture
    .ruleEffects(id)
    .flatMap((ruled) => sentences(capture, ruled))
    .map((text) => ({ text, isAnomaly: false }));
}

function sentences(capture: Capture, { record, effect }: RuledRecord): string[] {
  const flow = capture.flow(record);
  const socket = formatEndpoint(localEnd(flow));
  const { dropped, delayMs, flippedBit, isCopy } = effect;
  if (dropped !== undefined) {
    const why = Object.hasOwn(REASONS, dropped) ? (REASONS[dropped]?.() ?? "") : "";
    const text =
      flow.direction === Direction.in
        ? vscode.l10n.t(
            "Dropped by a rule on {0}: it had arrived there, and the program never got it.",
            socket,
          )
        : vscode.l10n.t("Dropped by a rule on {0}: it never left.", socket);
    return [text, ...(why === "" ? [] : [why])];
  }
  const texts: string[] = [];
  if (delayMs !== undefined) {
    texts.push(
      vscode.l10n.t("A rule on {0} held it back for {1}.", socket, duration(delayMs * 1000)),
    );
  }
  if (flippedBit !== undefined) {
    texts.push(
      vscode.l10n.t(
        "A rule on {0} changed bit {1} of the byte at offset {2}.",
        socket,
        String(flippedBit & 7),
        String(flippedBit >>> 3),
      ),
    );
  }
  if (isCopy) texts.push(vscode.l10n.t("A rule on {0} let it pass a second time.", socket));
  return texts;
}

/** Why it was dropped: see RuleEffect. */
const REASONS: Readonly<Record<string, () => string>> = {
  drop: () => vscode.l10n.t("It was one of the percentage that is dropped."),
  burst: () => vscode.l10n.t("It was one of a run of losses."),
  outage: () => vscode.l10n.t("Nothing passed then: the rule has outages."),
  mtu: () => vscode.l10n.t("Its packet was larger than the rule's MTU."),
  limit: () => vscode.l10n.t("As many were waiting as the rule has room for."),
  end: () => vscode.l10n.t("It was still held back when its socket or its program ended."),
};

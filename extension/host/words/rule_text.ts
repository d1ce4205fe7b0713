import * as vscode from "vscode";
import type { Capture, RuledRecord } from "../../core/capture/capture.ts";
import { Delivery } from "../../core/capture/delivery.ts";
import { localEnd } from "../../core/capture/peers.ts";
import { Direction } from "../../core/files/capture_sink.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { DetailFact } from "../../webview/datagrams/protocol.ts";
import { numberText } from "../base/number_text.ts";
import { duration } from "./delivery_text.ts";

/** What rules did to a datagram, beside that it was dropped, in a word or two; "" where they did nothing. */
export function ruleText(capture: Capture, id: number): string {
  const effects = capture.ruleEffects(id).map(({ effect }) => effect);
  if (capture.delivery(id) === Delivery.dropped) {
    const times = effects.find(({ timesInARow }) => timesInARow !== undefined)?.timesInARow;
    return times === undefined ? "" : vscode.l10n.t("{0} times in a row", numberText(times));
  }
  const delayMs = effects.reduce((sum, effect) => sum + (effect.delayMs ?? 0), 0);
  const texts = [
    effects.some(({ flippedBit }) => flippedBit !== undefined) ? vscode.l10n.t("corrupted") : "",
    delayMs > 0 ? vscode.l10n.t("delayed {0}", duration(delayMs * 1000)) : "",
    effects.some(({ isCopy }) => isCopy) ? vscode.l10n.t("a copy by a rule") : "",
  ];
  return texts.filter((text) => text !== "").join(", ");
}

/** The same in sentences, each with the socket whose rule it was, but for {@link bitChanges}. */
export function ruleFacts(capture: Capture, id: number): DetailFact[] {
  return capture.ruleEffects(id).flatMap((ruled) => facts(capture, ruled));
}

function facts(capture: Capture, { record, effect }: RuledRecord): DetailFact[] {
  const flow = capture.flow(record);
  const socket = formatEndpoint(localEnd(flow));
  const { dropped, timesInARow, delayMs, isCopy } = effect;
  if (dropped !== undefined) {
    const why = Object.hasOwn(REASONS, dropped) ? (REASONS[dropped]?.() ?? "") : "";
    const text =
      flow.direction === Direction.in
        ? vscode.l10n.t(
            "Dropped by a rule on {0}: it had arrived there, and the program never got it.",
            socket,
          )
        : vscode.l10n.t("Dropped by a rule on {0}: it never left.", socket);
    const starves =
      timesInARow === undefined
        ? []
        : [
            {
              ...fact(
                vscode.l10n.t(
                  "The same bytes were dropped {0} times in a row: who sends them again and again may wait for ever.",
                  numberText(timesInARow),
                ),
              ),
              byRule: true,
            },
          ];
    return [{ ...fact(text), byRule: true }, ...starves, ...(why === "" ? [] : [fact(why)])];
  }
  const texts: string[] = [];
  if (delayMs !== undefined) {
    texts.push(
      vscode.l10n.t("A rule on {0} held it back for {1}.", socket, duration(delayMs * 1000)),
    );
  }
  if (isCopy) texts.push(vscode.l10n.t("A rule on {0} let it pass a second time.", socket));
  return texts.map(fact);
}

/** A bit of a datagram that a rule changed. */
export interface BitChange {
  /** Whose rule it was. */
  readonly socket: string;
  /** Counted from the lowest of the first byte. */
  readonly bit: number;
  /** Whether the datagram's record has it already: a sender's has what left, and what arrived differs from that. */
  readonly isRecorded: boolean;
}

export function bitChanges(capture: Capture, id: number): BitChange[] {
  return capture.ruleEffects(id).flatMap(({ record, effect: { flippedBit: bit } }) => {
    if (bit === undefined) return [];
    const socket = formatEndpoint(localEnd(capture.flow(record)));
    return [{ socket, bit, isRecorded: record === id }];
  });
}

/** What each change made of its byte, in a sentence. `payload`: as far as it was recorded. */
export function bitChangeFacts(changes: readonly BitChange[], payload: Uint8Array): DetailFact[] {
  return changes.map((change) => ({ ...fact(bitChangeText(change, payload)), byRule: true }));
}

function bitChangeText({ socket, bit, isRecorded }: BitChange, payload: Uint8Array): string {
  const offset = bit >>> 3;
  const shown = payload[offset];
  const place = [socket, String(bit & 7), String(offset)] as const;
  const { t } = vscode.l10n;
  if (shown === undefined) {
    return t("A rule on {0} changed bit {1} of the byte at offset {2}.", ...place);
  }
  const other = shown ^ (1 << (bit & 7));
  return isRecorded
    ? t(
        "A rule on {0} changed bit {1} of the byte at offset {2}: {3} became {4}.",
        ...place,
        hex(other),
        hex(shown),
      )
    : t(
        "A rule on {0} changed bit {1} of the byte at offset {2}: the program got {4}, not {3}.",
        ...place,
        hex(shown),
        hex(other),
      );
}

const fact = (text: string): DetailFact => ({ text, isAnomaly: false });
const hex = (byte: number) => byte.toString(16).padStart(2, "0");

/** Why it was dropped: see RuleEffect. */
const REASONS: Readonly<Record<string, () => string>> = {
  drop: () => vscode.l10n.t("It was one of the percentage that is dropped."),
  burst: () => vscode.l10n.t("It was one of a run of losses."),
  outage: () => vscode.l10n.t("Nothing passed then: the rule has outages."),
  mtu: () => vscode.l10n.t("Its packet was larger than the rule's MTU."),
  limit: () => vscode.l10n.t("As many were waiting as the rule has room for."),
  end: () => vscode.l10n.t("It was still held back when its socket or its program ended."),
};

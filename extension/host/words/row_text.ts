import * as vscode from "vscode";
import { Delivery } from "../../core/capture/delivery.ts";
import { displayFlow, localEnd, peerEnd } from "../../core/capture/peers.ts";
import { payloadPreview } from "../../core/text/payload_preview.ts";
import { leftToRight, printable } from "../../core/text/printable.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { withoutRuleEffect } from "../../core/wire/rule_effect.ts";
import type { DatagramRow } from "../../webview/datagrams/protocol.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { deliveryText } from "./delivery_text.ts";
import { directionName } from "./direction_name.ts";
import { ruleText } from "./rule_text.ts";

/** Characters of a payload in its row. */
const PREVIEW_CHARACTERS = 200;
/** A character is at most four bytes. */
const PREVIEW_BYTES = PREVIEW_CHARACTERS * 4;
const COMMENT_CHARACTERS = 200;
const ANOMALIES: ReadonlySet<Delivery> = new Set([
  Delivery.lost,
  Delivery.refused,
  Delivery.duplicate,
]);
/** What is told of a datagram that rules did something to, and is plain then. */
const SAID_BY_RULES: ReadonlySet<Delivery> = new Set([Delivery.delivered, Delivery.alone]);

/**
 * What a row of the grid tells of a datagram. Nothing in it can act on a page or a terminal.
 *
 * @param before The datagram in the row before it, if there is one.
 * @param remark What else is to be noted, or "".
 */
export async function datagramRow(
  source: CaptureSource,
  id: number,
  before?: number,
  remark = "",
): Promise<DatagramRow> {
  const { capture } = source;
  const flow = displayFlow(capture, id);
  const length = capture.wireLength(id);
  // All of it before the first wait: while the payload is read, the datagram can be cleared.
  const row = {
    id,
    time: capture.time(id),
    delta: before === undefined ? 0 : capture.time(id) - capture.time(before),
    direction: directionName(flow.direction),
    local: formatEndpoint(localEnd(flow)),
    peer: formatEndpoint(peerEnd(flow)),
    length,
    ...note(source, id, length, remark),
  };
  const payload = await source.payload(id, PREVIEW_BYTES);
  const { text, isHex } = payloadPreview(payload, PREVIEW_CHARACTERS, length);
  return { ...row, preview: text, ...(isHex && { isHex }) };
}

function note(
  { capture }: CaptureSource,
  id: number,
  length: number,
  remark: string,
): Pick<DatagramRow, "note" | "isAnomaly" | "byRule"> {
  const said = withoutRuleEffect(capture.comment(id));
  const comment = printable(said, { limit: COMMENT_CHARACTERS });
  const cut = length - capture.payloadPlace(id).length;
  const delivery = capture.delivery(id);
  const ruled = ruleText(capture, id);
  const isCorrupted = capture.ruleEffects(id).some(({ effect }) => effect.flippedBit !== undefined);
  const notes = [
    comment,
    // Before the rest, which a narrow row cuts: it is what was asked for.
    remark,
    delivery === Delivery.dropped ? "" : ruled,
    // How long it took, or that it left, is what the rule has said.
    ruled !== "" && SAID_BY_RULES.has(delivery) ? "" : deliveryText(capture, id),
    delivery === Delivery.dropped ? ruled : "",
    cut > 0 ? vscode.l10n.t("{0} bytes cut", cut) : "",
  ];
  return {
    note: leftToRight(notes.filter((text) => text !== "").join(", ")),
    isAnomaly: comment !== "" || cut > 0 || ANOMALIES.has(delivery),
    ...(delivery === Delivery.dropped && { byRule: "dropped" as const }),
    ...(delivery !== Delivery.dropped && isCorrupted && { byRule: "corrupted" as const }),
  };
}

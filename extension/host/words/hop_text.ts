import * as vscode from "vscode";
import type { Capture } from "../../core/capture/capture.ts";
import { hopsOf } from "../../core/capture/hops.ts";
import { peerEnd } from "../../core/capture/peers.ts";
import { printable } from "../../core/text/printable.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { DetailFact } from "../../webview/datagrams/protocol.ts";
import { deliveryText, duration } from "./delivery_text.ts";
import { ruleText } from "./rule_text.ts";

/** A chat may pass one on to a hundred. */
const MOST_TOLD = 3;

/** Where a datagram had come from and went on to, through a relay that is watched: a sentence a hop, with its row. */
export function hopFacts(capture: Capture, id: number): DetailFact[] {
  const { before, after } = hopsOf(capture, id);
  const facts = after.slice(0, MOST_TOLD).map((hop) => {
    const text = vscode.l10n.t(
      "{0} passed it on to {1}, {2} later",
      programOf(capture, hop),
      peerOf(capture, hop),
      duration(capture.time(hop) - received(capture, id)),
    );
    return fact(capture, hop, text);
  });
  if (before === undefined) return facts;
  const text = vscode.l10n.t(
    "{0} had received it from {1}, {2} before",
    programOf(capture, before),
    peerOf(capture, before),
    duration(capture.time(id) - capture.time(before)),
  );
  return [fact(capture, before, text), ...facts];
}

function fact(capture: Capture, hop: number, text: string): DetailFact {
  const row = capture.shownWith(hop);
  const became = [ruleText(capture, row), deliveryText(capture, row)].filter((it) => it !== "");
  const whole = became.length === 0 ? `${text}.` : `${text}: ${became.join(", ")}.`;
  return { text: whole, isAnomaly: false, row };
}

/** When the program got it that passed it on. */
function received(capture: Capture, id: number): number {
  return capture.time(capture.isReceived(id) ? capture.partner(id) : id);
}

const peerOf = (capture: Capture, id: number) => formatEndpoint(peerEnd(capture.flow(id)));

function programOf(capture: Capture, id: number): string {
  const { name, program } = capture.socket(capture.flow(id).socket);
  return printable(program.name || name, { limit: 60 });
}

import { networkInterfaces } from "node:os";
import * as vscode from "vscode";
import type { Capture } from "../../core/capture/capture.ts";
import { Delivery } from "../../core/capture/delivery.ts";
import { localEnd, peerEnd } from "../../core/capture/peers.ts";
import { Direction, type Refusal } from "../../core/files/capture_sink.ts";
import { printable } from "../../core/text/printable.ts";
import { isLoopback } from "../../core/wire/address.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { withoutRuleEffect } from "../../core/wire/rule_effect.ts";
import type { DetailFact } from "../../webview/datagrams/protocol.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { duration } from "./delivery_text.ts";
import { hopFacts } from "./hop_text.ts";
import { ruleFacts } from "./rule_text.ts";
import { commentText } from "./send_failure_text.ts";

/** What became of a datagram and what is out of the ordinary about it, in sentences that a learner understands. */
export function datagramFacts({ capture, isLive }: CaptureSource, id: number): DetailFact[] {
  const length = capture.wireLength(id);
  const missing = length - capture.capturedLength(id);
  const pieces = (capture.payloadPlace(id).pieces?.length ?? 0) / 2;
  const { tunnel } = capture.flow(id);
  const facts: DetailFact[] = [
    { text: failure(capture, id), isAnomaly: true },
    ...fate(capture, id),
    ...ruleFacts(capture, id),
    ...hopFacts(capture, id),
    { text: isLive ? outside(capture, id) : "", isAnomaly: true },
    {
      text:
        missing > 0
          ? vscode.l10n.t(
              "Cut: only the first {0} of its {1} bytes were recorded.",
              numberText(length - missing),
              numberText(length),
            )
          : "",
      isAnomaly: true,
    },
    {
      text:
        pieces > 1
          ? vscode.l10n.t(
              "It came in {0} fragments, which are joined here: it did not fit into one packet.",
              numberText(pieces),
            )
          : fragments(capture, id),
      isAnomaly: false,
    },
    {
      text: tunnel === "" ? "" : vscode.l10n.t("It was in a tunnel: {0}.", tunnel),
      isAnomaly: false,
    },
    {
      text:
        length === 0
          ? vscode.l10n.t("It has no payload, which UDP allows: its header is all that was sent.")
          : "",
      isAnomaly: false,
    },
  ];
  return facts.filter(({ text }) => text !== "");
}

function failure(capture: Capture, id: number): string {
  const flow = capture.flow(id);
  return commentText(withoutRuleEffect(capture.comment(id)), {
    to: formatEndpoint(peerEnd(flow)),
    length: capture.wireLength(id),
    isIpv6: flow.destinationAddress.length === 16,
  });
}

/** What a packet of Ethernet carries (RFC 894), and what its headers take of it. */
const ETHERNET_MTU = 1500;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;
const UDP_HEADER = 8;

/** That a network would divide it, whichever way it went here: the loopback takes what no other network does. */
function fragments(capture: Capture, id: number): string {
  const isIpv6 = capture.flow(id).destinationAddress.length === 16;
  const content = UDP_HEADER + capture.wireLength(id);
  const room = ETHERNET_MTU - (isIpv6 ? IPV6_HEADER : IPV4_HEADER);
  if (content <= room || !capture.wasSent(id)) return "";
  // All but the last are multiples of 8 bytes (RFC 791 section 3.2, RFC 8200 section 4.5).
  const last = room - (isIpv6 ? FRAGMENT_HEADER : 0);
  const each = Math.floor(last / 8) * 8;
  return vscode.l10n.t(
    "Over Ethernet a datagram of this length is {0} fragments, each a packet of its own: where one is lost, so is all of it.",
    numberText(1 + Math.ceil((content - last) / each)),
  );
}

/** The news first; what it teaches is a sentence of its own, which a narrow view leaves out. */
function fate(capture: Capture, id: number): DetailFact[] {
  const flow = capture.flow(id);
  const peer = formatEndpoint(peerEnd(flow));
  switch (capture.delivery(id)) {
    case Delivery.delivered:
      return [{ text: delivered(capture, id, capture.partner(id)), isAnomaly: false }];
    case Delivery.receipt:
      return [{ text: delivered(capture, capture.partner(id), id), isAnomaly: false }];
    case Delivery.lost: {
      const text = vscode.l10n.t(
        "Lost: {0} was tapped and did not receive it within a second.",
        peer,
      );
      const lesson = vscode.l10n.t(
        "Most often the receive buffer was full; UDP does not send again.",
      );
      return [
        { text, isAnomaly: true },
        { text: lesson, isAnomaly: false },
      ];
    }
    case Delivery.dropped:
      return [];
    case Delivery.refused:
      return refused(capture, id, peer);
    case Delivery.duplicate: {
      const text = vscode.l10n.t(
        "Duplicated: {0} received this payload once more than it was sent.",
        formatEndpoint(localEnd(flow)),
      );
      const lesson = vscode.l10n.t(
        "On its way a datagram can be doubled; UDP does not prevent that.",
      );
      return [
        { text, isAnomaly: true },
        { text: lesson, isAnomaly: false },
      ];
    }
    case Delivery.unclear: {
      const text = vscode.l10n.t(
        "Sent: {0} is tapped, but nobody can tell whether it arrived: many equal datagrams followed, or receipts of such are missing.",
        peer,
      );
      return [{ text, isAnomaly: false }];
    }
    case Delivery.seen:
      return [
        {
          text: vscode.l10n.t("Captured on its way. The row of the tapped program tells the rest."),
          isAnomaly: false,
        },
      ];
    case Delivery.copy: {
      const text = vscode.l10n.t(
        "Received {0} after it was sent: it went to many, and others received it, too.",
        duration(took(capture, capture.partner(id), id)),
      );
      return [{ text, isAnomaly: false }];
    }
    case Delivery.pending:
      return [
        {
          text: vscode.l10n.t("Sent: {0} is tapped and has not received it yet.", peer),
          isAnomaly: false,
        },
      ];
    case Delivery.alone:
      return [
        { text: capture.wasSent(id) ? seenAlone(flow.direction, peer) : "", isAnomaly: false },
      ];
  }
}

function refused(capture: Capture, id: number, peer: string): DetailFact[] {
  const { refusal, isUnsure } = capture.refusal(id) ?? { refusal: "other", isUnsure: false };
  const unsure = vscode.l10n.t(
    "It, or another one that was sent shortly before: the message does not tell which.",
  );
  const lesson = vscode.l10n.t(
    "The system tells a program so only where its socket is connected, with the next call; UDP does not send again.",
  );
  return [
    { text: REFUSALS[refusal](peer), isAnomaly: true },
    { text: isUnsure ? unsure : "", isAnomaly: false },
    { text: refusal === "port" ? lesson : "", isAnomaly: false },
  ];
}

/** What the network has said (RFC 792, RFC 4443). */
const REFUSALS: Readonly<Record<Refusal, (peer: string) => string>> = {
  port: (peer) =>
    vscode.l10n.t("Refused: no program has {0}, and the machine there said so (ICMP).", peer),
  host: (peer) => vscode.l10n.t("Refused: no machine answers at the address of {0} (ICMP).", peer),
  network: (peer) => vscode.l10n.t("Refused: no way leads to the network of {0} (ICMP).", peer),
  prohibited: (peer) =>
    vscode.l10n.t("Refused: a firewall on the way lets nothing through to {0} (ICMP).", peer),
  tooLarge: (peer) =>
    vscode.l10n.t("Refused: a network on the way to {0} takes none as large as this (ICMP).", peer),
  expired: (peer) =>
    vscode.l10n.t(
      "Refused: it had passed as many routers as it may, and was not at {0} yet (ICMP).",
      peer,
    ),
  other: (peer) =>
    vscode.l10n.t("Refused: a machine on the way to {0} could not deliver it (ICMP).", peer),
};

function delivered(capture: Capture, sending: number, receipt: number): string {
  if (sending === receipt) {
    return vscode.l10n.t("Delivered. What the receiver recorded of it is no longer kept.");
  }
  const name = (id: number) => {
    const flow = capture.flow(id);
    const { program } = capture.socket(flow.socket);
    return program.name === ""
      ? formatEndpoint(localEnd(flow))
      : printable(program.name, { limit: 60 });
  };
  return vscode.l10n.t(
    "Delivered: {0} received it {1} after {2} had sent it.",
    name(receipt),
    duration(took(capture, sending, receipt)),
    name(sending),
  );
}

/** Microseconds from one end to the other; the two clocks may differ by more than it took. */
function took(capture: Capture, sending: number, receipt: number): number {
  return Math.max(0, capture.time(receipt) - capture.time(sending));
}

function seenAlone(direction: Direction, peer: string): string {
  switch (direction) {
    case Direction.out:
      return vscode.l10n.t(
        "Sent. Whether it arrived is not known: no tapped program is known to have had {0} then.",
        peer,
      );
    case Direction.in:
      return vscode.l10n.t(
        "Received. When it was sent is not known: no tapped program is known to have sent it from {0}.",
        peer,
      );
    case Direction.unknown:
      return vscode.l10n.t("Seen on its way: the capture does not tell at which end.");
  }
}

/** A datagram that came in from another machine. */
function outside(capture: Capture, id: number): string {
  const flow = capture.flow(id);
  if (flow.direction !== Direction.in) return "";
  const { address } = peerEnd(flow);
  const own = Object.values(networkInterfaces()).flat();
  if (isLoopback(address) || own.some((one) => one?.address === address)) return "";
  return vscode.l10n.t("From outside: {0} is no address of this machine.", address);
}

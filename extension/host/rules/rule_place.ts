import * as vscode from "vscode";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { HumanError } from "../base/human_error.ts";
import type { Place } from "../base/place.ts";
import { chosenDatagram } from "../datagrams/chosen_datagram.ts";
import { PeerNode, socketOf } from "../ports/nodes.ts";
import type { Sending } from "../send/sending.ts";
import { replyEnds, resendEnds } from "../send/sending_ends.ts";
import { PlaceLine } from "./network_lines.ts";

/** Where a network is to be bad. */
export interface RulePlace {
  readonly socket: CapturedSocket;
  /** The only one that it is to be bad for, `127.0.0.1:5000`; undefined: all. */
  readonly peer: string | undefined;
}

/** What a person means by the place that they were at; undefined where that is no port. Throws a {@link HumanError}. */
export function rulePlace(sending: Sending, place: Place | undefined): RulePlace | undefined {
  if (place?.kind === "row" || place?.kind === "datagram") return placeOfRow(sending, place);
  const line = place?.kind === "treeLine" ? place.line : undefined;
  const bad = line && "parent" in line ? line.parent : line;
  if (bad instanceof PlaceLine) return bad;
  const socket = line && socketOf(line);
  if (!socket) return undefined;
  return { socket, peer: line instanceof PeerNode ? formatEndpoint(line.peer) : undefined };
}

/** Between the two ends of a datagram: at the one that sent it, where its program can be asked, else at the other. */
function placeOfRow({ grids, outbox }: Sending, place: Place): RulePlace {
  const failure = vscode.l10n.t("Cannot make this network bad");
  const { source, id } = chosenDatagram(grids, place, failure);
  const ends = [resendEnds(source, id), replyEnds(source, id)];
  const { from: socket, to } =
    ends.find(({ from }) => from && outbox.canAsk(from)) ?? ends.find(({ from }) => from) ?? {};
  if (socket && to) return { socket, peer: formatEndpoint(to) };
  throw new HumanError(
    vscode.l10n.t(
      "{0}: this capture is a file, whose sockets are not here; choose a bound port.",
      failure,
    ),
  );
}

import * as vscode from "vscode";
import type { Capture } from "../../core/capture/capture.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { peerEnd } from "../../core/capture/peers.ts";
import { DECODERS } from "../../core/decode/decoder_names.ts";
import { completeFilter } from "../../core/filter/completion.ts";
import { printable } from "../../core/text/printable.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { Completion } from "../../webview/parts/completion_list.ts";

/** Values of the capture that are offered at most, of each kind: a list is to be read. */
const MOST_VALUES = 50;

const PROTOCOL_NAMES = new Map(DECODERS.map(({ id, name }): [string, string] => [id, name]));

/** Flows and sockets that are looked at for them: with each key there may be a million. */
const MOST_LOOKED_AT = 2000;

/** What can stand at the caret of the filter box, with the values that this capture has; so in `fields`. */
export function filterCompletions(
  capture: Capture,
  text: string,
  caret: number,
  fields?: ReadonlyMap<string, readonly string[]>,
): Completion[] {
  const peers = new Set<string>();
  const ports = new Set<number>();
  for (const flow of firstOf(capture.flows.values())) {
    if (peers.size >= MOST_VALUES && ports.size >= MOST_VALUES) break;
    peers.add(printable(formatEndpoint(peerEnd(flow))));
    ports.add(flow.sourcePort).add(flow.destinationPort);
  }
  // What is open is what people look for; then what comes first of all others.
  const sockets = [...capture.sockets.open(), ...firstOf(capture.sockets)];
  const names = (of: (socket: CapturedSocket) => string) =>
    [...new Set(sockets.map(of))].filter((name) => name !== "").slice(0, MOST_VALUES);
  const { start, end, proposals } = completeFilter(text, caret, {
    ports: [...ports].slice(0, MOST_VALUES),
    peers: [...peers].slice(0, MOST_VALUES),
    sockets: names(({ name }) => name),
    programs: names(({ program }) => program.name),
    ...(fields && { fields }),
  });
  return proposals.map(({ insert, kind, name }) => ({
    label: printable(insert),
    detail: kind === "value" ? "" : (PROTOCOL_NAMES.get(name) ?? descriptionOf(name)),
    insert,
    start,
    end,
  }));
}

function* firstOf<T>(all: Iterable<T>): Generator<T> {
  let seen = 0;
  for (const one of all) {
    if (seen++ >= MOST_LOOKED_AT) return;
    yield one;
  }
}

/** What a qualifier asks for, in a few words; "" for Wireshark's fields, whose names say it. */
function descriptionOf(name: string): string {
  const { t } = vscode.l10n;
  const descriptions: Readonly<Record<string, string>> = {
    from: t("the sender's address, port or both"),
    to: t("the receiver's address, port or both"),
    addr: t("either end's address, port or both"),
    peer: t("the other end"),
    port: t("either end's port"),
    dir: t("in or out"),
    len: t("bytes of payload"),
    socket: t("the socket that recorded it"),
    program: t("the program that recorded it"),
    time: t("seconds since the first datagram"),
    is: t("what became of it"),
    comment: t("a remark in the file, such as EMSGSIZE"),
    hex: t("bytes in the payload"),
  };
  return descriptions[name] ?? "";
}

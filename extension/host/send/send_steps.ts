import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { isLoopback } from "../../core/wire/address.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { PickItem, PickStep } from "../base/multi_step.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { SendHistory } from "./send_history.ts";
import { parseTarget, reachableAt } from "./target.ts";

/** The value of the choice to send from no socket that is there. */
export const NEW_SOCKET = "";

/** Others that were heard last. */
const MOST_HEARD = 5;

/** Asks where to send to: where something was sent before, other machines that have just spoken, a bound port, or what is typed. */
export function targetStep(live: LiveCapture, history: SendHistory): PickStep {
  const items = new Map<string, PickItem>();
  for (const to of history.targets) items.set(to, { label: inert(to, 300), value: to });
  const sockets = boundSockets(live.capture);
  const heard = heardBy(live, sockets);
  const add = (value: string, description: string) => {
    if (!items.has(value)) items.set(value, { label: value, description, value });
  };
  const addHeard = (isOwn: boolean) => {
    for (const { name, by } of heard.filter(({ address }) => isLoopback(address) === isOwn)) {
      add(name, vscode.l10n.t("heard by {0}", inert(by, 60)));
    }
  };
  addHeard(false);
  for (const { local, program } of sockets) {
    if (local) add(formatEndpoint(reachableAt(local)), inert(program.name, 60));
  }
  // Mostly a client's that has ended.
  addHeard(true);
  return {
    kind: "pick",
    prompt: vscode.l10n.t("Address or name and port to send to, as in 127.0.0.1:9999"),
    items: [...items.values()],
    typed: (text) =>
      parseTarget(text) ? { label: text, value: text, alwaysShow: true } : undefined,
  };
}

/** Who has sent something to these sockets, the latest first, and the program that heard it. */
function heardBy({ capture }: LiveCapture, sockets: readonly CapturedSocket[]) {
  return sockets
    .flatMap(({ place, program }) =>
      capture.peers
        .of(place, MOST_HEARD)
        .latest.filter(({ received }) => received > 0)
        .map((peer) => ({ ...peer, name: formatEndpoint(peer), by: program.name })),
    )
    .sort((a, b) => b.lastTime - a.lastTime)
    .slice(0, MOST_HEARD);
}

/** Asks which of these sockets to send from, or from a new one. */
export function fromStep(sockets: readonly CapturedSocket[]): PickStep {
  const newSocket = {
    label: vscode.l10n.t("A new socket"),
    description: vscode.l10n.t("any free port; answers are shown for a minute"),
    value: NEW_SOCKET,
  };
  const prompt = vscode.l10n.t("Socket to send from");
  return { kind: "pick", prompt, items: [newSocket, ...sockets.map(socketItem)] };
}

/** Asks which of these sockets to close. */
export function closeStep(sockets: readonly CapturedSocket[]): PickStep {
  return { kind: "pick", prompt: vscode.l10n.t("Socket to close"), items: sockets.map(socketItem) };
}

function socketItem({ id, name, program }: CapturedSocket): PickItem {
  return {
    label: inert(name, 80),
    description: inert(program.name, 60),
    value: String(id),
  };
}

/** VS Code draws icons in the lines of a list; and a name may be of any length. */
function inert(text: string, limit: number): string {
  return withoutIcons(printable(text, { limit }));
}

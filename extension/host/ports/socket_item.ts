import * as vscode from "vscode";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { textWithoutSecrets } from "../../core/system/secrets.ts";
import type { MulticastGroup, SystemSocket } from "../../core/system/system_socket.ts";
import { leftToRight, printable, withoutIcons } from "../../core/text/printable.ts";
import { canonicalAddress, isLoopback } from "../../core/wire/address.ts";
import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";
import { numberText } from "../base/number_text.ts";
import { LOSES, LOST_COLOR } from "./line_colors.ts";
import type { SocketNode } from "./nodes.ts";
import type { PortRates } from "./rates.ts";
import { countsInShort, countsText, inLine, joined, refusedText } from "./words.ts";

/** What there is to say of a tapped port, beside the socket itself. */
export interface SocketFacts {
  /** What the operating system says of it; undefined where it was not asked. */
  readonly system: SystemSocket | undefined;
  readonly rates: PortRates;
  /** How many datagrams that it sent are known to have been refused. */
  readonly refused: number;
}

/** What is asked of the system only when somebody wants to read it. */
export interface NetworkFacts {
  readonly tcpListeners: readonly Endpoint[];
  readonly groups: readonly MulticastGroup[];
}

/** The line of a tapped port. */
export function socketItem({ id, socket }: SocketNode, facts: SocketFacts): vscode.TreeItem {
  const { received, sent, program } = socket;
  const name = printable(program.name, { limit: 60 });
  const isOpen = isOpenToNetwork(socket.local, facts.system);
  const lost = facts.system?.drops ?? 0;
  const missing = socket.notRecorded;
  const loss = lost > 0 ? vscode.l10n.t("{0} lost", numberText(lost)) : "";
  const remarks = [
    refusedText(facts.refused),
    missing > 0 ? vscode.l10n.t("{0} not recorded", numberText(missing)) : "",
    isOpen ? vscode.l10n.t("open to the network") : "",
  ];
  const item = new vscode.TreeItem(
    withoutIcons(printable(socket.name, { limit: 80 })),
    // From the start, because VS Code remembers the state of a line: peers that come later are to be seen.
    vscode.TreeItemCollapsibleState.Expanded,
  );
  item.id = id;
  item.description = inLine([
    loss,
    countsInShort(received, sent),
    withoutIcons(name),
    ...remarks,
    facts.rates.short,
  ]);
  item.iconPath = icon(isOpen, lost);
  if (lost > 0) item.resourceUri = LOSES;
  // Buttons would cover what was lost, in a narrow view: the menu of a line has them, too.
  const buttons = lost > 0 ? "" : " buttons";
  item.contextValue = program.pid === undefined ? "port" : `port program${buttons}`;
  item.accessibilityInformation = {
    label: joined(
      [printable(socket.name), loss, countsText(received, sent), name, ...remarks],
      ", ",
    ),
  };
  return item;
}

/** By its shape as well: the selection of some themes takes all colours away. */
function icon(isOpen: boolean, lost: number): vscode.ThemeIcon {
  if (lost > 0) return new vscode.ThemeIcon("error", new vscode.ThemeColor(LOST_COLOR));
  return new vscode.ThemeIcon(
    isOpen ? "globe" : "circle-filled",
    new vscode.ThemeColor("charts.green"),
  );
}

/** True where other machines can send to it; a connected socket hears its other end alone. */
export function isOpenToNetwork(
  local: Endpoint | undefined,
  system: SystemSocket | undefined,
): boolean {
  return local !== undefined && !isLoopback(local.address) && system?.peer === undefined;
}

/** Plain text: a Markdown tooltip would be one more place that hostile text could act in. */
export function socketTooltip(
  socket: CapturedSocket,
  { system, rates, refused }: SocketFacts,
  network: NetworkFacts,
): string {
  const { name, program, received, sent, local } = socket;
  const lost = system?.drops;
  const lines = joined(
    [
      isOpenToNetwork(local, system) ? openSentence() : "",
      vscode.l10n.t("{0} is bound by process {1}.", printable(name), program.pid ?? "?"),
      printable(`${program.runtime} ${textWithoutSecrets(program.command)}`.trim(), { limit: 400 }),
      vscode.l10n.t("Received {0}, sent {1} datagrams.", numberText(received), numberText(sent)),
      lost !== undefined && lost > 0 ? lostSentence(received, lost) : "",
      refused > 0
        ? vscode.l10n.t(
            "{0} that it sent were refused: is:refused finds them, and each says why.",
            numberText(refused),
          )
        : "",
      rates.inLine === "" ? "" : rateLine(vscode.l10n.t("in"), rates.inLine, rates.in),
      rates.outLine === "" ? "" : rateLine(vscode.l10n.t("out"), rates.outLine, rates.out),
      queueSentence(system),
      ...networkSentences(local, network),
    ],
    "\n",
  );
  return leftToRight(lines);
}

/** What several kinds of lines say about a port that others can reach. */
export function openSentence(): string {
  return vscode.l10n.t("Open to the network: other machines can send to this port.");
}

/** What waits in the receive buffer, where the system tells and something does. */
export function queueSentence(system: SystemSocket | undefined): string {
  const waiting = system?.receiveQueue ?? 0;
  return waiting > 0
    ? vscode.l10n.t("{0} bytes wait in its receive buffer for the program.", numberText(waiting))
    : "";
}

/** What else has to do with an address and port: TCP servers, groups, and that UDP stays on the machine. */
export function networkSentences(
  local: Endpoint | undefined,
  { tcpListeners, groups }: NetworkFacts,
): string[] {
  if (!local) return [];
  const tcp = tcpListeners.filter(({ port }) => port === local.port);
  const isAny = ["0.0.0.0", "::"].includes(canonicalAddress(local.address));
  const joinedGroups = groups.filter(
    ({ address }) =>
      !EVERYBODY.has(address) && (isAny || address === canonicalAddress(local.address)),
  );
  return [
    tcp.length > 0
      ? vscode.l10n.t(
          "A TCP server listens on {0}; that is no conflict: TCP and UDP have ports of their own.",
          tcp.map(formatEndpoint).join(", "),
        )
      : "",
    joinedGroups.length > 0
      ? vscode.l10n.t(
          "This machine has joined the multicast groups {0}; the system does not tell which socket did.",
          [...new Set(joinedGroups.map(groupText))].slice(0, MOST_GROUPS).join(", "),
        )
      : "",
    vscode.env.remoteName === undefined
      ? ""
      : vscode.l10n.t(
          "The port is on the remote machine; VS Code does not forward UDP from there.",
        ),
  ];
}

const MOST_GROUPS = 12;

/** Groups that every interface is in (RFC 1112 section 7.2, RFC 4291 section 2.7.1), and that say nothing therefore. */
const EVERYBODY = new Set(["224.0.0.1", "ff01::1", "ff02::1"]);

function groupText({ address, device }: MulticastGroup): string {
  return `${address} (${printable(device, { limit: 20 })})`;
}

function lostSentence(received: number, lost: number): string {
  return [
    vscode.l10n.t(
      "Received {0} · lost {1} in the receive buffer: they came faster than the program took them.",
      numberText(received),
      numberText(lost),
    ),
    vscode.l10n.t(
      "Give the socket a larger buffer (recvBufferSize, SO_RCVBUF), or do less work for each datagram.",
    ),
  ].join("\n");
}

function rateLine(direction: string, line: string, rate: number): string {
  return `${line} ${vscode.l10n.t("{0} {1}/s", direction, numberText(rate))}`;
}

import * as vscode from "vscode";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { commandWithoutSecrets, textWithoutSecrets } from "../../core/system/secrets.ts";
import type { MulticastGroup, SystemSocket } from "../../core/system/system_socket.ts";
import { leftToRight, printable } from "../../core/text/printable.ts";
import { canonicalAddress } from "../../core/wire/address.ts";
import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";
import { numberText } from "../base/number_text.ts";
import type { PeerNode } from "./nodes.ts";
import { isOfOtherUser, otherName } from "./other_items.ts";
import type { RuleMark } from "./rule_mark.ts";
import { isOpenToNetwork, type SocketFacts } from "./socket_item.ts";
import type { OtherSocket } from "./system_sockets.ts";
import { clock, joined } from "./words.ts";

/** What is asked of the system only when somebody wants to read it. */
export interface NetworkFacts {
  readonly tcpListeners: readonly Endpoint[];
  readonly groups: readonly MulticastGroup[];
}

/** Plain text: a Markdown tooltip would be one more place that hostile text could act in. */
export function socketTooltip(
  socket: CapturedSocket,
  { system, rates, refused, rules }: SocketFacts,
  network: NetworkFacts,
): string {
  const { name, program, received, sent, local } = socket;
  const lost = system?.drops;
  const lines = joined(
    [
      isOpenToNetwork(local, system) ? openSentence() : "",
      vscode.l10n.t("{0} is bound by process {1}.", printable(name), program.pid ?? "?"),
      printable(`${program.runtime} ${textWithoutSecrets(program.command)}`.trim(), { limit: 400 }),
      ...ruleSentences(rules),
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
function openSentence(): string {
  return vscode.l10n.t("Open to the network: other machines can send to this port.");
}

/** What makes the network bad, and that it does not stay so. */
function ruleSentences(rules: readonly RuleMark[]): string[] {
  if (rules.length === 0) return [];
  const ends = vscode.l10n.t("Rules end with this window, and with UDP: Stop All Rules.");
  return [...rules.map(({ text }) => text), ends];
}

/** What waits in the receive buffer, where the system tells and something does. */
function queueSentence(system: SystemSocket | undefined): string {
  const waiting = system?.receiveQueue ?? 0;
  return waiting > 0
    ? vscode.l10n.t("{0} bytes wait in its receive buffer for the program.", numberText(waiting))
    : "";
}

/** What else has to do with an address and port: TCP servers, groups, and that UDP stays on the machine. */
function networkSentences(
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

export function peerTooltip({ peer }: PeerNode, rules: readonly RuleMark[]): string {
  const passed = vscode.l10n.t(
    "{0} sent {1} and was sent {2} datagrams, the latest at {3}.",
    formatEndpoint(peer),
    numberText(peer.received),
    numberText(peer.sent),
    clock(peer.lastTime),
  );
  return joined([passed, ...ruleSentences(rules)], "\n");
}

export function otherTooltip(other: OtherSocket, network: NetworkFacts): string {
  const { socket, process } = other;
  const command = commandWithoutSecrets(process?.words ?? []);
  const lines = joined(
    [
      isOpenToNetwork(socket, socket) ? openSentence() : "",
      socket.pid === undefined
        ? noOwnerSentence(other)
        : vscode.l10n.t("{0} is bound by process {1}.", otherName(other), socket.pid),
      printable(command, { limit: 400 }),
      other.isUntappedScript
        ? vscode.l10n.t(
            "It runs in a terminal of this window without the tap, so its datagrams are not seen: run it again with auto attach on, in a new terminal.",
          )
        : "",
      socket.drops
        ? vscode.l10n.t("Lost {0} in the receive buffer.", numberText(socket.drops))
        : "",
      queueSentence(socket),
      ...networkSentences(socket, network),
    ],
    "\n",
  );
  return leftToRight(lines);
}

function noOwnerSentence(other: OtherSocket): string {
  if (other.isSearched) return vscode.l10n.t("Its process is being looked for.");
  return isOfOtherUser(other)
    ? vscode.l10n.t(
        "It belongs to user {0}: which process has it, the system tells only that user and root.",
        other.socket.uid ?? "?",
      )
    : vscode.l10n.t(
        "No process that may be seen from here has it: it is the kernel's own, or from another container.",
      );
}

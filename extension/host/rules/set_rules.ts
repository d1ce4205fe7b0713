import * as vscode from "vscode";
import { type Rule, readOptions, toRule } from "../../../scripts/udp_relay.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { toSocketRules, type WrittenSocketRule } from "../../core/wire/socket_rule.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { askSteps, type PickItem, type TextStep } from "../base/multi_step.ts";
import type { Place } from "../base/place.ts";
import { networkPresets } from "../launch/network_presets.ts";
import { flagWords, RELAY_FLAGS } from "../launch/script_options.ts";
import { PeerNode, socketOf } from "../ports/nodes.ts";
import { sendingSocket } from "../send/send_options.ts";
import type { Sending } from "../send/sending.ts";
import { BadNetworks, type MarkedPorts } from "./bad_networks.ts";

interface Asked {
  readonly socket: CapturedSocket;
  readonly rules: readonly WrittenSocketRule<Rule>[];
}

/** *Bad Network...*: what passes a port meets a network that loses, delays, doubles or changes it, until it is stopped. */
export function setRules(
  sending: Sending,
  ports: MarkedPorts,
): Command<"udpWorkbench.setRules", Asked> {
  return {
    id: "udpWorkbench.setRules",
    options: { socket: true, rules: true },
    parse: ({ socket, rules }) => ({
      socket: sendingSocket(sending.live, socket, "socket"),
      rules: checkRules(rules),
    }),
    ask: (place) => ask(sending, ports, place),
    async run({ socket, rules }) {
      await BadNetworks.of(sending, ports).set(socket, rules);
      return { socket: socket.name, rules };
    },
  };
}

function checkRules(rules: unknown): Asked["rules"] {
  try {
    toSocketRules(rules, toRule);
    return rules as Asked["rules"];
  } catch (error) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot use these rules: {0}.",
        printable((error as Error).message, { limit: 300 }),
      ),
    );
  }
}

async function ask(
  sending: Sending,
  ports: MarkedPorts,
  place: Place | undefined,
): Promise<Asked | undefined> {
  const line = place?.kind === "treeLine" ? place.line : undefined;
  const socket = (line && socketOf(line)) ?? (await askSocket(sending));
  if (!socket) return undefined;
  const peer = line instanceof PeerNode ? formatEndpoint(line.peer) : undefined;
  const title = vscode.l10n.t("Bad Network for {0}", withoutIcons(printable(peer ?? socket.name)));
  const presets = networkPresets();
  const values = String(presets.length);
  const items: PickItem[] = presets.map(({ label, rule }, index) => ({
    label,
    description: flagWords(RELAY_FLAGS, rule).join(" "),
    value: String(index),
  }));
  items.push({
    label: vscode.l10n.t("Values..."),
    description: vscode.l10n.t("each one, in the words of the relay"),
    value: values,
  });
  const prompt = vscode.l10n.t("A network for both ways, until it is stopped");
  const [chosen] = (await askSteps(title, [{ kind: "pick", prompt, items }])) ?? [];
  if (chosen === undefined) return undefined;
  const words =
    chosen === values
      ? await askWords(title)
      : flagWords(RELAY_FLAGS, presets[Number(chosen)]?.rule ?? {});
  if (!words) return undefined;
  const others = BadNetworks.of(sending, ports)
    .rulesOf(socket)
    .filter((rule) => Reflect.get(rule, "peer") !== peer) as Asked["rules"];
  const rules = rulesFrom(words, peer);
  // Those for one peer come first: of several that fit, the first applies.
  return { socket, rules: peer === undefined ? [...others, ...rules] : [...rules, ...others] };
}

async function askSocket({ ableSockets }: Sending): Promise<CapturedSocket | undefined> {
  if (ableSockets.length === 0) {
    throw new HumanError(vscode.l10n.t("Nothing is bound: start a server first."));
  }
  const items = ableSockets.map(({ id, name, program }) => ({
    label: withoutIcons(printable(name, { limit: 80 })),
    description: withoutIcons(printable(program.name, { limit: 60 })),
    value: String(id),
  }));
  const step = { kind: "pick", prompt: vscode.l10n.t("Port to make the network bad for"), items };
  const [picked] = (await askSteps(vscode.l10n.t("Bad Network"), [step as never])) ?? [];
  return ableSockets.find(({ id }) => String(id) === picked);
}

async function askWords(title: string): Promise<string[] | undefined> {
  const step: TextStep = {
    kind: "text",
    prompt: vscode.l10n.t(
      "As options of the relay; with up: in front of a value for what is sent, down: for what is received",
    ),
    value: "--drop 5% --delay 50ms --jitter 10ms --seed 7",
    check: (text) => {
      try {
        rulesFrom(wordsOf(text), undefined);
        return undefined;
      } catch (error) {
        return vscode.l10n.t("Not these: {0}", printable((error as Error).message, { limit: 200 }));
      }
    },
  };
  const [text] = (await askSteps(title, [step])) ?? [];
  return text === undefined ? undefined : wordsOf(text);
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** One for each way, unless nothing happens there. @throws an Error with one sentence */
function rulesFrom(words: readonly string[], peer: string | undefined): WrittenSocketRule<Rule>[] {
  const { up, down } = readOptions(["--to", "127.0.0.1:1", ...words]).rules;
  const ways = [
    { direction: "out", rule: up },
    { direction: "in", rule: down },
  ] as const;
  return ways.flatMap(({ direction, rule }) => {
    const { seed, ...rest } = rule;
    const isIdle = Object.keys(rest).length === 0;
    return isIdle ? [] : [{ direction, ...(peer !== undefined && { peer }), ...rule }];
  });
}

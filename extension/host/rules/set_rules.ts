import * as vscode from "vscode";
import { toRule } from "../../../scripts/udp_relay.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { toSocketRules } from "../../core/wire/socket_rule.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { askSteps, type PickStep } from "../base/multi_step.ts";
import type { Place } from "../base/place.ts";
import { sendingSocket } from "../send/send_options.ts";
import type { Sending } from "../send/sending.ts";
import { BadNetworks, type MarkedPorts } from "./bad_networks.ts";
import { type Network, networkOf, rulesOf, type WrittenRules } from "./network.ts";
import { ValueLine } from "./network_lines.ts";
import { askNetwork, askValue, askValues, VALUES } from "./network_question.ts";
import { rulePlace } from "./rule_place.ts";

interface Asked {
  readonly socket: CapturedSocket;
  readonly rules: WrittenRules;
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
  const { socket, peer } = rulePlace(sending, place) ?? { socket: await askSocket(sending) };
  if (!socket) return undefined;
  const where = withoutIcons(printable(peer ?? socket.name, { limit: 80 }));
  const title = vscode.l10n.t("Bad Network for {0}", where);
  const known = BadNetworks.of(sending, ports).rulesOf(socket);
  const others = known.filter((rule) => rule.peer !== peer);
  const current = networkOf(known.filter((rule) => rule.peer === peer));
  const line = place?.kind === "treeLine" ? place.line : undefined;
  const network = await askAt(line instanceof ValueLine ? line.name : "", title, current);
  if (!network || network === current) return undefined;
  const rules = rulesOf(network, peer);
  // Those for one peer come first: of several that fit, the first applies.
  return { socket, rules: peer === undefined ? [...others, ...rules] : [...rules, ...others] };
}

/** At one value of what is on now, it is that which is asked for. */
function askAt(
  value: string,
  title: string,
  current: Network | undefined,
): Promise<Network | undefined> {
  if (value === "" || !current) return askNetwork(title, current);
  return value === VALUES ? askValues(title, current) : askValue(title, current, value);
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
  const prompt = vscode.l10n.t("Port to make the network bad for");
  const step: PickStep = { kind: "pick", prompt, items };
  const [picked] = (await askSteps(vscode.l10n.t("Bad Network"), [step])) ?? [];
  return ableSockets.find(({ id }) => String(id) === picked);
}

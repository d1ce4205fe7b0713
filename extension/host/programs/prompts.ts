import { isIP } from "node:net";
import * as vscode from "vscode";
import type { ClientOptions, RelayOptions, ServerOptions } from "../../api.ts";
import { isLoopback } from "../../core/wire/address.ts";
import { askSteps, type PickItem, type PickStep, type TextStep } from "../base/multi_step.ts";
import {
  networkPresets,
  presetDescription,
  presetIcon,
  ruleOfPreset,
} from "../launch/network_presets.ts";
import { ADDRESS_AND_PORT, DEFAULT_HOST, DEFAULT_PORT } from "../launch/udp_options.ts";
import { splitWords } from "./message_words.ts";

/** The lesson's three datagrams. */
const LESSON_MESSAGES = "Michael Tracy Sarah";

/** Asks for a server's options; Enter three times starts the lesson's. Undefined when the person gave up. */
export async function askServerOptions(
  defaults: ServerOptions = {},
): Promise<ServerOptions | undefined> {
  const answers = await askSteps(vscode.l10n.t("Start UDP Server"), [
    bindAddressStep(),
    portStep(vscode.l10n.t("Port to bind; 0 takes any free one"), 0, defaults.port),
    ([host = DEFAULT_HOST]) => replyStep(host),
  ]);
  if (!answers) return undefined;
  const [host = DEFAULT_HOST, port = "", reply = "greet"] = answers;
  return { host, port: Number(port), reply };
}

/** Asks for a client's options; Enter three times runs the lesson's. Undefined when the person gave up. */
export async function askClientOptions(): Promise<ClientOptions | undefined> {
  const answers = await askSteps(vscode.l10n.t("Start UDP Client"), [
    {
      kind: "text",
      prompt: vscode.l10n.t("Address or name to send to"),
      value: DEFAULT_HOST,
      check: (text) =>
        /^\S+$/.test(text.trim()) ? undefined : vscode.l10n.t("Enter an IP address or a host name"),
    },
    portStep(vscode.l10n.t("Port to send to"), 1),
    {
      kind: "text",
      prompt: vscode.l10n.t('Messages, one datagram a word; quote what has spaces: "two words"'),
      value: LESSON_MESSAGES,
      check: () => undefined,
    },
  ]);
  if (!answers) return undefined;
  const [host = DEFAULT_HOST, port = "", messages = ""] = answers;
  return {
    host,
    port: Number(port),
    // The script knows the lesson's own messages: the command line stays as short as a learner would type it.
    messages: messages === LESSON_MESSAGES ? [] : splitWords(messages),
  };
}

/** Where clients of a relay send to, unless they are told otherwise. */
const RELAY_PORT = 9998;

/** Asks for a relay's options; Enter three times puts a lossy network before the lesson's server. */
export async function askRelayOptions(): Promise<RelayOptions | undefined> {
  const presets = networkPresets();
  const answers = await askSteps(vscode.l10n.t("Start UDP Relay"), [
    {
      kind: "text",
      prompt: vscode.l10n.t("Where it passes datagrams on to"),
      value: `${DEFAULT_HOST}:${DEFAULT_PORT}`,
      check: (text) =>
        ADDRESS_AND_PORT.test(text.trim())
          ? undefined
          : vscode.l10n.t("Enter an address and a port: 127.0.0.1:9999 or [::1]:9999"),
    },
    portStep(vscode.l10n.t("Port that clients send to; 0 takes any free one"), 0, RELAY_PORT),
    {
      kind: "pick",
      prompt: vscode.l10n.t("What the network does, both ways"),
      items: presets.map((preset, at) => ({
        label: preset.label,
        description: presetDescription(preset),
        iconPath: presetIcon(preset),
        value: String(at),
      })),
    },
  ]);
  if (!answers) return undefined;
  const [to = "", port = "", chosen = ""] = answers;
  const preset = presets[Number(chosen)];
  return {
    to: to.trim(),
    listen: `${DEFAULT_HOST}:${port.trim()}`,
    ...(preset && ruleOfPreset(preset)),
  };
}

function bindAddressStep(): PickStep {
  const everyone = vscode.l10n.t("reachable from the network: anyone there can send to it");
  return {
    kind: "pick",
    prompt: vscode.l10n.t("Address to bind; choose one or type another"),
    items: [
      { label: "127.0.0.1", description: vscode.l10n.t("this machine only"), value: "127.0.0.1" },
      { label: "::1", description: vscode.l10n.t("this machine only, IPv6"), value: "::1" },
      { label: "0.0.0.0", description: `$(warning) ${everyone}`, value: "0.0.0.0" },
      { label: "::", description: `$(warning) ${everyone}, IPv6`, value: "::" },
    ],
    typed: (text): PickItem | undefined =>
      isIP(text) !== 0 ? { label: text, value: text, alwaysShow: true } : undefined,
  };
}

function portStep(prompt: string, least: number, value: number = DEFAULT_PORT): TextStep {
  return {
    kind: "text",
    prompt,
    value: String(value),
    check: (text) => {
      const port = text.trim();
      return /^\d{1,5}$/.test(port) && Number(port) >= least && Number(port) <= 0xffff
        ? undefined
        : vscode.l10n.t("Enter a whole number from {0} to 65535", least);
    },
  };
}

/**
 * What a server answers. Where other machines reach it, what comes first may be a device, which takes an answer for a command:
 * there it only listens, unless a person wants otherwise.
 */
function replyStep(host: string): PickStep {
  const answering = [
    { label: "greet", description: "Hello, DATA!", value: "greet" },
    {
      label: "upper",
      description: vscode.l10n.t("what it received, in upper case"),
      value: "upper",
    },
    { label: "echo", description: vscode.l10n.t("what it received"), value: "echo" },
  ];
  const listening = {
    label: "none",
    description: vscode.l10n.t("nothing: it only listens"),
    value: "none",
  };
  return {
    kind: "pick",
    prompt: vscode.l10n.t("What it answers"),
    items: isLoopback(host) ? [...answering, listening] : [listening, ...answering],
  };
}

import * as vscode from "vscode";
import { printable, withoutIcons, withoutLinks } from "../../core/text/printable.ts";
import { askSteps, type PickItem } from "../base/multi_step.ts";
import { networkPresets, presetIcon, ruleOfPreset } from "../launch/network_presets.ts";
import { flagWords, RULE_FLAGS, type RuleFlags } from "../launch/script_options.ts";
import {
  GOOD,
  isSameNetwork,
  type Network,
  readNetwork,
  rulesOf,
  WAY,
  withUnits,
} from "./network.ts";

/** Answers that are no preset, which are numbers. */
export const VALUES = "values";
const STOP = "stop";
const TYPED = "typed ";
/** The button of a preset: its values first. */
const CHANGE = "change ";

/**
 * Asks which network it shall be: Enter takes one of the presets as it is, and each of its values can be changed before.
 *
 * @param current what is on now; undefined: nothing
 * @returns undefined where the person gave up
 */
export async function askNetwork(
  title: string,
  current: Network | undefined,
): Promise<Network | undefined> {
  const presets = networkPresets();
  const items: PickItem[] = presets.map((preset, index) => {
    const { label } = preset;
    const value = String(index);
    const iconPath = presetIcon(preset);
    if ("problem" in preset) return { label, description: preset.problem, value, iconPath };
    const network = networkOfPreset(preset.rule);
    const isOn = current !== undefined && isSameNetwork(network, current);
    const description = withoutIcons(words(network));
    return {
      label,
      description: isOn ? `${description} · ${vscode.l10n.t("on now")}`.trim() : description,
      value,
      iconPath,
      buttonValue: `${CHANGE}${index}`,
      buttons: [changeButton()],
    };
  });
  items.push({
    label: vscode.l10n.t("Values..."),
    description:
      current === undefined
        ? vscode.l10n.t("each one for itself")
        : `${withoutIcons(words(current))} · ${vscode.l10n.t("on now")}`,
    value: VALUES,
    iconPath: new vscode.ThemeIcon("settings"),
  });
  if (current !== undefined) {
    items.push({
      label: vscode.l10n.t("Stop This Rule"),
      description: vscode.l10n.t("the network is good again"),
      value: STOP,
      iconPath: new vscode.ThemeIcon("debug-stop"),
    });
  }
  const prompt = vscode.l10n.t(
    "Type to find a network, or a rule: {0}",
    "in drop 5 delay 50ms jitter 10ms",
  );
  const [chosen] = (await askSteps(title, [{ kind: "pick", prompt, items, typed }])) ?? [];
  if (chosen === undefined) return undefined;
  if (chosen === STOP) return GOOD;
  if (chosen === VALUES) return askValues(title, current ?? GOOD);
  if (chosen.startsWith(TYPED)) return readNetwork(chosen.slice(TYPED.length));
  const preset = presets[Number(chosen.replace(CHANGE, ""))];
  if (!preset) return undefined;
  const network = networkOfPreset(ruleOfPreset(preset));
  return chosen.startsWith(CHANGE) ? askValues(title, network) : network;
}

function typed(text: string): PickItem | undefined {
  const network = readNetwork(text);
  return (
    network && {
      label: withoutIcons(printable(text, { limit: 100 })),
      description: withoutIcons(words(network)),
      value: `${TYPED}${text}`,
      iconPath: new vscode.ThemeIcon("edit"),
      alwaysShow: true,
    }
  );
}

function changeButton(): vscode.QuickInputButton {
  return {
    iconPath: new vscode.ThemeIcon("settings"),
    tooltip: vscode.l10n.t("Change Values"),
  };
}

function networkOfPreset(rule: RuleFlags): Network {
  const values = Object.keys(rule).flatMap((name): [string, string][] => {
    const [, value = ""] = flagWords(RULE_FLAGS, { [name]: Reflect.get(rule, name) });
    return Reflect.get(rule, name) === false ? [] : [[name, value]];
  });
  return { ways: "both", values: Object.fromEntries(values) };
}

/** Items of the list of values that are none of them. */
const APPLY = "apply";

/** Shows all values, and asks for each that is chosen, until they are to be applied. */
export async function askValues(title: string, given: Network): Promise<Network | undefined> {
  let network = given;
  let active = APPLY;
  for (;;) {
    const [chosen] =
      (await askSteps(title, [
        {
          kind: "pick",
          prompt: vscode.l10n.t("Choose a value to change it"),
          items: valueItems(network),
          active,
        },
      ])) ?? [];
    if (chosen === undefined) return undefined;
    if (chosen === APPLY) return network;
    network = await askValue(title, network, chosen);
    // What was changed is to be applied by one more Enter.
    active = APPLY;
  }
}

function valueItems(network: Network): PickItem[] {
  const { ways, values } = network;
  const items = Object.entries(explanations()).map(([name, explanation]) => {
    const value = values[name];
    const label = value === undefined ? name : `${name} ${value}`.trim();
    const isOn = value !== undefined ? "$(check) " : "";
    return {
      label: `${isOn}${withoutIcons(printable(label, { limit: 80 }))}`,
      description: explanation,
      value: name,
    };
  });
  return [
    {
      label: `$(pulse) ${vscode.l10n.t("Apply")}`,
      description: withoutIcons(words(network)) || vscode.l10n.t("good: everything passes"),
      value: APPLY,
    },
    { label: wayTexts()[ways], description: vscode.l10n.t("which way it is so"), value: WAY },
    ...items,
  ];
}

/** Asks for one value, or which way it is so; the same network where the person gave up. */
export async function askValue(title: string, network: Network, name: string): Promise<Network> {
  const { ways, values } = network;
  if (name === WAY) {
    const texts = Object.entries(wayTexts());
    const items = texts.map(([value, label]) => ({ label, value }));
    const prompt = vscode.l10n.t("which way it is so");
    const [way] = (await askSteps(title, [{ kind: "pick", prompt, items, active: ways }])) ?? [];
    return way === undefined ? network : { ways: way as Network["ways"], values };
  }
  const { [name]: before, ...others } = values;
  if (Reflect.get(RULE_FLAGS, name) === "flag") {
    return { ways, values: before === undefined ? { ...others, [name]: "" } : others };
  }
  const next = (text: string): Network => ({
    ways,
    values: text.trim() === "" ? others : { ...others, [name]: withUnits(name, text) },
  });
  const [text] =
    (await askSteps(`${title}: ${name}`, [
      {
        kind: "text",
        prompt: vscode.l10n.t("{0}; empty: not at all", explanations()[name] ?? name),
        value: before ?? "",
        check: (text) => problemOf(next(text)),
      },
    ])) ?? [];
  return text === undefined ? network : next(text);
}

function problemOf(network: Network): string | undefined {
  try {
    rulesOf(network);
    return undefined;
  } catch (error) {
    const why = withoutLinks(printable((error as Error).message, { limit: 200 }));
    return vscode.l10n.t("Not these: {0}", why);
  }
}

export function wayTexts(): Record<Network["ways"], string> {
  return {
    both: vscode.l10n.t("both ways"),
    in: vscode.l10n.t("in: what the port receives"),
    out: vscode.l10n.t("out: what the port sends"),
  };
}

/** Every value, in the words of netem, which the relay and the setting use as well. */
export function explanations(): Record<string, string> {
  const { t } = vscode.l10n;
  return {
    drop: t("percent that are lost, each for itself"),
    burst: t("losses in runs: percent that the network turns bad with, and good again (1%/25%)"),
    delay: t("milliseconds that each is late"),
    jitter: t("milliseconds by which that differs"),
    normal: t("jitter is a standard deviation, not the most there is"),
    "keep-order": t("nothing overtakes but by reorder"),
    reorder: t("percent that are held back for 100 ms more, so that others overtake them"),
    duplicate: t("percent that pass twice"),
    corrupt: t("percent in which one bit is changed"),
    rate: t("how many pass a second: datagrams, or bytes with headers (1000, 64KB)"),
    limit: t("how many may wait for rate and delay; what finds no room is lost"),
    mtu: t("bytes of a packet with its headers; larger ones are lost"),
    outage: t("nothing passes for so long, every so often (5s/30s)"),
    only: t("only those of so many bytes (100-), that begin so (4001, in hex), each Nth (/10)"),
    seed: t("the same number has the same accidents again"),
  };
}

/** `in drop 5% delay 50ms` */
function words({ ways, values }: Network): string {
  const texts = Object.entries(values).map(([name, value]) => `${name} ${value}`.trim());
  const text = printable(texts.join(" "), { limit: 200 });
  return ways === "both" || text === "" ? text : `${ways} ${text}`;
}

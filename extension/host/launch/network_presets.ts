import * as vscode from "vscode";
import { readOptions } from "../../../scripts/udp_relay.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import { openSetting, setting } from "../base/settings.ts";
import { flagWords, RULE_FLAGS, type RuleFlags } from "./script_options.ts";

/** A network as people know it. */
export interface NetworkPreset {
  readonly label: string;
  /** The name of one of VS Code's own icons. */
  readonly icon?: string;
  readonly rule: RuleFlags;
}

/** One of the user's own that cannot be used: why, in a sentence. */
export interface WrongPreset {
  readonly label: string;
  readonly problem: string;
}

/** More than these are not looked at: a workspace can have others' settings. */
const MOST_OWN = 100;

/**
 * What is likely to be tried, for each of the two ways: the user's own first. Delays are half of a usual round trip; rate
 * and delay of 3G are those of Apple's Network Link Conditioner.
 */
export function networkPresets(): readonly (NetworkPreset | WrongPreset)[] {
  const { t } = vscode.l10n;
  return [
    ...ownPresets(setting("networkPresets")),
    { label: t("30 % loss"), icon: "circle-slash", rule: { drop: 30 } },
    { label: t("Wi-Fi"), icon: "radio-tower", rule: { delay: "3ms", jitter: "2ms", drop: 1 } },
    {
      label: t("3G"),
      icon: "device-mobile",
      rule: { delay: "100ms", jitter: "30ms", drop: 1, rate: "97KB" },
    },
    { label: t("satellite"), icon: "globe", rule: { delay: "300ms", jitter: "10ms", drop: 0.5 } },
    { label: t("losses in runs"), icon: "graph", rule: { burst: "2%/25%" } },
    {
      label: t("an outage of 5 s every 30 s"),
      icon: "debug-disconnect",
      rule: { outage: "5s/30s" },
    },
    { label: t("good: everything passes"), icon: "check", rule: {} },
  ];
}

/** What a list shows before a network to choose. */
export function presetIcon(preset: NetworkPreset | WrongPreset): vscode.ThemeIcon {
  return new vscode.ThemeIcon("problem" in preset ? "warning" : (preset.icon ?? "account"));
}

/** What a list says of a network to choose. */
export function presetDescription(preset: NetworkPreset | WrongPreset): string {
  return "problem" in preset ? preset.problem : flagWords(RULE_FLAGS, preset.rule).join(" ");
}

/** What a network does that was chosen. Throws a {@link HumanError} where it cannot be used. */
export function ruleOfPreset(preset: NetworkPreset | WrongPreset): RuleFlags {
  if ("rule" in preset) return preset.rule;
  throw new HumanError(preset.problem, [openSetting("networkPresets")]);
}

/** What the setting says; of one that is wrong, what is wrong with it. */
export function ownPresets(value: unknown): (NetworkPreset | WrongPreset)[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value)
    .slice(0, MOST_OWN)
    .map(([name, options]) => {
      const label = withoutIcons(printable(name, { limit: 60 }));
      const problem = problemOf(options);
      return problem === undefined
        ? { label, rule: options as RuleFlags }
        : {
            label,
            problem: vscode.l10n.t(
              "Cannot use the network {0} of the setting udpWorkbench.networkPresets: {1}.",
              label,
              withoutIcons(printable(problem, { limit: 200 })),
            ),
          };
    });
}

function problemOf(options: unknown): string | undefined {
  const { t } = vscode.l10n;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return t("it must be an object, such as {0}", '{"drop": 5, "delay": "50ms"}');
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(RULE_FLAGS, name) ? Reflect.get(RULE_FLAGS, name) : undefined;
    if (kind === undefined) {
      return t("it has no {0}; it has {1}", name, Object.keys(RULE_FLAGS).join(", "));
    }
    if (kind === "flag" && typeof value !== "boolean") return t("{0} is true or false", name);
    if (kind !== "flag" && typeof value !== "number" && typeof value !== "string") {
      return t("{0} is a number or a text", name);
    }
  }
  try {
    readOptions(["--to", "127.0.0.1:1", ...flagWords(RULE_FLAGS, options)]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

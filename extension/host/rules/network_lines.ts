import * as vscode from "vscode";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { numberText } from "../base/number_text.ts";
import { TreeLine } from "../base/place.ts";
import { RULE_COLOR } from "../ports/line_colors.ts";
import { duration } from "../words/delivery_text.ts";
import { GOOD, networkOf, WAY, type WrittenRules } from "./network.ts";
import { explanations, VALUES, wayTexts } from "./network_question.ts";
import { RuleCounter, type RuleCounts } from "./rule_counts.ts";

/** A line of *Bad Network*: a port or one peer of it, and below it what its values did, and these. */
export type NetworkLine = PlaceLine | ValueLine | CountLine;

/** Where a network is bad. */
export class PlaceLine extends TreeLine {
  readonly kind = "badNetwork";
  readonly socket: CapturedSocket;
  readonly peer: string | undefined;
  readonly rules: WrittenRules;
  /** Of two with the same one, the same is said and counted. */
  readonly key: string;
  readonly counter: RuleCounter;
  readonly lines: readonly (ValueLine | CountLine)[];

  constructor(socket: CapturedSocket, rules: WrittenRules, peer: string | undefined) {
    super();
    this.socket = socket;
    this.peer = peer;
    this.rules = rules;
    const others = peer === undefined ? rules.map((rule) => rule.peer) : [];
    const own = rules.filter((rule) => rule.peer === peer);
    this.key = JSON.stringify([socket.id, peer, own, others]);
    this.counter = new RuleCounter(socket.place, rules, peer);
    const { ways, values } = this.network;
    // What came of it is what one looks at again: it is there without scrolling.
    this.lines = [
      ...COUNTS.filter((count) => CAUSES[count].some((name) => name in values)).map(
        (count) => new CountLine(this, count),
      ),
      new ValueLine(this, WAY, wayTexts()[ways]),
      ...Object.entries(values).map(([name, value]) => new ValueLine(this, name, value)),
      new ValueLine(this, VALUES, ""),
    ];
  }

  get network() {
    return networkOf(this.rules.filter(({ peer }) => peer === this.peer)) ?? GOOD;
  }

  get label(): string {
    const name = printable(this.socket.name, { limit: 80 });
    return withoutIcons(this.peer === undefined ? name : `${name} ⇄ ${this.peer}`);
  }

  get item(): vscode.TreeItem {
    const { socket, peer, label } = this;
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
    const program = withoutIcons(printable(socket.program.name, { limit: 60 }));
    item.id = `${socket.id} ${peer ?? ""}`;
    item.description = program;
    item.iconPath = new vscode.ThemeIcon("pulse", new vscode.ThemeColor(RULE_COLOR));
    item.contextValue = this.kind;
    const end = vscode.l10n.t(
      "Ends with this window, with {0}, and when nobody has asked for it for ten seconds.",
      program,
    );
    item.tooltip = `${label}\n${end}`;
    // Else VS Code reads the tooltip out, and nothing of the line.
    item.accessibilityInformation = { label: `${label} ${program}` };
    return item;
  }
}

/** One value of it; a click changes it, while the program runs. */
export class ValueLine extends TreeLine {
  readonly kind = "badNetworkValue";
  readonly parent: PlaceLine;
  readonly name: string;
  readonly #value: string;

  constructor(parent: PlaceLine, name: string, value: string) {
    super();
    this.parent = parent;
    this.name = name;
    this.#value = value;
  }

  get item(): vscode.TreeItem {
    const { name } = this;
    const value = withoutIcons(printable(this.#value, { limit: 80 }));
    const [label, icon, explanation] =
      name === WAY
        ? [value, WAY_ICONS[this.parent.network.ways], vscode.l10n.t("which way it is so")]
        : name === VALUES
          ? [vscode.l10n.t("Values..."), "settings", vscode.l10n.t("each one for itself")]
          : [name, "edit", explanations()[name] ?? ""];
    const item = new vscode.TreeItem(label);
    item.id = `${this.parent.item.id} ${name}`;
    if (label === name) item.description = value;
    item.iconPath = new vscode.ThemeIcon(icon);
    item.command = { command: "udpWorkbench.setRules", title: "", arguments: [this] };
    item.tooltip = explanation;
    const text = label === name ? `${name} ${value}`.trim() : label;
    item.accessibilityInformation = { label: `${text}: ${explanation}` };
    return item;
  }
}

const WAY_ICONS = { both: "arrow-swap", in: "arrow-down", out: "arrow-up" } as const;

/** What its rules did. */
const COUNTS = ["dropped", "delayed", "corrupted", "copies"] as const;
type Count = (typeof COUNTS)[number];

/** The values that do it: what no value does is not counted. All that hold back have a queue, which may be full. */
const CAUSES: Record<Count, readonly string[]> = {
  dropped: ["drop", "burst", "outage", "mtu", "delay", "jitter", "reorder", "rate"],
  delayed: ["delay", "jitter", "reorder", "rate"],
  corrupted: ["corrupt"],
  copies: ["duplicate"],
};

const COUNT_ICONS: Record<Count, string> = {
  dropped: "circle-slash",
  delayed: "watch",
  corrupted: "zap",
  copies: "copy",
};

/** How often they did one thing. */
export class CountLine extends TreeLine {
  readonly kind = "badNetworkCount";
  readonly parent: PlaceLine;
  readonly #count: Count;

  constructor(parent: PlaceLine, count: Count) {
    super();
    this.parent = parent;
    this.#count = count;
  }

  get item(): vscode.TreeItem {
    const { parent } = this;
    const { counts } = parent.counter;
    const item = new vscode.TreeItem(countText(this.#count));
    item.id = `${parent.item.id} ${this.#count}`;
    item.description = [numberText(counts[this.#count]), share(this.#count, counts)]
      .filter((text) => text !== "")
      .join(" · ");
    item.iconPath = new vscode.ThemeIcon(
      COUNT_ICONS[this.#count],
      counts[this.#count] > 0 ? new vscode.ThemeColor(RULE_COLOR) : undefined,
    );
    return item;
  }
}

function countText(count: Count): string {
  const { t } = vscode.l10n;
  switch (count) {
    case "dropped":
      return t("dropped");
    case "delayed":
      return t("delayed");
    case "corrupted":
      return t("corrupted");
    case "copies":
      return t("copies");
  }
}

/** Of all that met the rule; of the delays, how long they were. */
function share(count: Count, counts: RuleCounts): string {
  if (counts[count] === 0) return "";
  if (count === "delayed") {
    return vscode.l10n.t("{0} on average", duration((counts.delayMs / counts.delayed) * 1000));
  }
  return `${((counts[count] / counts.met) * 100).toFixed(1)} %`;
}

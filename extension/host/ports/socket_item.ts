import * as vscode from "vscode";
import type { SystemSocket } from "../../core/system/system_socket.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { isLoopback } from "../../core/wire/address.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import { numberText } from "../base/number_text.ts";
import { LOST_COLOR, lineFile } from "./line_colors.ts";
import type { SocketNode } from "./nodes.ts";
import type { PortRates } from "./rates.ts";
import type { RuleMark } from "./rule_mark.ts";
import { countsInShort, countsText, inLine, joined, refusedText } from "./words.ts";

/** What there is to say of a tapped port, beside the socket itself. */
export interface SocketFacts {
  /** What the operating system says of it; undefined where it was not asked. */
  readonly system: SystemSocket | undefined;
  readonly rates: PortRates;
  /** How many datagrams that it sent are known to have been refused. */
  readonly refused: number;
  /** The rules that this window has set on it. */
  readonly rules: readonly RuleMark[];
}

/** The line of a tapped port. */
export function socketItem({ id, socket }: SocketNode, facts: SocketFacts): vscode.TreeItem {
  const { received, sent, droppedByRules, program } = socket;
  const name = printable(program.name, { limit: 60 });
  const isOpen = isOpenToNetwork(socket.local, facts.system);
  const lost = facts.system?.drops ?? 0;
  const missing = socket.notRecorded;
  const loss = lost > 0 ? vscode.l10n.t("{0} lost", numberText(lost)) : "";
  const remarks = [
    refusedText(facts.refused),
    droppedByRules > 0 ? vscode.l10n.t("{0} dropped by a rule", numberText(droppedByRules)) : "",
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
  const isRuled = facts.rules.length > 0;
  const file = lineFile({ lossy: lost > 0, ruled: isRuled });
  if (file) item.resourceUri = file;
  // Buttons would cover what was lost, in a narrow view: the menu of a line has them, too.
  const buttons = lost > 0 ? "" : " buttons";
  item.contextValue = program.pid === undefined ? "port" : `port program${buttons}`;
  item.accessibilityInformation = {
    label: joined(
      [
        printable(socket.name),
        isRuled ? vscode.l10n.t("a bad network, by a rule") : "",
        loss,
        countsText(received, sent),
        name,
        ...remarks,
      ],
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

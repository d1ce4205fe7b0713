import * as vscode from "vscode";
import { MOST_PEERS } from "../../core/capture/peers.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { numberText } from "../base/number_text.ts";
import { RULE_COLOR } from "./line_colors.ts";
import type { MorePeersNode, OtherPeersNode, PeerNode } from "./nodes.ts";
import type { RuleMark } from "./rule_mark.ts";
import { ago, countsInShort, countsText, inLine, joined, refusedText } from "./words.ts";

/** The line of somebody that a port talks with; `rules`: those of the port that are for this one alone. */
export function peerItem({ id, peer }: PeerNode, rules: readonly RuleMark[]): vscode.TreeItem {
  const name = formatEndpoint(peer);
  const ruled = rules.length > 0 ? vscode.l10n.t("a bad network, by a rule") : "";
  const seen = ago(peer.lastTime);
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.None);
  item.id = id;
  const refused = refusedText(peer.refused);
  item.description = inLine([refused, countsInShort(peer.received, peer.sent), seen]);
  item.accessibilityInformation = {
    label: joined([name, ruled, countsText(peer.received, peer.sent), refused, seen], ", "),
  };
  if (rules.length > 0) {
    item.iconPath = new vscode.ThemeIcon("pulse", new vscode.ThemeColor(RULE_COLOR));
  }
  item.contextValue = "peer";
  return item;
}

/** The last line below a port that has more peers than are shown. */
export function morePeersItem({ id, count }: MorePeersNode): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t("and {0} more", numberText(count)));
  item.id = id;
  item.contextValue = "morePeers";
  item.tooltip = vscode.l10n.t("These were heard of longest ago; the filter finds all of them.");
  return item;
}

/** The line for what no other line below a port tells. */
export function otherPeersItem({ id, counts }: OtherPeersNode): vscode.TreeItem {
  const name = vscode.l10n.t("other peers");
  const item = new vscode.TreeItem(name);
  item.id = id;
  item.contextValue = "otherPeers";
  item.description = countsInShort(counts.received, counts.sent);
  item.accessibilityInformation = { label: `${name}, ${countsText(counts.received, counts.sent)}` };
  item.tooltip = vscode.l10n.t(
    "Not told one by one: their datagrams had to go because the capture folder was full, or there are more than {0} peers.",
    numberText(MOST_PEERS),
  );
  return item;
}

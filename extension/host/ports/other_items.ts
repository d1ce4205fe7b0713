import * as vscode from "vscode";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { numberText } from "../base/number_text.ts";
import { lineFile } from "./line_colors.ts";
import type { OtherNode, OthersNode } from "./nodes.ts";
import { isOpenToNetwork } from "./socket_item.ts";
import type { OtherSocket } from "./system_sockets.ts";
import { inLine, joined } from "./words.ts";

/** The line that holds what no tap sees. */
export function othersItem({ id, sockets, problem, isAskedFor }: OthersNode): vscode.TreeItem {
  if (problem !== undefined) return unknownItem(id, problem);
  const untapped = sockets.filter(({ isUntappedScript }) => isUntappedScript).length;
  const name = vscode.l10n.t("Other processes ({0})", numberText(sockets.length));
  const remark = untapped > 0 ? vscode.l10n.t("{0} not watched", numberText(untapped)) : "";
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  // How it is drawn first: later it stays as a person has it. A view that was hidden would forget to expand it.
  const item = new vscode.TreeItem(name, isAskedFor ? Expanded : Collapsed);
  item.id = id;
  item.contextValue = "others";
  item.description = remark;
  item.accessibilityInformation = { label: joined([name, remark], ", ") };
  item.tooltip = vscode.l10n.t(
    "UDP sockets of programs that are not watched, as the operating system lists them.",
  );
  return item;
}

/** What stands there instead where the system could not be asked. */
function unknownItem(id: string, problem: string): vscode.TreeItem {
  const name = vscode.l10n.t("Other processes");
  const sentence = unknownSentence(problem);
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.None);
  item.id = id;
  item.contextValue = "others";
  item.description = vscode.l10n.t("unknown");
  item.iconPath = new vscode.ThemeIcon("warning");
  item.accessibilityInformation = { label: joined([name, sentence], ", ") };
  item.tooltip = sentence;
  return item;
}

/** Why other programs' sockets are not known. */
export function unknownSentence(problem: string): string {
  return vscode.l10n.t(
    "Cannot list the UDP sockets of other programs ({0}); the ports of watched programs are shown all the same.",
    printable(problem, { limit: 200 }),
  );
}

/** The line of a socket that no tap sees. */
export function otherItem({ id, other }: OtherNode): vscode.TreeItem {
  const { socket } = other;
  const name = otherName(other);
  const isOpen = isOpenToNetwork(socket, socket);
  const lost = socket.drops ?? 0;
  const owner = ownerText(other);
  const loss = lost > 0 ? vscode.l10n.t("{0} lost", numberText(lost)) : "";
  const remarks = [
    other.isUntappedScript ? vscode.l10n.t("not watched") : "",
    socket.peer ? `→ ${formatEndpoint(socket.peer)}` : "",
  ];
  const item = new vscode.TreeItem(withoutIcons(name), vscode.TreeItemCollapsibleState.None);
  item.id = id;
  item.description = inLine([loss, withoutIcons(owner), ...remarks]);
  const file = lineFile({ lossy: lost > 0, ruled: false });
  if (file) item.resourceUri = file;
  item.iconPath = new vscode.ThemeIcon(
    other.isUntappedScript ? "eye-closed" : isOpen ? "globe" : "circle-outline",
  );
  item.contextValue = joined(
    [
      "otherProcess",
      other.isOfThisWindow ? "inTerminal" : "",
      other.isUntappedScript ? "untappedScript" : "",
      // A tap costs a script less; what else runs here, only strace can watch.
      other.isOfThisWindow && !other.isUntappedScript && process.platform === "linux"
        ? "traceable"
        : "",
    ],
    " ",
  );
  const open = isOpen ? vscode.l10n.t("open to the network") : "";
  item.accessibilityInformation = { label: joined([name, loss, owner, ...remarks, open], ", ") };
  return item;
}

/** `udp_server.ts (4242)`, or why there is no such name; printable. */
export function ownerText(other: OtherSocket): string {
  const { socket, program } = other;
  if (socket.pid === undefined) {
    if (other.isSearched) return "";
    return isOfOtherUser(other) ? vscode.l10n.t("not yours") : vscode.l10n.t("process unknown");
  }
  return joined([printable(program, { limit: 60 }), `(${socket.pid})`], " ");
}

export function otherName({ socket }: OtherSocket): string {
  const { address, zone, port } = socket;
  const end = { address: zone === "" ? address : `${address}%${zone}`, port };
  return printable(formatEndpoint(end), { limit: 80 });
}

export function isOfOtherUser({ socket }: OtherSocket): boolean {
  return socket.uid !== undefined && socket.uid !== process.getuid?.();
}

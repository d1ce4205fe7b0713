import * as vscode from "vscode";

/** The colour of what is lost. */
export const LOST_COLOR = "list.errorForeground";
/** The colour of what a rule of ours does: never that of what the network does. */
export const RULE_COLOR = "list.warningForeground";

/** A line of a tree has a colour and a mark by what VS Code takes for its file. */
const SCHEME = "udp-workbench-line";
const LOST = "/lost";
const RULED = "/ruled";

/** The file of the line of a port that has lost datagrams, or that a rule is on for; undefined for any other. */
export function lineFile(is: { readonly lossy: boolean; readonly ruled: boolean }) {
  const path = `${is.lossy ? LOST : ""}${is.ruled ? RULED : ""}`;
  return path === "" ? undefined : vscode.Uri.parse(`${SCHEME}:${path}`);
}

/** Colours name and numbers of the lines that {@link lineFile} marks. */
export const lineColors: vscode.FileDecorationProvider = {
  provideFileDecoration: ({ scheme, path }) => {
    if (scheme !== SCHEME) return undefined;
    const color = new vscode.ThemeColor(path.startsWith(LOST) ? LOST_COLOR : RULE_COLOR);
    if (!path.endsWith(RULED)) return { color };
    return { color, badge: "≈", tooltip: vscode.l10n.t("a bad network, by a rule") };
  },
};

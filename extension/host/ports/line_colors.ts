import * as vscode from "vscode";

/** The colour of what is lost. */
export const LOST_COLOR = "list.errorForeground";

/** A line of a tree has a colour by what VS Code takes for its file. */
const SCHEME = "udp-workbench-line";

/** Of a line of a port that has lost datagrams. */
export const LOSES = vscode.Uri.parse(`${SCHEME}:/lost`);

/** Colours name and numbers of the lines that {@link LOSES} marks. */
export const lineColors: vscode.FileDecorationProvider = {
  provideFileDecoration: ({ scheme }) =>
    scheme === SCHEME ? { color: new vscode.ThemeColor(LOST_COLOR) } : undefined,
};

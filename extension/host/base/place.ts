import type * as vscode from "vscode";

/** A line of one of our trees. VS Code hands it to commands as the object that it is. */
export abstract class TreeLine {
  abstract readonly kind: string;
}

/** Where a person was when they ran a command, and what they mean therefore. */
export type Place =
  /** A line of a tree: its menu or its buttons; those of the whole view as well, while the line is selected. */
  | { readonly kind: "treeLine"; readonly line: TreeLine }
  /** The menu of a row: what is selected in the grid that was used last is meant. */
  | { readonly kind: "row" }
  /** A button of the detail, which shows one datagram of the capture with that name. */
  | { readonly kind: "datagram"; readonly captureId: string; readonly id: number }
  /** A field of the detail, by the name that filters have for it. */
  | { readonly kind: "field"; readonly name: string }
  /** A file: in the explorer, or in its editor. */
  | { readonly kind: "file"; readonly uri: vscode.Uri };

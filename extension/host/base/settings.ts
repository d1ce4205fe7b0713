import * as vscode from "vscode";
import { EXTENSION, Settings } from "./ids.ts";

/** How many MiB of datagrams this window keeps on disk. */
export function captureQuotaMib(): number {
  return vscode.workspace.getConfiguration(EXTENSION).get<number>(Settings.quota, 1024);
}

import * as vscode from "vscode";
import type { CONTEXT_KEYS } from "./ids.ts";

/** Tells the `when` clauses of package.json what is so now. */
export function setContextKey(key: (typeof CONTEXT_KEYS)[number], value: boolean): void {
  void vscode.commands.executeCommand("setContext", key, value);
}

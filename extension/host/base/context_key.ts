import * as vscode from "vscode";
import { CONTEXT_KEYS } from "./ids.ts";

/** Tells the `when` clauses of package.json what is so now. */
export function setContextKey(key: (typeof CONTEXT_KEYS)[number], value: boolean): void {
  void vscode.commands.executeCommand("setContext", key, value);
}

/** Nothing is so yet: after an extension host was killed, the window still has what that one told it. */
export function forgetContextKeys(): void {
  for (const key of CONTEXT_KEYS) setContextKey(key, false);
}

import * as vscode from "vscode";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import type { Store } from "../base/store.ts";

/** Loads what knows request files with the first that is opened. */
export function watchRequestFiles(store: Store): void {
  let isLoaded = false;
  const load = async ({ languageId }: vscode.TextDocument) => {
    if (languageId !== REQUEST_LANGUAGE || isLoaded) return;
    isLoaded = true;
    const { RequestLanguage } = await import("./request_language.ts");
    store.add(new RequestLanguage());
  };
  store.add(vscode.workspace.onDidOpenTextDocument((document) => void load(document)));
  for (const document of vscode.workspace.textDocuments) void load(document);
}

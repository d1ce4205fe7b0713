import * as vscode from "vscode";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import { once } from "../base/once.ts";
import type { Store } from "../base/store.ts";
import type { RequestContext } from "./request_features.ts";

/** Loads what knows request files with the first that there is. */
export function watchRequestFiles(store: Store, context: RequestContext): void {
  const load = once(async () => {
    const { requestFeatures } = await import("./request_features.ts");
    store.add(requestFeatures(context));
  });
  const look = ({ languageId }: vscode.TextDocument) => languageId === REQUEST_LANGUAGE && load();
  const { workspace } = vscode;
  store.add(workspace.onDidOpenTextDocument(look));
  workspace.textDocuments.forEach(look);
  void workspace.findFiles("**/*.udp", undefined, 1).then(([found]) => found && load());
}

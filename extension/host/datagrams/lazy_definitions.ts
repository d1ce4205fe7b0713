import * as vscode from "vscode";
import { once } from "../base/once.ts";
import { affects, setting } from "../base/settings.ts";
import type { Store } from "../base/store.ts";
import { isDefinition } from "../definitions/definition_paths.ts";
import type { Definitions } from "../definitions/definitions.ts";
import type { LoopContext } from "./definition_loop.ts";

/**
 * The definitions of the workspace, the same each time; loaded when they are first asked for. When one is opened, or the
 * setting names one, so is what leads from its editor to the rows and back.
 */
export function lazyDefinitions(
  store: Store,
  context: () => LoopContext,
): () => Promise<Definitions> {
  const load = once(async () => {
    const it = await import("../definitions/definitions.ts");
    return store.add(new it.Definitions());
  });
  let isUsed = false;
  const check = async () => {
    if (isUsed) return;
    isUsed = setting("definitions").length > 0 || vscode.workspace.textDocuments.some(isDefinition);
    if (!isUsed) return;
    const [definitions, it] = await Promise.all([load(), import("./definition_loop.ts")]);
    store.add(it.definitionLoop(context(), definitions));
  };
  store.add(vscode.workspace.onDidOpenTextDocument(check));
  store.add(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (affects(event, "definitions")) void check();
    }),
  );
  void check();
  return load;
}

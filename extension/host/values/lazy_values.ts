import * as vscode from "vscode";
import { VALUES_EDITOR } from "../base/ids.ts";
import { once } from "../base/once.ts";
import type { Store } from "../base/store.ts";
import type { ValuesContext, ValuesEditors } from "./values_editors.ts";

/** The tabs of values, the same each time; their code is loaded when one is first opened, or is there after a reload. */
export function lazyValues(context: ValuesContext, store: Store): () => Promise<ValuesEditors> {
  const load = once(async () => {
    const it = await import("./values_editors.ts");
    return store.add(new it.ValuesEditors(context));
  });
  store.add(
    vscode.window.registerWebviewPanelSerializer(VALUES_EDITOR, {
      deserializeWebviewPanel: async (panel, state) => (await load()).restore(panel, state),
    }),
  );
  return load;
}

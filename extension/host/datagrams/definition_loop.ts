import * as vscode from "vscode";
import { Store } from "../base/store.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { DefinitionDiagnostics } from "../definitions/definition_diagnostics.ts";
import { registerDefinitionLanguage } from "../definitions/definition_language.ts";
import type { Definitions } from "../definitions/definitions.ts";
import { SHOW_ROW } from "../definitions/show_row.ts";
import type { DatagramsView } from "./datagrams_view.ts";
import type { Grids } from "./grids.ts";

export interface LoopContext {
  readonly live: CaptureSource;
  readonly grids: Grids;
  readonly datagramsView: DatagramsView;
}

/** From a definition in its editor to the rows that it reads, and back. */
export function definitionLoop(context: LoopContext, definitions: Definitions): vscode.Disposable {
  const store = new Store();
  store.add(vscode.commands.registerCommand(SHOW_ROW, (id: unknown) => showRow(context, id)));
  store.add(new DefinitionDiagnostics(context.live, definitions));
  store.add(registerDefinitionLanguage());
  return store;
}

/** In the grid of the live capture that is in view, or in the side bar. */
async function showRow({ live, grids, datagramsView }: LoopContext, id: unknown): Promise<void> {
  if (typeof id !== "number" || !live.capture.has(id)) return;
  const { lastUsed: page } = grids;
  if (page?.source === live && page.isVisible) await page.showRow(id);
  else await datagramsView.showRow(id);
}

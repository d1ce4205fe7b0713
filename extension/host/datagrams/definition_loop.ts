import * as vscode from "vscode";
import { CAPTURE_EDITOR } from "../base/ids.ts";
import { Store } from "../base/store.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { DefinitionDiagnostics } from "../definitions/definition_diagnostics.ts";
import { registerDefinitionLanguage } from "../definitions/definition_language.ts";
import type { Definitions } from "../definitions/definitions.ts";
import { FieldValues, type ValuePlace } from "../definitions/field_values.ts";
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
  const { live, grids } = context;
  const store = new Store();
  const changed = store.add(new vscode.EventEmitter<void>());
  grids.onChange = () => changed.fire();
  store.add(
    vscode.commands.registerCommand(SHOW_ROW, (id: unknown, captureId: unknown) =>
      showRow(context, id, captureId),
    ),
  );
  const saved = () => [...grids.pages].filter(({ source }) => !source.isLive);
  const captures = { all: () => [{ source: live }, ...saved()], onDidChange: changed.event };
  store.add(new DefinitionDiagnostics(captures, definitions));
  const fieldValues = new FieldValues(definitions, () => placesOf(context));
  store.add(registerDefinitionLanguage((document, line) => fieldValues.at(document, line)));
  return store;
}

/** Rows whose values are shown beside a field: the one that is selected first, then the latest. */
function placesOf({ live, grids }: LoopContext): ValuePlace[] {
  const { lastUsed } = grids;
  const source = lastUsed?.source ?? live;
  const selected = lastUsed?.selection.activeId;
  return [{ source, ...(selected !== undefined && { selected }) }];
}

/** In the grid of the live capture that is in view, or in the side bar; of a saved capture in its editor. */
async function showRow(
  { live, grids, datagramsView }: LoopContext,
  id: unknown,
  captureId: unknown,
): Promise<void> {
  if (typeof id !== "number") return;
  if (typeof captureId === "string") {
    const page = grids.byCaptureId(captureId);
    if (!page?.source.capture.has(id)) return;
    const { uri } = page.source as Partial<vscode.CustomDocument>;
    if (uri) await vscode.commands.executeCommand("vscode.openWith", uri, CAPTURE_EDITOR);
    await page.showRow(id);
    return;
  }
  if (!live.capture.has(id)) return;
  const { lastUsed: page } = grids;
  if (page?.source === live && page.isVisible) await page.showRow(id);
  else await datagramsView.showRow(id);
}

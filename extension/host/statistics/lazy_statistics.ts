import * as vscode from "vscode";
import { STATISTICS_EDITOR } from "../base/ids.ts";
import { once } from "../base/once.ts";
import type { Store } from "../base/store.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { PageContext } from "../datagrams/datagrams_page.ts";
import type { DatagramsView } from "../datagrams/datagrams_view.ts";
import type { StatisticsEditor } from "./statistics_editor.ts";

/** The tabs with statistics, made when one is opened or, after a reload of the window, is there again; they end with `store`. */
export function lazyStatistics(
  live: CaptureSource,
  pages: PageContext,
  view: DatagramsView,
  store: Store,
): () => Promise<StatisticsEditor> {
  const load = once(async () => {
    const { StatisticsEditor } = await import("./statistics_editor.ts");
    return store.add(new StatisticsEditor(live, pages, view));
  });
  store.add(
    vscode.window.registerWebviewPanelSerializer(STATISTICS_EDITOR, {
      deserializeWebviewPanel: async (panel, state) => (await load()).restore(panel, state),
    }),
  );
  return load;
}

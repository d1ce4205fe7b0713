import type * as vscode from "vscode";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { DatagramsPage, PageContext } from "./datagrams_page.ts";

/**
 * Shows the grid of a capture in a view or an editor, as long as that is there; its code is loaded with the first.
 * Undefined where it was closed meanwhile.
 */
export async function showGrid(
  source: CaptureSource,
  place: vscode.WebviewView | vscode.WebviewPanel,
  context: PageContext,
): Promise<DatagramsPage | undefined> {
  let page: DatagramsPage | undefined;
  let isClosed = false;
  place.onDidDispose(() => {
    isClosed = true;
    page?.dispose();
  });
  const [{ DatagramsPage }, { showDatagramsHtml }, decoders] = await Promise.all([
    import("./datagrams_page.ts"),
    import("./datagrams_html.ts"),
    context.decoders(),
  ]);
  if (isClosed) return undefined;
  page = new DatagramsPage(source, place, context, decoders);
  // Its page says that it listens when it has been loaded: after that.
  showDatagramsHtml(place.webview, context.extensionUri);
  return page;
}

/** The same in an editor: who makes that the active one uses the page. */
export async function showGridInEditor(
  source: CaptureSource,
  panel: vscode.WebviewPanel,
  context: PageContext,
): Promise<void> {
  const page = await showGrid(source, panel, context);
  if (!page) return;
  const changed = () => {
    if (panel.active) page.use();
    page.placeChanged();
  };
  changed();
  panel.onDidChangeViewState(changed);
}

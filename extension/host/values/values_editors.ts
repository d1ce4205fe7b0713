import * as vscode from "vscode";
import { CAPTURE_EDITOR, VALUES_EDITOR } from "../base/ids.ts";
import { Store } from "../base/store.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { showPageHtml } from "../datagrams/datagrams_html.ts";
import type { DatagramsPage } from "../datagrams/datagrams_page.ts";
import type { DatagramsView } from "../datagrams/datagrams_view.ts";
import type { Grids } from "../datagrams/grids.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import { ValuesPage } from "./values_page.ts";

export interface ValuesContext {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly live: CaptureSource;
  readonly grids: Grids;
  readonly decoders: () => Promise<PayloadDecoders>;
  readonly datagramsView: DatagramsView;
}

interface OpenValues {
  readonly panel: vscode.WebviewPanel;
  readonly page: ValuesPage;
}

/** The tabs of values and plots: one for each capture. */
export class ValuesEditors implements vscode.Disposable {
  readonly #context: ValuesContext;
  readonly #store = new Store();
  readonly #open = new Map<CaptureSource, OpenValues>();

  constructor(context: ValuesContext) {
    this.#context = context;
    this.#store.add(
      context.grids.onDidChangePage((page) => this.#open.get(page.source)?.page.gridChanged()),
    );
    this.#store.add({
      dispose: () => {
        for (const { panel } of [...this.#open.values()]) panel.dispose();
      },
    });
  }

  /** Shows the values of the capture whose grid was used last: beside it where it is in an editor. */
  async show(): Promise<ValuesPage> {
    const source = this.#context.grids.lastUsed?.source ?? this.#context.live;
    const open = this.#open.get(source);
    if (open) {
      open.panel.reveal();
      return open.page;
    }
    const title = source.isLive
      ? vscode.l10n.t("UDP Values")
      : vscode.l10n.t("Values of {0}", source.name);
    const column = source.isLive ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
    return this.#fill(
      source,
      vscode.window.createWebviewPanel(VALUES_EDITOR, title, column, {
        retainContextWhenHidden: false,
      }),
    );
  }

  /** After a reload of the window the tab is there again; that of a file is not, as its rows have other numbers now. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { isLive } = (state ?? {}) as { readonly isLive?: unknown };
    if (isLive === true) await this.#fill(this.#context.live, panel);
    else panel.dispose();
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #fill(source: CaptureSource, panel: vscode.WebviewPanel): Promise<ValuesPage> {
    const { extensionUri, log, grids, datagramsView } = this.#context;
    const icon = (theme: string) =>
      vscode.Uri.joinPath(extensionUri, `extension/media/udp_${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    const grid = () => pageOf(grids, source);
    const page = new ValuesPage(source, panel, await this.#context.decoders(), {
      log,
      grid,
      filter: (text) => {
        const shown = grid();
        if (shown) void shown.setFilter(text);
        else if (source.isLive) datagramsView.setFilter(text);
      },
      showRow: async (id) => {
        if (!source.capture.has(id)) return;
        const shown = grid();
        if (shown?.isVisible) await shown.showRow(id);
        else if (source.isLive) await datagramsView.showRow(id);
        else if (shown) await revealSaved(shown, id);
      },
    });
    this.#open.set(source, { panel, page });
    panel.onDidDispose(() => {
      page.dispose();
      if (this.#open.get(source)?.panel === panel) this.#open.delete(source);
    });
    // A file that is closed has no rows any more.
    if (!source.isLive) grid()?.onClose(() => panel.dispose());
    showPageHtml(panel.webview, extensionUri, "values");
    return page;
  }
}

/** The grid of a capture: the one that was used last, where there are several. */
function pageOf({ lastUsed, pages }: Grids, source: CaptureSource): DatagramsPage | undefined {
  if (lastUsed?.source === source) return lastUsed;
  return [...pages].find((page) => page.source === source);
}

async function revealSaved(page: DatagramsPage, id: number): Promise<void> {
  const { uri } = page.source as Partial<vscode.CustomDocument>;
  if (uri) await vscode.commands.executeCommand("vscode.openWith", uri, CAPTURE_EDITOR);
  await page.showRow(id);
}

import * as vscode from "vscode";
import { DATAGRAMS_EDITOR } from "../base/ids.ts";
import { Store } from "../base/store.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { PageContext } from "./datagrams_page.ts";
import { showGridInEditor } from "./show_grid.ts";

/** The wide grid of the live capture in an editor tab: one tab, shown again where it is open already. */
export class DatagramsEditor implements vscode.Disposable {
  readonly #source: CaptureSource;
  readonly #context: PageContext;
  readonly #store = new Store();
  #current: vscode.WebviewPanel | undefined;

  constructor(source: CaptureSource, context: PageContext) {
    this.#source = source;
    this.#context = context;
    // After a reload of the window the tab is there again.
    this.#store.add(
      vscode.window.registerWebviewPanelSerializer(DATAGRAMS_EDITOR, {
        deserializeWebviewPanel: (panel) => this.#fill(panel),
      }),
    );
    this.#store.add({ dispose: () => this.#current?.dispose() });
  }

  async open(): Promise<void> {
    if (this.#current) {
      this.#current.reveal();
      return;
    }
    const title = vscode.l10n.t("UDP Datagrams");
    await this.#fill(
      vscode.window.createWebviewPanel(DATAGRAMS_EDITOR, title, vscode.ViewColumn.Active),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  #fill(panel: vscode.WebviewPanel): Promise<void> {
    this.#current = panel;
    const { extensionUri } = this.#context;
    const icon = (theme: string) =>
      vscode.Uri.joinPath(extensionUri, `extension/media/udp_${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    panel.onDidDispose(() => {
      if (this.#current === panel) this.#current = undefined;
    });
    return showGridInEditor(this.#source, panel, this.#context);
  }
}

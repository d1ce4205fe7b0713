import * as vscode from "vscode";
import type { Question } from "../../webview/statistics/protocol.ts";
import { STATISTICS_EDITOR } from "../base/ids.ts";
import { Store } from "../base/store.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { DatagramsPage, PageContext } from "../datagrams/datagrams_page.ts";
import type { DatagramsView } from "../datagrams/datagrams_view.ts";
import type { GridToNarrow } from "./statistics_page.ts";

/** What is counted before anybody has asked for something else. */
const FIRST: Question = { by: "conversation", field: "", sequence: "", filter: "" };

/** The statistics of captures in editor tabs, one for each capture: its tab is shown again where it is open already. */
export class StatisticsEditor implements vscode.Disposable {
  readonly #live: CaptureSource;
  readonly #context: PageContext;
  readonly #view: DatagramsView;
  readonly #open = new Map<CaptureSource, OpenTab>();

  /** @param view where rows of the live capture are shown when there is no other grid of it */
  constructor(live: CaptureSource, context: PageContext, view: DatagramsView) {
    this.#live = live;
    this.#context = context;
    this.#view = view;
  }

  /** @param page the grid that the rows are shown in when a line is chosen; a saved capture is shown as long as that is open */
  async open(
    source: CaptureSource,
    page: DatagramsPage | undefined,
    question: Question,
  ): Promise<void> {
    const known = this.#open.get(source);
    if (known) {
      known.grid = page;
      known.panel.reveal();
      await known.ask(question);
      return;
    }
    const title = source.isLive
      ? vscode.l10n.t("UDP Statistics")
      : vscode.l10n.t("Statistics: {0}", source.name);
    const { Active } = vscode.ViewColumn;
    const panel = vscode.window.createWebviewPanel(STATISTICS_EDITOR, title, Active);
    await this.#fill(source, page, panel, question);
  }

  /** After a reload of the window the tab of the live capture is there again; no other tells what it was of. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (isOfLive(state) && !this.#open.has(this.#live)) {
      await this.#fill(this.#live, undefined, panel, FIRST);
    } else panel.dispose();
  }

  dispose(): void {
    for (const { panel } of [...this.#open.values()]) panel.dispose();
  }

  async #fill(
    source: CaptureSource,
    grid: DatagramsPage | undefined,
    panel: vscode.WebviewPanel,
    question: Question,
  ): Promise<void> {
    let asked = question;
    const tab: OpenTab = {
      panel,
      grid,
      ask: async (other) => {
        asked = other;
      },
    };
    this.#open.set(source, tab);
    const { extensionUri } = this.#context;
    const icon = (theme: string) =>
      vscode.Uri.joinPath(extensionUri, `extension/media/udp_${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    const store = new Store();
    panel.onDidDispose(() => {
      store.dispose();
      if (this.#open.get(source) === tab) this.#open.delete(source);
    });
    // Without its editor a saved capture is not read any more.
    if (!source.isLive) grid?.onClose(() => panel.dispose());
    const [{ StatisticsPage }, { showPageHtml }, decoders] = await Promise.all([
      import("./statistics_page.ts"),
      import("../datagrams/datagrams_html.ts"),
      this.#context.decoders(),
    ]);
    if (store.isDisposed) return;
    const toNarrow = () => this.#gridOf(source, tab);
    const page = store.add(
      new StatisticsPage(source, panel, this.#context, decoders, asked, toNarrow),
    );
    tab.ask = (other) => page.ask(other);
    showPageHtml(panel.webview, extensionUri, "statistics");
  }

  /** The grid that it was opened from, or another one of the same capture. */
  #gridOf(source: CaptureSource, { grid }: OpenTab): GridToNarrow {
    const pages = [...this.#context.grids.pages].filter((page) => page.source === source);
    return pages.find((page) => page === grid) ?? pages[0] ?? this.#view;
  }
}

interface OpenTab {
  readonly panel: vscode.WebviewPanel;
  grid: DatagramsPage | undefined;
  ask(question: Question): Promise<void>;
}

/** What a page of the live capture keeps says so. */
function isOfLive(state: unknown): boolean {
  return typeof state === "object" && state !== null && "isLive" in state && state.isLive === true;
}

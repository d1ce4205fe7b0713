import * as vscode from "vscode";
import type { ConversationEnds } from "../../core/capture/captured_conversation.ts";
import { Views } from "../base/ids.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { DatagramsPage, PageContext } from "./datagrams_page.ts";
import { showGrid } from "./show_grid.ts";

/** The Datagrams view in the side bar: the grid of the live capture. */
export class DatagramsView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #source: CaptureSource;
  readonly #context: PageContext;
  readonly #registration: vscode.Disposable;
  #page: DatagramsPage | undefined;
  /** What a person chose to see before the view was opened for the first time. */
  #chosen: ((page: DatagramsPage) => Promise<void>) | undefined;

  constructor(source: CaptureSource, context: PageContext) {
    this.#source = source;
    this.#context = context;
    this.#registration = vscode.window.registerWebviewViewProvider(Views.datagrams, this);
  }

  async resolveWebviewView(view: vscode.WebviewView): Promise<void> {
    const page = await showGrid(this.#source, view, this.#context);
    if (!page) return;
    this.#page?.dispose();
    this.#page = page;
    view.onDidChangeVisibility(page.placeChanged);
    view.onDidDispose(() => {
      if (this.#page === page) this.#page = undefined;
    });
    void this.#chosen?.(page);
    this.#chosen = undefined;
  }

  /** Narrows the grid to what passes a filter; its box shows the text, and how to be rid of it. */
  readonly setFilter = (text: string): void => {
    if (this.#page) void this.#page.setFilter(text);
    else this.#chosen = (page) => page.setFilter(text);
  };

  /** Brings the view to the front, with the row of a datagram selected. */
  async showRow(id: number): Promise<void> {
    if (this.#page) await this.#page.showRow(id);
    else this.#chosen = (page) => page.showRow(id);
    await vscode.commands.executeCommand(`${Views.datagrams}.focus`);
  }

  /** Narrows the grid to a conversation; `show`: the view comes to the front, as a person asked for it. */
  async follow(ends: ConversationEnds, show: boolean): Promise<void> {
    if (this.#page) await this.#page.follow(ends);
    else if (show) this.#chosen = (page) => page.follow(ends);
    if (show) await vscode.commands.executeCommand(`${Views.datagrams}.focus`);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#page?.dispose();
  }
}

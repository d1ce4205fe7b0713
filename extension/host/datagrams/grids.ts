import type { Disposable } from "vscode";
import { setContextKey } from "../base/context_key.ts";
import type { DatagramsPage } from "./datagrams_page.ts";

/** The grids of this window, wherever they are shown: which was used last, and whether they hold their rows. */
export class Grids {
  readonly #pages = new Set<DatagramsPage>();
  #lastUsed: DatagramsPage | undefined;
  #isPaused = false;
  /** Told by a grid that it comes or goes. */
  declare onChange: (() => void) | undefined;
  readonly #listeners = new Set<(page: DatagramsPage) => void>();

  get pages(): Iterable<DatagramsPage> {
    return this.#pages;
  }

  /** The page that a person used last: commands of the menu and the palette act on its selection. */
  get lastUsed(): DatagramsPage | undefined {
    return this.#lastUsed;
  }

  use(page: DatagramsPage): void {
    this.#lastUsed = page;
  }

  /** Another filter applies in a grid, or another row is selected: its values are told of that. */
  changed(page: DatagramsPage): void {
    for (const listener of this.#listeners) listener(page);
  }

  onDidChangePage(listener: (page: DatagramsPage) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** The page that a capture's name stands for; undefined where it was closed. */
  byCaptureId(captureId: string): DatagramsPage | undefined {
    return [...this.#pages].find((page) => page.captureId === captureId);
  }

  /** Takes a new page in, until what is returned is disposed. */
  add(page: DatagramsPage): Disposable {
    this.#pages.add(page);
    if (page.source.isLive) page.setPaused(this.#isPaused);
    return {
      dispose: () => {
        this.#pages.delete(page);
        if (this.#lastUsed === page) this.#lastUsed = undefined;
      },
    };
  }

  /** Holds the rows of the live capture in all grids at once, or lets them go on: who pauses one means what it shows. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    for (const page of this.#pages) if (page.source.isLive) page.setPaused(isPaused);
    setContextKey("udpWorkbench.paused", isPaused);
  }
}

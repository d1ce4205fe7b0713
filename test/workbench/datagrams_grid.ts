import type { Frame } from "playwright-core";
import type { Grid, GridRow } from "../support/grid.ts";
import type { Workbench } from "../support/workbench.ts";

/** The Datagrams view, or an editor with the same page: its grid and its detail. */
export class DatagramsGrid {
  readonly frame: Frame;
  readonly #grid: Grid;

  private constructor(frame: Frame, grid: Grid) {
    this.frame = frame;
    this.#grid = grid;
  }

  static async in(workbench: Workbench, title = "Datagrams"): Promise<DatagramsGrid> {
    const frame = await workbench.webviews.inside(title);
    return new DatagramsGrid(frame, await workbench.webviews.grid(title));
  }

  /** Waits until there are exactly so many rows; returns those in sight, from the upper to the lower. */
  waitForRows(count: number): Promise<GridRow[]> {
    return this.#grid.waitForRowCount(count);
  }

  /** Clicks the row at a position from 0, and waits for its detail. */
  async select(position: number): Promise<void> {
    await this.#grid.element.locator(`[role="row"][aria-rowindex="${position + 2}"]`).click();
    await this.frame.locator("#detail").waitFor({ state: "visible" });
  }

  /** What the detail shows. */
  async detailText(): Promise<string> {
    return (await this.frame.locator("#detail").textContent()) ?? "";
  }

  /** True when the page is wider than its view, so that something is cut off or needs a scroll bar. */
  isCutOff(): Promise<boolean> {
    return this.frame.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
  }
}

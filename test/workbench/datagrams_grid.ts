import type { Frame, Locator } from "playwright-core";
import type { Grid, GridRow } from "../support/grid.ts";
import type { Workbench } from "../support/workbench.ts";

/** The Datagrams view, or an editor with the same page: its grid and its detail. */
export class DatagramsGrid {
  readonly frame: Frame;
  readonly #workbench: Workbench;
  readonly #grid: Grid;

  private constructor(workbench: Workbench, frame: Frame, grid: Grid) {
    this.#workbench = workbench;
    this.frame = frame;
    this.#grid = grid;
  }

  static async in(workbench: Workbench, title = "Datagrams"): Promise<DatagramsGrid> {
    const frame = await workbench.webviews.inside(title);
    return new DatagramsGrid(workbench, frame, await workbench.webviews.grid(title));
  }

  /** Waits until there are exactly so many rows; returns those in sight, from the upper to the lower. */
  waitForRows(count: number): Promise<GridRow[]> {
    return this.#grid.waitForRowCount(count);
  }

  /**
   * As {@link waitForRows}, and until each of them says that both ends have recorded it: what one end recorded is
   * there before what the other did.
   */
  waitForDelivered(count: number): Promise<GridRow[]> {
    return this.#workbench.waitFor(
      `${count} delivered datagrams`,
      () => this.#grid.rows(),
      (rows) => rows.length === count && rows.every(({ Note }) => /\bdelivered\b/.test(Note ?? "")),
    );
  }

  /** The row at a position from 0. */
  row(position: number): Locator {
    return this.#grid.element.locator(`[role="row"][aria-rowindex="${position + 2}"]`);
  }

  /** Clicks the row at a position from 0, and waits for its detail: that of the row before is there until then. */
  async select(position: number): Promise<void> {
    await this.row(position).click();
    await this.showsDetail(Number(await this.row(position).locator(".number").textContent()));
  }

  /** Waits for the detail of the datagram with this number, however it was chosen. */
  async showsDetail(number: number): Promise<void> {
    await this.#workbench.waitFor(
      `the detail of datagram ${number}`,
      () => this.frame.locator("#detail:visible h2").textContent({ timeout: 1000 }),
      (text) => text?.split(" · ")[0]?.replaceAll(",", "") === String(number),
    );
  }

  /** What the detail shows. */
  async detailText(): Promise<string> {
    return (await this.frame.locator("#detail").textContent()) ?? "";
  }

  /** Waits until the page is no wider than its view, so that nothing is cut off or needs a scroll bar. */
  async waitUntilItFits(): Promise<void> {
    await this.#workbench.waitFor(
      "a page that is no wider than its view",
      () =>
        this.frame.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return { scrollWidth, clientWidth };
        }),
      ({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth,
    );
  }
}

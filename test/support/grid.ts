import type { Frame, Locator } from "playwright-core";
import type { WaitOptions } from "./wait_until.ts";
import type { WorkbenchPage } from "./workbench_page.ts";

/** The cells of a row by the titles of their columns, as a screen reader says them. */
export type GridRow = Readonly<Record<string, string>>;

/** A `role="grid"` in a webview, read by its ARIA roles alone. */
export class Grid {
  readonly element: Locator;
  readonly #workbench: WorkbenchPage;

  constructor(workbench: WorkbenchPage, frame: Frame) {
    this.#workbench = workbench;
    this.element = frame.locator("[role=grid]");
  }

  /** How many rows there are, the head and those out of sight included (`aria-rowcount`). */
  async rowCount(): Promise<number> {
    return Number(await this.element.getAttribute("aria-rowcount"));
  }

  /** The rows in sight, without the head, from top to bottom; not those whose content is still on its way. */
  rows(): Promise<GridRow[]> {
    return this.element.evaluate((grid) => {
      const column = (cell: Element) => Number(cell.getAttribute("aria-colindex"));
      const heads = Array.from(grid.querySelectorAll("[role=columnheader]"));
      const titles = new Map(heads.map((head) => [column(head), head.textContent ?? ""]));
      const index = (row: Element) => Number(row.getAttribute("aria-rowindex"));
      return Array.from(grid.querySelectorAll("[role=row][aria-rowindex]:not([aria-busy=true])"))
        .filter((row) => row.querySelector("[role=gridcell]"))
        .sort((a, b) => index(a) - index(b))
        .map((row) =>
          Object.fromEntries(
            Array.from(row.querySelectorAll("[role=gridcell]"), (cell) => [
              titles.get(column(cell)) ?? "",
              cell.ariaLabel ?? cell.textContent ?? "",
            ]),
          ),
        );
    });
  }

  /** Waits until there are exactly so many rows without the head, and those in sight are drawn; returns these. */
  async waitForRowCount(count: number, options?: WaitOptions): Promise<GridRow[]> {
    return this.#workbench.waitFor(
      `${count} rows in the grid`,
      async () =>
        (await this.rowCount()) - 1 === count && (await this.#isDrawn()) ? this.rows() : [],
      (rows) => rows.length > 0,
      options,
    );
  }

  /** False while the content of a row in sight is on its way. */
  #isDrawn(): Promise<boolean> {
    return this.element.evaluate((grid) =>
      Array.from(grid.querySelectorAll("[role=row][aria-busy=true]")).every(
        (row) => row.getClientRects().length === 0,
      ),
    );
  }

  /** Waits until the rows in sight satisfy this; `what` says it in words. */
  waitForRows(
    what: string,
    satisfies: (rows: readonly GridRow[]) => boolean,
    options?: WaitOptions,
  ): Promise<GridRow[]> {
    return this.#workbench.waitFor(`${what} in the grid`, () => this.rows(), satisfies, options);
  }
}

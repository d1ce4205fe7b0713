import type { Locator } from "playwright-core";
import type { WaitOptions } from "./wait_until.ts";
import type { WorkbenchPage } from "./workbench_page.ts";

/** A row of a tree, as it is shown. */
export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** 1 for the roots. */
  readonly level: number;
  /** undefined where there is nothing to expand. */
  readonly expanded: boolean | undefined;
  /** What a screen reader says. */
  readonly ariaLabel: string;
}

/** A native tree view. Only rows that are scrolled into view are in the DOM, and so here. */
export class TreeView {
  readonly title: string;
  readonly #workbench: WorkbenchPage;

  constructor(workbench: WorkbenchPage, title: string) {
    this.#workbench = workbench;
    this.title = title;
  }

  /** The view's whole box: its header with its buttons, and its body. */
  get pane(): Locator {
    const header = this.#workbench.page.locator(".pane-header .title");
    return this.#workbench.page
      .locator(".pane")
      .filter({ has: header.getByText(this.title, { exact: true }) });
  }

  /** What stands beside its name. */
  async description(): Promise<string> {
    return (await this.pane.locator(".pane-header .description").textContent()) ?? "";
  }

  rows(): Promise<TreeRow[]> {
    return this.pane.locator(".monaco-list-row[role=treeitem]").evaluateAll((rows) =>
      rows
        .sort((a, b) => Number(a.getAttribute("data-index")) - Number(b.getAttribute("data-index")))
        .map((row) => ({
          label: row.querySelector(".label-name")?.textContent ?? "",
          description: row.querySelector(".label-description")?.textContent ?? "",
          level: Number(row.ariaLevel),
          expanded: row.ariaExpanded === null ? undefined : row.ariaExpanded === "true",
          ariaLabel: row.ariaLabel ?? "",
        })),
    );
  }

  /** Waits until the rows satisfy this; `what` says it in words. */
  waitForRows(
    what: string,
    satisfies: (rows: readonly TreeRow[]) => boolean,
    options?: WaitOptions,
  ): Promise<TreeRow[]> {
    return this.#workbench.waitFor(
      `${what} in the view "${this.title}"`,
      () => this.rows(),
      satisfies,
      options,
    );
  }

  /** The row with this label. Hover or select it, and its inline buttons can be clicked. */
  row(label: string | RegExp): Locator {
    const name = this.#workbench.page.locator(".label-name").getByText(label, { exact: true });
    return this.pane.locator(".monaco-list-row[role=treeitem]").filter({ has: name });
  }

  /** Clicks an inline button of a row, or of the view's header where no row is given, by its accessible name. */
  async clickAction(name: string, rowLabel?: string): Promise<void> {
    const place = rowLabel === undefined ? this.pane.locator(".pane-header") : this.row(rowLabel);
    await place.hover();
    await place.locator(`.action-label[aria-label^="${name}"]`).click();
  }
}

import { create, on } from "../../parts/dom.ts";
import { t } from "../../parts/l10n.ts";

/** What lies over the rows: why there are none, and the button that leads to new ones. */
export class GridOverlay {
  readonly elements: readonly HTMLElement[];
  readonly #empty = create("p", { class: "empty" });
  readonly #newRows = create("button", { class: "new-rows", type: "button" });

  constructor(followAgain: () => void) {
    this.elements = [this.#empty, this.#newRows];
    this.showNewRows(0);
    on(this.#newRows, "click", followAgain);
  }

  /** Undefined where there are rows. */
  showEmpty(why: string | undefined): void {
    this.#empty.hidden = why === undefined;
    if (why !== this.#empty.textContent) this.#empty.textContent = why ?? "";
  }

  /** How many rows have come that nobody has seen. */
  showNewRows(count: number): void {
    this.#newRows.hidden = count === 0;
    if (count > 0) this.#newRows.textContent = t("{0} new", count);
  }
}

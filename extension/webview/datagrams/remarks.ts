import { create, on } from "../parts/dom.ts";
import { iconButton } from "../parts/icons.ts";
import { t } from "../parts/l10n.ts";

/** Sentences about what keeps the table from being all that there was, each until it is put away. */
export class Remarks {
  readonly element = create("ul", { class: "remarks" });
  readonly #dismissed: Set<string>;
  readonly #changed: (dismissed: readonly string[]) => void;
  #shown: readonly string[] = [];

  /** `dismissed`: those that were put away in an earlier life of the page. */
  constructor(dismissed: readonly string[], changed: (dismissed: readonly string[]) => void) {
    this.#dismissed = new Set(dismissed);
    this.#changed = changed;
    this.element.hidden = true;
  }

  show(remarks: readonly string[]): void {
    const shown = remarks.filter((remark) => !this.#dismissed.has(remark));
    if (shown.length === this.#shown.length && shown.every((text, at) => text === this.#shown[at]))
      return;
    this.#shown = shown;
    this.element.replaceChildren(...shown.map((remark) => this.#item(remark)));
    this.element.hidden = shown.length === 0;
  }

  #item(remark: string): HTMLElement {
    const button = iconButton("close", t("Close"));
    on(button, "click", () => {
      this.#dismissed.add(remark);
      this.show(this.#shown);
      this.#changed([...this.#dismissed]);
    });
    return create("li", {}, create("span", {}, remark), button);
  }
}

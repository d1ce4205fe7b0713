import { create, on, setAttributes } from "./dom.ts";

/** What can stand in the box instead of its characters `start` to `end`. */
export interface Completion {
  readonly label: string;
  /** What it means, in a few words. */
  readonly detail: string;
  readonly insert: string;
  readonly start: number;
  readonly end: number;
}

/** What can stand in the filter box: the list of a combobox, below it. The box keeps the focus. */
export class CompletionList {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #accept: (completion: Completion) => void;
  #items: readonly Completion[] = [];
  #active = -1;

  constructor(input: HTMLInputElement, label: string, accept: (completion: Completion) => void) {
    this.#input = input;
    this.#accept = accept;
    this.element = create("ul", {
      class: "completions popup",
      id: "completions",
      role: "listbox",
      "aria-label": label,
    });
    setAttributes(input, { "aria-controls": this.element.id });
    // The box keeps the focus while somebody clicks here.
    on(this.element, "mousedown", (event) => event.preventDefault());
    this.close();
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** The item that Enter takes, if any. */
  get active(): Completion | undefined {
    return this.#items[this.#active];
  }

  get items(): readonly Completion[] {
    return this.#items;
  }

  /** Shows these instead; the active one stays so, where it is among them. */
  show(items: readonly Completion[]): void {
    const { active } = this;
    this.#items = items;
    const options = items.map((item, index) => {
      const option = create(
        "li",
        { role: "option", id: `completion-${index}` },
        create("span", { class: "completion" }, item.label),
        create("span", { class: "meaning" }, item.detail),
      );
      on(option, "click", () => this.#accept(item));
      return option;
    });
    this.element.replaceChildren(...options);
    this.element.hidden = items.length === 0;
    setAttributes(this.#input, { "aria-expanded": this.isOpen });
    this.#activate(
      items.findIndex(({ label, insert }) => label === active?.label && insert === active.insert),
    );
  }

  close(): void {
    this.show([]);
  }

  /** Goes on to the next item or back; behind the last one comes none, then the first. */
  move(by: 1 | -1): void {
    const count = this.#items.length + 1;
    this.#activate(((this.#active + 1 + by + count) % count) - 1);
  }

  #activate(index: number): void {
    this.#active = index;
    const options = [...this.element.children];
    for (const [at, option] of options.entries()) {
      setAttributes(option, { "aria-selected": at === index });
    }
    const option = options[index];
    option?.scrollIntoView({ block: "nearest" });
    setAttributes(this.#input, { "aria-activedescendant": option?.id });
  }
}

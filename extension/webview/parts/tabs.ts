import { create, on, setAttributes } from "./dom.ts";

export interface Tab {
  /** Stays the same in every language. */
  readonly id: string;
  readonly label: string;
  readonly panel: HTMLElement;
}

interface ShownTab extends Tab {
  readonly button: HTMLButtonElement;
}

/** Tabs and their panels, as the ARIA practices describe them: arrow keys move, and what is moved to shows. */
export class Tabs {
  readonly element = create("div", { class: "tabs", role: "tablist" });
  readonly #tabs: readonly ShownTab[];
  readonly #changed: (id: string) => void;
  /** What the user chose last; it shows whenever it is offered. */
  #chosen: string;

  constructor(tabs: readonly Tab[], start: string | undefined, changed: (id: string) => void) {
    this.#changed = changed;
    this.#chosen = start ?? "";
    this.#tabs = tabs.map((tab) => ({ ...tab, button: tabButton(tab) }));
    for (const { id, button } of this.#tabs) on(button, "click", () => this.choose(id));
    this.element.append(...this.#tabs.map(({ button }) => button));
    on(this.element, "keydown", (event) => this.#keyDown(event));
    this.#show();
  }

  /** The panel that shows. */
  get panel(): HTMLElement | undefined {
    return this.#selected?.panel;
  }

  /** Which tabs there are; where the chosen one is not among them, the first shows. */
  offer(isOffered: Readonly<Record<string, boolean>>): void {
    for (const { id, button } of this.#tabs) button.hidden = isOffered[id] !== true;
    this.#show();
  }

  rename(id: string, label: string): void {
    for (const tab of this.#tabs) if (tab.id === id) tab.button.textContent = label;
  }

  get #offered(): readonly ShownTab[] {
    return this.#tabs.filter(({ button }) => !button.hidden);
  }

  get #selected(): ShownTab | undefined {
    const offered = this.#offered;
    return offered.find(({ id }) => id === this.#chosen) ?? offered[0];
  }

  /** Shows a tab; one that is not offered changes nothing. */
  choose(id: string): void {
    if (!this.#offered.some((tab) => tab.id === id)) return;
    this.#chosen = id;
    this.#show();
    this.#changed(id);
  }

  #show(): void {
    const selected = this.#selected;
    for (const tab of this.#tabs) {
      const isSelected = tab === selected;
      setAttributes(tab.button, { "aria-selected": isSelected });
      tab.button.tabIndex = isSelected ? 0 : -1;
      tab.panel.hidden = !isSelected;
    }
  }

  #keyDown(event: KeyboardEvent): void {
    const offered = this.#offered;
    const selected = this.#selected;
    const at = selected ? offered.indexOf(selected) : 0;
    const targets: Readonly<Record<string, ShownTab | undefined>> = {
      ArrowLeft: offered.at(at - 1),
      ArrowRight: offered[(at + 1) % offered.length],
      Home: offered[0],
      End: offered.at(-1),
    };
    const target = Object.hasOwn(targets, event.key) ? targets[event.key] : undefined;
    if (!target) return;
    event.preventDefault();
    this.choose(target.id);
    target.button.focus();
  }
}

function tabButton({ id, label, panel }: Tab): HTMLButtonElement {
  const button = create(
    "button",
    { role: "tab", type: "button", id: `tab-${id}`, "aria-controls": `panel-${id}` },
    label,
  );
  panel.id = `panel-${id}`;
  panel.tabIndex = 0;
  setAttributes(panel, { role: "tabpanel", "aria-labelledby": button.id });
  return button;
}

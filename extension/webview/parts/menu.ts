import { create, on } from "./dom.ts";

export interface MenuItem {
  readonly kind: "checkbox" | "radio" | "command";
  readonly label: string;
  readonly checked?: boolean;
  run(): void;
}

export interface MenuPlace {
  readonly x: number;
  readonly y: number;
}

/** A menu of the ARIA practices. Made when it opens; gone when it closes. Items are made anew after each choice. */
export class Menu {
  readonly #element: HTMLElement;
  readonly #groups: () => readonly (readonly MenuItem[])[];
  readonly #closed = new AbortController();
  readonly #before = document.activeElement;

  /** `groups` tells the items as they are now, with a line between two groups. */
  constructor(label: string, place: MenuPlace, groups: () => readonly (readonly MenuItem[])[]) {
    this.#groups = groups;
    this.#element = create("div", { class: "menu popup", role: "menu", "aria-label": label });
    this.#fill(0);
    const page = document.querySelector("main") ?? document.body;
    page.append(this.#element);
    this.#place(place);
    const { signal } = this.#closed;
    on(this.#element, "keydown", (event) => this.#keyDown(event));
    on(this.#element, "contextmenu", (event) => event.preventDefault());
    const outside = (event: Event) => {
      if (!(event.target instanceof Node && this.#element.contains(event.target))) this.close();
    };
    window.addEventListener("pointerdown", outside, { signal, capture: true });
    window.addEventListener("blur", () => this.close(), { signal });
    window.addEventListener("resize", () => this.close(), { signal });
    this.#items[0]?.focus();
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    const hadFocus = this.#element.contains(document.activeElement);
    this.#element.remove();
    if (hadFocus && this.#before instanceof HTMLElement) this.#before.focus();
  }

  get #items(): HTMLElement[] {
    return [...this.#element.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  }

  #fill(focused: number): void {
    const parts = this.#groups().flatMap((group, index) => {
      const line = index === 0 ? [] : [create("div", { role: "separator" })];
      return [...line, ...group.map((item) => this.#item(item))];
    });
    this.#element.replaceChildren(...parts);
    this.#items[focused]?.focus();
  }

  #item({ kind, label, checked, run }: MenuItem): HTMLElement {
    const role = kind === "command" ? "menuitem" : `menuitem${kind}`;
    const element = create("div", { role, tabindex: -1, "aria-checked": checked }, label);
    on(element, "click", () => {
      run();
      this.close();
    });
    on(element, "pointermove", () => element.focus());
    // Space chooses and stays, as many things can be chosen one after the other.
    on(element, "keydown", (event) => {
      if (event.key !== " ") return;
      const index = this.#items.indexOf(element);
      run();
      this.#fill(index);
    });
    return element;
  }

  /** Wholly in the page. */
  #place({ x, y }: MenuPlace): void {
    const { offsetWidth, offsetHeight, style } = this.#element;
    style.left = `${Math.max(0, Math.min(x, innerWidth - offsetWidth))}px`;
    style.top = `${Math.max(0, Math.min(y, innerHeight - offsetHeight))}px`;
  }

  #keyDown(event: KeyboardEvent): void {
    const items = this.#items;
    const index = items.findIndex((item) => item.matches(":focus"));
    const focus = (at: number) => items.at(at % items.length)?.focus();
    if (event.key === "ArrowDown") focus(index + 1);
    else if (event.key === "ArrowUp") focus(index - 1);
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(-1);
    else if (event.key === "Enter") items[index]?.click();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else if (event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
  }
}

import { create, on } from "../../parts/dom.ts";
import type { DetailCommand, WebviewStrings } from "../protocol.ts";

/** The buttons of the detail: what can be done with the datagram, and *Copy*. */
export class DetailActions {
  readonly element: HTMLElement;
  readonly #strings: WebviewStrings;
  readonly #copy: HTMLButtonElement;
  readonly #run: (command: DetailCommand) => void;
  #shown = "";

  constructor(strings: WebviewStrings, run: (command: DetailCommand) => void, copy: () => void) {
    this.#strings = strings;
    this.#run = run;
    this.#copy = create("button", { class: "action", type: "button" }, strings.copy);
    on(this.#copy, "click", copy);
    this.element = create("div", {
      class: "actions",
      role: "group",
      "aria-label": strings.actions,
    });
  }

  show(commands: readonly DetailCommand[]): void {
    // The one that has the focus stays.
    if (commands.join() === this.#shown && this.element.firstChild) return;
    this.#shown = commands.join();
    const buttons = commands.map((command) => {
      const label = this.#strings.commands[command];
      const button = create("button", { class: `action ${command}`, type: "button" }, label);
      on(button, "click", () => this.#run(command));
      return button;
    });
    this.element.replaceChildren(...buttons, this.#copy);
  }
}

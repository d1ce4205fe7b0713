import { create, on } from "../../parts/dom.ts";
import { t } from "../../parts/l10n.ts";
import type { DetailCommand } from "../protocol.ts";

/** The buttons of the detail: what can be done with the datagram, and *Copy*. */
export class DetailActions {
  readonly element: HTMLElement;
  readonly #copy: HTMLButtonElement;
  readonly #run: (command: DetailCommand) => void;
  #shown = "";

  constructor(run: (command: DetailCommand) => void, copy: () => void) {
    this.#run = run;
    this.#copy = create("button", { class: "action", type: "button" }, t("Copy"));
    on(this.#copy, "click", copy);
    this.element = create("div", {
      class: "actions",
      role: "group",
      "aria-label": t("Actions"),
    });
  }

  show(commands: readonly DetailCommand[]): void {
    // The one that has the focus stays.
    if (commands.join() === this.#shown && this.element.firstChild) return;
    this.#shown = commands.join();
    const buttons = commands.map((command) => {
      const label = commandWord(command);
      const button = create("button", { class: `action ${command}`, type: "button" }, label);
      on(button, "click", () => this.#run(command));
      return button;
    });
    this.element.replaceChildren(...buttons, this.#copy);
  }
}

export function commandWord(command: DetailCommand): string {
  switch (command) {
    case "follow":
      return t("Follow");
    case "reply":
      return t("Reply");
    case "resend":
      return t("Resend");
    case "editAndSend":
      return t("Edit and Send");
    case "decodeAs":
      return t("Decode As...");
  }
}

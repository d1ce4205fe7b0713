import { create, on } from "../../parts/dom.ts";
import { iconButton } from "../../parts/icons.ts";
import { t } from "../../parts/l10n.ts";
import type { ConversationSummary, FromWebview } from "../protocol.ts";

type Action = Extract<FromWebview, { type: "conversation" }>["action"];

/** What the conversation that the grid is narrowed to comes to, with the ways to read it as text and out of it. */
export class ConversationStrip {
  readonly element: HTMLElement;
  readonly #title = create("h2");
  readonly #text = create("span", { class: "counts" });
  readonly #explanation = create("p", { class: "explanation" });

  constructor(act: (action: Action) => void) {
    const button = (action: Action, label: string) => {
      const element = create("button", { class: "action", type: "button" }, label);
      on(element, "click", () => act(action));
      return element;
    };
    const closing = iconButton("close", t("Close"));
    on(closing, "click", () => act("close"));
    this.element = create(
      "section",
      { class: "conversation", "aria-label": t("Conversation") },
      create(
        "div",
        { class: "said-line" },
        this.#title,
        button("text", t("Text")),
        button("hex", t("Hex")),
        closing,
      ),
      this.#text,
      this.#explanation,
    );
    this.show(undefined);
  }

  /** Undefined: none is followed. */
  show(conversation: ConversationSummary | undefined): void {
    this.element.hidden = conversation === undefined;
    if (!conversation) return;
    this.#title.textContent = conversation.title;
    this.#text.textContent = conversation.text;
    this.#text.title = conversation.explanation;
    this.#explanation.textContent = conversation.explanation;
  }
}

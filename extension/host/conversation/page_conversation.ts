import type { ConversationEnds } from "../../core/capture/captured_conversation.ts";
import type { ConversationSummary } from "../../webview/datagrams/protocol.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { ConversationView } from "./conversation_view.ts";

export interface PageConversationEvents {
  /** What is told of the rows from this time on (microseconds since 1970) is another now. */
  changed(fromTime: number): void;
  /** For the page. */
  tell(summary: ConversationSummary | undefined): void;
}

/** The conversation that a page is narrowed to, while its filter says so. */
export class PageConversation {
  readonly #source: CaptureSource;
  readonly #events: PageConversationEvents;
  #view: ConversationView | undefined;

  constructor(source: CaptureSource, events: PageConversationEvents) {
    this.#source = source;
    this.#events = events;
  }

  /** Follows a conversation; the page has to apply the filter that is returned. */
  async follow(ends: ConversationEnds): Promise<string> {
    const { ConversationView } = await import("./conversation_view.ts");
    this.#view?.dispose();
    this.#view = new ConversationView(this.#source, ends, (fromTime) => {
      if (fromTime !== Number.POSITIVE_INFINITY) this.#events.changed(fromTime);
      this.tell();
    });
    this.#events.changed(Number.NEGATIVE_INFINITY);
    this.tell();
    return this.#view.filter;
  }

  /** The page has another filter: with any but its own, the conversation is no longer followed. */
  filterChanged(text: string): void {
    if (this.#view && this.#view.filter !== text) this.end();
  }

  end(): void {
    if (!this.#view) return;
    this.#view.dispose();
    this.#view = undefined;
    this.#events.changed(Number.NEGATIVE_INFINITY);
    this.tell();
  }

  /** Tells the page; also when it has just come back. */
  tell(): void {
    this.#events.tell(this.#view?.summary);
  }

  /** What the row of a datagram says in addition. */
  readonly noteOf = (id: number): string => this.#view?.noteOf(id) ?? "";

  async openText(layout: "utf-8" | "hex"): Promise<void> {
    const { openConversation } = await import("./conversation_text.ts");
    if (this.#view) await openConversation(this.#source, this.#view, layout);
  }

  dispose(): void {
    this.#view?.dispose();
  }
}

import { t } from "../../parts/l10n.ts";
import type { ToWebview } from "../protocol.ts";
import type { StateKeeper } from "../saved_state.ts";
import type { VsCodeApi } from "../vscode_api.ts";
import { FilterBox } from "./filter_box.ts";

type FilterMessage = Extract<ToWebview, { type: "filter" }>;
type CaptureMessage = Extract<ToWebview, { type: "capture" }>;

export interface FilterEvents {
  /** Another filter applies. `isFirst`: the one that the host had when the page was shown. */
  applied(message: FilterMessage, isFirst: boolean): void;
  /** Back to the grid. */
  left(): void;
}

/** The filter between its box, the host, and what is remembered. */
export class Filter {
  readonly box: FilterBox;
  readonly #keeper: StateKeeper;
  readonly #events: FilterEvents;
  #applied = "";
  #hasRows = false;
  #count = "";

  constructor(api: VsCodeApi, keeper: StateKeeper, events: FilterEvents) {
    this.#keeper = keeper;
    this.#events = events;
    this.box = new FilterBox({
      changed: (text) => api.postMessage({ type: "filter", text }),
      complete: (request, text, caret) =>
        api.postMessage({ type: "complete", request, text, caret }),
      left: events.left,
    });
    window.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "f" || !(event.ctrlKey || event.metaKey)) return;
      if (event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.box.focus();
    });
  }

  /** Why there may be no rows: there are none, or none passes. */
  whyEmpty(unfiltered: number): string {
    return unfiltered > 0
      ? t("No datagram passes the filter.")
      : t("No datagrams yet. Start a server and a client, and every datagram shows here.");
  }

  told(message: FilterMessage): void {
    const { text, problem } = message;
    this.box.told(text, problem);
    if (problem) return;
    const isOther = text !== this.#applied;
    this.#applied = text;
    this.#keeper.save({ filter: text });
    if (isOther) this.#events.applied(message, !this.#hasRows);
  }

  captureChanged({ total, unfiltered }: CaptureMessage): void {
    this.#hasRows = true;
    this.#count = unfiltered > 0 ? t("{0} of {1}", total, unfiltered) : "";
  }

  /** Says how many rows there are, or, where it is more than one, how many are selected. */
  showCount(selected: number): void {
    this.box.showCount(selected > 1 ? t("{0} selected", selected) : this.#count);
  }
}

import type { Capture } from "../../core/capture/capture.ts";

/** What is selected in a page, by ids: the rows may be elsewhere by the time that a command asks. */
export class PageSelection {
  readonly #capture: Capture;
  #ids: readonly number[] = [];
  #activeId: number | undefined;

  constructor(capture: Capture) {
    this.#capture = capture;
  }

  /** These are selected now, and no others. */
  select(ids: readonly number[]): void {
    this.#ids = ids;
  }

  /** The detail shows this one now. */
  activate(id: number): void {
    this.#activeId = id;
  }

  /** The datagram that the detail shows; undefined where nothing is selected, or it is gone. */
  get activeId(): number | undefined {
    const id = this.#activeId;
    if (id === undefined || this.#ids.length === 0) return undefined;
    return this.#capture.has(id) ? id : undefined;
  }

  /** Ids of the selected datagrams that are still in the table, in the order of their rows; at most `limit`. */
  ids(limit: number): number[] {
    return this.#ids.filter((id) => this.#capture.has(id)).slice(0, limit);
  }
}

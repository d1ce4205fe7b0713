import { create, on, setAttributes } from "../parts/dom.ts";
import { t } from "../parts/l10n.ts";
import type { ToWebview } from "./protocol.ts";

type Capture = Extract<ToWebview, { type: "capture" }>;

/** The line that says what is going on: paused, reading (with a bar at the page's upper edge), what is missing. */
export class Status {
  /** The line and the bar. */
  readonly elements: readonly HTMLElement[];
  readonly #facts = create("span", { class: "facts-of-capture" });
  readonly #reading = create("span", { class: "reading" });
  readonly #cancel: HTMLButtonElement;
  readonly #line: HTMLElement;
  readonly #bar: HTMLElement;
  #percent: number | undefined;

  constructor(cancelled: () => void) {
    this.#cancel = create("button", { class: "cancel", type: "button" }, t("Cancel"));
    this.#line = create("div", { class: "status" }, this.#facts, this.#reading, this.#cancel);
    this.#bar = create("div", {
      class: "progress",
      role: "progressbar",
      "aria-label": t("Datagrams"),
      "aria-valuemin": "0",
      "aria-valuemax": "100",
    });
    this.elements = [this.#bar, this.#line];
    on(this.#cancel, "click", () => {
      this.#cancel.disabled = true;
      cancelled();
    });
    this.#showProgress(undefined);
  }

  /** Returns what there is to say, without what changes all the time. */
  show({ paused, notRecorded, notRecordedOf, evicted, progress }: Capture): string[] {
    const facts: HTMLElement[] = [];
    const fact = (name: string, text: string, title = "") =>
      facts.push(create("span", { class: name, title }, text));
    if (paused) fact("paused", t("Paused"));
    if (notRecorded > 0) fact("lost", t("{0} not recorded", notRecorded), notRecordedOf);
    if (evicted > 0) fact("evicted", t("{0} removed", evicted));
    this.#facts.replaceChildren(...facts);
    this.#showProgress(progress);
    this.#line.hidden = facts.length === 0 && progress === undefined;
    return facts.map(({ textContent }) => textContent ?? "");
  }

  #showProgress(progress: number | undefined): void {
    const isOver = progress === undefined;
    const percent = isOver ? undefined : Math.floor(Math.max(0, Math.min(progress, 1)) * 100);
    for (const element of [this.#bar, this.#reading, this.#cancel]) element.hidden = isOver;
    if (isOver) this.#cancel.disabled = false;
    if (percent === undefined || percent === this.#percent) return;
    this.#percent = percent;
    this.#reading.textContent = t("Reading: {0} %", percent);
    setAttributes(this.#bar, { "aria-valuenow": percent });
    this.#bar.style.setProperty("--share", `${percent}%`);
  }
}

import { create, on, setAttributes } from "../parts/dom.ts";
import { t } from "../parts/l10n.ts";
import type { ToWebview } from "./protocol.ts";

/** What is over sooner is not told of: the line would push the rows down and let them go again. */
const LONG_MS = 400;

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
  #hasFacts = false;
  /** Runs from the first word of progress on. */
  #wait: ReturnType<typeof setTimeout> | undefined;
  #isLong = false;

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
    this.#hasFacts = facts.length > 0;
    this.#showProgress(progress);
    return facts.map(({ textContent }) => textContent ?? "");
  }

  #showProgress(progress: number | undefined): void {
    if (progress === undefined) {
      clearTimeout(this.#wait);
      this.#wait = undefined;
      this.#isLong = false;
      this.#cancel.disabled = false;
    } else {
      this.#wait ??= setTimeout(() => {
        this.#isLong = true;
        this.#showParts();
      }, LONG_MS);
    }
    this.#showParts();
    if (progress === undefined) return;
    const percent = Math.floor(Math.max(0, Math.min(progress, 1)) * 100);
    if (percent === this.#percent) return;
    this.#percent = percent;
    this.#reading.textContent = t("Reading: {0} %", percent);
    setAttributes(this.#bar, { "aria-valuenow": percent });
    this.#bar.style.setProperty("--share", `${percent}%`);
  }

  #showParts(): void {
    for (const element of [this.#bar, this.#reading, this.#cancel]) element.hidden = !this.#isLong;
    this.#line.hidden = !this.#hasFacts && !this.#isLong;
  }
}

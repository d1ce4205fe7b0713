import { create, on, setAttributes } from "../parts/dom.ts";
import type { ToWebview } from "./protocol.ts";
import type { Words } from "./words.ts";

type Capture = Extract<ToWebview, { type: "capture" }>;

/** The line that says what is going on: paused, reading (with a bar at the page's upper edge), what is missing. */
export class Status {
  /** The line and the bar. */
  readonly elements: readonly HTMLElement[];
  readonly #words: Words;
  readonly #facts = create("span", { class: "facts-of-capture" });
  readonly #reading = create("span", { class: "reading" });
  readonly #cancel: HTMLButtonElement;
  readonly #line: HTMLElement;
  readonly #bar: HTMLElement;
  #percent: number | undefined;

  constructor(words: Words, cancelled: () => void) {
    this.#words = words;
    const { cancel, gridLabel } = words.strings;
    this.#cancel = create("button", { class: "cancel", type: "button" }, cancel);
    this.#line = create("div", { class: "status" }, this.#facts, this.#reading, this.#cancel);
    this.#bar = create("div", {
      class: "progress",
      role: "progressbar",
      "aria-label": gridLabel,
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
  show({ paused, notRecorded, evicted, progress }: Capture): string[] {
    const { strings } = this.#words;
    const facts: HTMLElement[] = [];
    const fact = (name: string, text: string) => facts.push(create("span", { class: name }, text));
    if (paused) fact("paused", strings.paused);
    if (notRecorded > 0) fact("lost", this.#words.fill(strings.notRecorded, notRecorded));
    if (evicted > 0) fact("evicted", this.#words.fill(strings.evicted, evicted));
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
    this.#reading.textContent = this.#words.fill(this.#words.strings.reading, percent);
    setAttributes(this.#bar, { "aria-valuenow": percent });
    this.#bar.style.setProperty("--share", `${percent}%`);
  }
}

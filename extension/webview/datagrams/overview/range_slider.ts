import { create, on, setAttributes } from "../../parts/dom.ts";
import { followDrag } from "../../parts/drag.ts";
import { t } from "../../parts/l10n.ts";

/** A part of the whole, both ends from 0 to 1. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

export interface RangeSliderEvents {
  /** The user chose a part; undefined: no part, but the whole. `isFinal`: they have let go. */
  chosen(part: Part | undefined, isFinal: boolean): void;
  /** What an end says where it is. */
  valueText(share: number): string;
}

const WHOLE: Part = { from: 0, to: 1 };
/** Shares that a key moves an end by. */
const STEP = 0.01;
const LARGE_STEP = 0.1;
/** Pixels that are no drag yet. */
const TREMBLE = 3;

/** A part to drag over something that lies below, with two ends for the keyboard: sliders of the ARIA practices. */
export class RangeSlider {
  readonly element: HTMLElement;
  readonly #start: HTMLElement;
  readonly #end: HTMLElement;
  readonly #events: RangeSliderEvents;
  #part: Part | undefined;
  #isDragged = false;

  constructor(events: RangeSliderEvents) {
    this.#events = events;
    this.#start = handle("start", t("Start of Time Range"));
    this.#end = handle("end", t("End of Time Range"));
    this.element = create("div", { class: "range" }, this.#start, this.#end);
    on(this.element, "pointerdown", (event) => this.#startDrag(event));
    on(this.element, "dblclick", () => this.#choose(undefined, true));
    on(this.element, "keydown", (event) => this.#keyDown(event));
  }

  /** Shows a part, or the whole. While somebody drags, it is theirs. */
  show(part: Part | undefined): void {
    if (!this.#isDragged) this.#render(part);
  }

  #render(part: Part | undefined): void {
    this.#part = part;
    const { from, to } = part ?? WHOLE;
    this.element.classList.toggle("is-part", part !== undefined);
    for (const [element, share] of [
      [this.#start, from],
      [this.#end, to],
    ] as const) {
      setAttributes(element, {
        "aria-valuenow": Math.round(share * 1000) / 10,
        "aria-valuetext": this.#events.valueText(share),
      });
    }
    this.element.style.setProperty("--from", `${from * 100}%`);
    this.element.style.setProperty("--to", `${to * 100}%`);
  }

  #choose(part: Part | undefined, isFinal: boolean): void {
    this.#render(part);
    this.#events.chosen(part, isFinal);
  }

  #startDrag(event: PointerEvent): void {
    const { left, width } = this.element.getBoundingClientRect();
    const shareAt = (x: number) => Math.max(0, Math.min((x - left) / width, 1));
    // An end that is dragged leaves the other one where it is.
    const { from, to } = this.#part ?? WHOLE;
    const fixed = event.target === this.#start ? to : from;
    const isEnd = event.target === this.#start || event.target === this.#end;
    const anchor = isEnd ? fixed : shareAt(event.clientX);
    let part: Part | undefined;
    const drag = ({ clientX }: PointerEvent) => {
      if (!part && Math.abs(clientX - event.clientX) < TREMBLE) return;
      const share = shareAt(clientX);
      part = { from: Math.min(anchor, share), to: Math.max(anchor, share) };
      this.#isDragged = true;
      this.#choose(part, false);
    };
    const end = () => {
      this.#isDragged = false;
      // A click beside the ends: no part any more.
      if (part || (this.#part && !isEnd)) this.#choose(part, true);
    };
    followDrag(this.element, event, drag, end);
  }

  #keyDown(event: KeyboardEvent): void {
    const { from, to } = this.#part ?? WHOLE;
    const isStart = event.target === this.#start;
    const share = isStart ? from : to;
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const shares: Record<string, number> = {
      ArrowLeft: share - step,
      ArrowDown: share - step,
      ArrowRight: share + step,
      ArrowUp: share + step,
      PageDown: share - LARGE_STEP,
      PageUp: share + LARGE_STEP,
      Home: 0,
      End: 1,
    };
    const wanted = shares[event.key];
    if (event.key === "Escape") {
      if (!this.#part) return;
      this.#choose(undefined, true);
    } else if (wanted === undefined) {
      return;
    } else {
      const [least, most] = isStart ? [0, to] : [from, 1];
      const moved = Math.max(least, Math.min(wanted, most));
      const part = isStart ? { from: moved, to } : { from, to: moved };
      this.#choose(part.from === 0 && part.to === 1 ? undefined : part, true);
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

function handle(side: string, label: string): HTMLElement {
  const names = { class: `handle ${side}`, role: "slider", tabindex: "0", "aria-label": label };
  const values = { "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" };
  return create("div", { ...names, ...values });
}

import { create, setAttributes } from "../../parts/dom.ts";
import { t } from "../../parts/l10n.ts";
import { formatSpan } from "../../parts/time_format.ts";
import { roundedOut, type TimeRange } from "../../parts/time_range.ts";
import type { Overview } from "../protocol.ts";
import { overviewColumns, overviewTotals, type TimeSpan } from "./overview_columns.ts";
import { COLUMN_STEP, drawOverview } from "./overview_drawing.ts";
import { type Part, RangeSlider } from "./range_slider.ts";

/** The host counts no more often than this. */
const ASK_MS = 250;
const MOST_STEPS = 500;

export interface OverviewEvents {
  ask(steps: number): void;
  /** The user chose a range of time, or all of it. */
  chosen(range: TimeRange | undefined): void;
}

/** How many datagrams there were over time, above the grid, and what part of it is looked at. */
export class OverviewStrip {
  readonly element: HTMLElement;
  readonly #canvas = create("canvas", { role: "img" });
  readonly #slider: RangeSlider;
  readonly #events: OverviewEvents;
  #overview: Overview | undefined;
  /** What the strip stands for from its left to its right end: stays while a range of it is chosen. */
  #span: TimeSpan | undefined;
  #range: TimeRange | undefined;
  #captureStart = 0;
  #isAsked = false;
  #isOld = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: OverviewEvents) {
    this.#events = events;
    this.#slider = new RangeSlider({
      chosen: (part, isFinal) => {
        if (isFinal) events.chosen(part && this.#rangeOf(part));
      },
      valueText: (share) => formatSpan(this.#seconds(share) * 1e6),
    });
    this.element = create(
      "div",
      { class: "overview", role: "group", "aria-label": t("Datagrams over time") },
      this.#canvas,
      this.#slider.element,
    );
    new ResizeObserver(() => {
      this.#draw();
      this.changed();
    }).observe(this.element);
    const themes = new MutationObserver(() => this.#draw());
    themes.observe(document.body, { attributeFilter: ["class"] });
    themes.observe(document.documentElement, { attributeFilter: ["style"] });
    this.#showWhetherThereIsAny();
  }

  /** The first datagram's time, microseconds since 1970. */
  set captureStart(start: number) {
    if (start === this.#captureStart) return;
    this.#captureStart = start;
    this.#showRange();
  }

  /** The range that the filter names. */
  set range(range: TimeRange | undefined) {
    this.#range = range;
    this.#showRange();
  }

  /** Other rows than before: asks for their overview, soon. */
  changed(): void {
    this.#isOld = true;
    this.#ask();
  }

  told(overview: Overview): void {
    this.#isAsked = false;
    this.#overview = overview;
    const { from, to } = overview;
    const before = this.#range && this.#span;
    this.#span = before
      ? { from: Math.min(before.from, from || before.from), to: Math.max(before.to, to) }
      : { from, to };
    this.#showWhetherThereIsAny();
    this.#showRange();
    this.#draw();
    this.#ask();
  }

  #ask(): void {
    const steps = Math.min(MOST_STEPS, Math.floor(this.element.clientWidth / COLUMN_STEP));
    if (!this.#isOld || this.#isAsked || this.#timer !== undefined || steps < 1) return;
    const wait = this.#askedAt + ASK_MS - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#ask();
      }, wait);
      return;
    }
    this.#isOld = false;
    this.#isAsked = true;
    this.#askedAt = performance.now();
    this.#events.ask(steps);
  }

  #draw(): void {
    if (!this.#overview || !this.#span) return;
    const count = Math.floor(this.element.clientWidth / COLUMN_STEP);
    const columns = overviewColumns(this.#overview, this.#span, Math.min(count, MOST_STEPS));
    const style = getComputedStyle(this.element);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const colors = {
      received: color("--in"),
      sent: color("--out"),
      lost: color("--bad"),
      dropped: color("--rule"),
    };
    drawOverview(this.#canvas, columns, colors);
    const { received, sent, lost, dropped } = overviewTotals(this.#overview);
    const over = formatSpan(this.#overview.to - this.#overview.from);
    const text =
      dropped === 0
        ? t("{0} received, {1} sent, {2} lost, over {3}", received, sent, lost, over)
        : t(
            "{0} received, {1} sent, {2} lost, {3} dropped by a rule, over {4}",
            ...[received, sent, lost, dropped, over],
          );
    setAttributes(this.#canvas, { "aria-label": text });
  }

  /** One moment has no before and after. */
  #showWhetherThereIsAny(): void {
    const { from, to } = this.#span ?? { from: 0, to: 0 };
    this.element.classList.toggle("is-flat", from >= to);
  }

  #showRange(): void {
    const { from, to } = this.#span ?? { from: 0, to: 0 };
    const share = (seconds: number) => {
      const time = this.#captureStart + seconds * 1e6;
      return Math.max(0, Math.min((time - from) / (to - from || 1), 1));
    };
    const range = this.#range;
    this.#slider.show(range && { from: share(range.from), to: share(range.to) });
  }

  /** Seconds since the capture's start at a share of the strip. */
  #seconds(share: number): number {
    const { from, to } = this.#span ?? { from: 0, to: 0 };
    return Math.max(0, (from + (to - from) * share - this.#captureStart) / 1e6);
  }

  #rangeOf({ from, to }: Part): TimeRange {
    const pixel = (this.#seconds(1) - this.#seconds(0)) / (this.element.clientWidth || 1);
    return roundedOut({ from: this.#seconds(from), to: this.#seconds(to) }, pixel);
  }
}

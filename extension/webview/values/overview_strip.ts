import { create, on, setAttributes } from "../parts/dom.ts";
import { followDrag } from "../parts/drag.ts";
import { t } from "../parts/l10n.ts";
import type { PlotRange } from "./protocol.ts";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 28;

/** The first line over all that there is, with a frame around what the plot shows: to be moved. */
export class OverviewStrip {
  readonly element = create("div", { class: "strip-holder" });
  readonly #svg = document.createElementNS(SVG, "svg");
  readonly #line = document.createElementNS(SVG, "polyline");
  readonly #frame = document.createElementNS(SVG, "rect");
  #whole: PlotRange = { from: 0, to: 1 };
  #range: PlotRange = { from: 0, to: 1 };

  /** `moved`: the plot is to show this range. */
  constructor(moved: (range: PlotRange) => void) {
    setAttributes(this.#svg, {
      class: "strip",
      preserveAspectRatio: "none",
      viewBox: `0 0 1000 ${HEIGHT}`,
      role: "img",
      "aria-label": t("Overview of the first line"),
    });
    setAttributes(this.#frame, { class: "frame", y: 0, height: HEIGHT });
    this.#svg.append(this.#line, this.#frame);
    this.element.append(this.#svg);
    on(this.element, "pointerdown", (event) => {
      const { width } = this.#svg.getBoundingClientRect();
      const { from, to } = this.#whole;
      const start = this.#range;
      const span = start.to - start.from;
      followDrag(this.element, event, ({ clientX }) => {
        const by = ((clientX - event.clientX) / Math.max(1, width)) * (to - from);
        const first = Math.max(from, Math.min(start.from + by, to - span));
        moved({ from: first, to: first + span });
      });
    });
  }

  show(curve: Float64Array | undefined, whole: PlotRange, range: PlotRange): void {
    this.#whole = whole;
    this.#range = range;
    const span = Math.max(1e-9, whole.to - whole.from);
    const left = Math.max(0, ((range.from - whole.from) / span) * 1000);
    const right = Math.min(1000, ((range.to - whole.from) / span) * 1000);
    setAttributes(this.#frame, { x: left, width: Math.max(2, right - left) });
    const isAll = left <= 0 && right >= 1000;
    this.#svg.style.visibility = isAll || !curve ? "hidden" : "visible";
    if (isAll || !curve) return;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (const value of curve) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const points: string[] = [];
    for (const [index, value] of curve.entries()) {
      if (Number.isNaN(value)) continue;
      const y = max > min ? 1 - (value - min) / (max - min) : 0.5;
      points.push(
        `${((index / curve.length) * 1000).toFixed(1)},${(2 + y * (HEIGHT - 4)).toFixed(1)}`,
      );
    }
    setAttributes(this.#line, { points: points.join(" ") });
  }
}

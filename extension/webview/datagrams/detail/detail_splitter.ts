import { setAttributes } from "../../parts/dom.ts";
import { Splitter } from "../../parts/splitter.ts";

/** What stays of grid and detail, in pixels. */
const LEAST_HEIGHT = 80;

/** The line between the grid and the detail below it. `height`: in pixels; left out: the style sheet's. */
export function detailSplitter(
  label: string,
  detail: HTMLElement,
  height: number | undefined,
  changed: (height: number | undefined) => void,
): HTMLElement {
  const resize = (pixels: number | undefined) => {
    detail.style.height = pixels === undefined ? "" : `${pixels}px`;
  };
  resize(height);
  const splitter = new Splitter({
    label,
    class: "splitter",
    orientation: "horizontal",
    step: 20,
    size: () => detail.offsetHeight,
    least: () => LEAST_HEIGHT,
    most: () => Math.max(LEAST_HEIGHT, (detail.parentElement?.clientHeight ?? 0) - LEAST_HEIGHT),
    resize,
    resized: () => changed(detail.style.height === "" ? undefined : detail.offsetHeight),
  });
  setAttributes(splitter.element, { "aria-controls": detail.id });
  new ResizeObserver(() => splitter.tellValue()).observe(detail);
  return splitter.element;
}

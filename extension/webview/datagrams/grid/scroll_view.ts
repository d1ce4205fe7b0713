import { create, on } from "../../parts/dom.ts";
import {
  clampTop,
  type Geometry,
  isScaled,
  maxTop,
  scrollFromTop,
  scrollRange,
  topFromScroll,
} from "./geometry.ts";

export interface ScrollEvents {
  /** The user scrolled. */
  scrolled(): void;
  /** The view, its rows or their number have another size. */
  resized(): void;
}

/**
 * A scroll bar and a window on a list of any length. The window sticks to the view and the rows in it are placed
 * by script, so there is never a gap between what was scrolled to and what is drawn: at worst the old rows are
 * seen a frame longer.
 */
export class ScrollView {
  /** The element that scrolls. */
  readonly element: HTMLElement;
  /** Where the rows go, absolutely placed from the upper edge of the view. */
  readonly rows = create("div", { class: "rows", role: "rowgroup" });
  readonly #filler = create("div", { class: "filler" });
  readonly #events: ScrollEvents;
  #geometry: Geometry = { total: 0, rowHeight: 1, viewHeight: 0 };
  #top = 0;
  /** The scroll position that we know of: any other one is the user's doing. */
  #scrollTop = 0;

  /** `probe`: an element as high as a row, in the window. `head` stands above the rows. */
  constructor(element: HTMLElement, head: HTMLElement, probe: HTMLElement, events: ScrollEvents) {
    this.element = element;
    this.#events = events;
    element.append(create("div", { class: "window" }, head, this.rows, probe), this.#filler);
    on(element, "scroll", () => this.#scrolled());
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    const sizes = new ResizeObserver(() => {
      const rowHeight = probe.getBoundingClientRect().height || 1;
      this.#measured({ rowHeight, viewHeight: this.rows.clientHeight });
    });
    sizes.observe(this.rows);
    sizes.observe(probe);
  }

  get geometry(): Geometry {
    return this.#geometry;
  }

  /** Offset in pixels of the list at the upper edge of the view; see geometry.ts. */
  get top(): number {
    return this.#top;
  }

  get isAtEnd(): boolean {
    return this.#top >= maxTop(this.#geometry) - 1;
  }

  setTotal(total: number): void {
    if (total !== this.#geometry.total) this.#apply({ ...this.#geometry, total }, this.#top);
  }

  scrollTo(top: number): void {
    this.#top = clampTop(this.#geometry, top);
    const scrollTop = scrollFromTop(this.#geometry, this.#top);
    if (Math.abs(scrollTop - this.element.scrollTop) >= 0.5) this.element.scrollTop = scrollTop;
    this.#scrollTop = this.element.scrollTop;
  }

  #measured(sizes: { rowHeight: number; viewHeight: number }): void {
    // The first row in view stays where it is when its height changes with the layout or the font.
    const top = (this.#top / this.#geometry.rowHeight) * sizes.rowHeight;
    this.#apply({ ...this.#geometry, ...sizes }, top);
    this.#events.resized();
  }

  #apply(geometry: Geometry, top: number): void {
    this.#geometry = geometry;
    this.#filler.style.height = `${scrollRange(geometry)}px`;
    this.scrollTo(top);
  }

  #scrolled(): void {
    const { scrollTop } = this.element;
    if (scrollTop === this.#scrollTop) return;
    this.#scrollTop = scrollTop;
    this.#top = topFromScroll(this.#geometry, scrollTop);
    this.#events.scrolled();
  }

  /** Where a pixel of the scroll bar is many rows, the wheel still moves by pixels of the list. */
  #wheel(event: WheelEvent): void {
    if (!isScaled(this.#geometry) || event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
    event.preventDefault();
    const { rowHeight, viewHeight } = this.#geometry;
    const units = [1, rowHeight, viewHeight];
    this.scrollTo(this.#top + event.deltaY * (units[event.deltaMode] ?? 1));
    this.#events.scrolled();
  }
}

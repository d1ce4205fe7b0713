import { create, on, setAttributes } from "./dom.ts";
import { followDrag } from "./drag.ts";

export interface SplitterOptions {
  readonly label: string;
  /** Of the line: between two columns it is vertical, between two rows horizontal. */
  readonly orientation: "horizontal" | "vertical";
  readonly class: string;
  /** Pixels that an arrow key moves it by. */
  readonly step: number;
  /** Pixels: of the pane that it sizes, now, at least and at most. */
  size(): number;
  least(): number;
  most(): number;
  /** The user wants another size; undefined: the one that it had at first. */
  resize(size: number | undefined): void;
  /** They have let go. */
  resized?(): void;
}

/** A line that makes a pane larger or smaller, for pointer and keys: a window splitter of the ARIA practices. */
export class Splitter {
  readonly element: HTMLElement;
  /** The pane becomes larger when the line moves right or down (1), or when it moves left or up (-1). */
  side: 1 | -1 = -1;
  readonly #options: SplitterOptions;

  constructor(options: SplitterOptions) {
    this.#options = options;
    this.element = create("div", {
      class: options.class,
      role: "separator",
      tabindex: "0",
      "aria-orientation": options.orientation,
      "aria-label": options.label,
      "aria-valuenow": "0",
    });
    on(this.element, "pointerdown", (event) => this.#startDrag(event));
    on(this.element, "dblclick", () => this.#set(undefined));
    on(this.element, "keydown", (event) => this.#keyDown(event));
    on(this.element, "focus", () => this.tellValue());
  }

  /** Says how large the pane is. */
  tellValue(): void {
    const { size, least, most } = this.#options;
    setAttributes(this.element, {
      "aria-valuenow": Math.round(size()),
      "aria-valuemin": least(),
      "aria-valuemax": Math.round(most()),
    });
  }

  #startDrag(event: PointerEvent): void {
    const place = ({ clientX, clientY }: PointerEvent) =>
      (this.#options.orientation === "vertical" ? clientX : clientY) * this.side;
    // The size at the start and the way since: the pane does not jump to the pointer.
    const start = this.#options.size() - place(event);
    const most = this.#options.most();
    const drag = (move: PointerEvent) => this.#set(start + place(move), most);
    followDrag(this.element, event, drag, this.#options.resized);
  }

  #keyDown(event: KeyboardEvent): void {
    const { size, step, resized } = this.#options;
    const sizes: Record<string, number | undefined> = {
      ArrowLeft: size() - step * this.side,
      ArrowRight: size() + step * this.side,
      Home: -Infinity * this.side,
      End: Infinity * this.side,
      Enter: undefined,
    };
    const key = { ArrowUp: "ArrowLeft", ArrowDown: "ArrowRight" }[event.key] ?? event.key;
    if (!(key in sizes)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#set(sizes[key]);
    resized?.();
  }

  #set(size: number | undefined, most = this.#options.most()): void {
    const within = size && Math.round(Math.max(this.#options.least(), Math.min(size, most)));
    this.#options.resize(within);
    this.tellValue();
  }
}

import { on } from "../../parts/dom.ts";
import type { Geometry } from "./geometry.ts";
import { moveByKey } from "./grid_keys.ts";

/** How a row is chosen: alone, with all rows from where the selection began, or beside the others. */
export type Choice = "alone" | "extend" | "toggle";

export interface GridInputOptions {
  /** The list as it is shown. */
  view(): { readonly geometry: Geometry; readonly top: number };
  /** The active row, where there is one. */
  active(): number | undefined;
  /** The same, where it is in view. */
  activeElement(): HTMLElement | undefined;
  /** The row that an event happened in. */
  positionOf(target: EventTarget | null): number | undefined;
  isSelected(position: number): boolean;
  choose(position: number, choice: Choice): void;
  chooseAll(): void;
  chooseNone(): void;
  /** The End key: to what will be the end, too. */
  follow(): void;
  /** Enter: on to the detail. */
  leave(): void;
  /** Ctrl+C. */
  copy(): void;
}

/**
 * What mouse and keyboard mean in the grid: as in VS Code's own lists. Returns what does the same for a key that was
 * pressed elsewhere.
 */
export function listenToInput(
  grid: HTMLElement,
  options: GridInputOptions,
): (event: KeyboardEvent) => void {
  const pressed = (event: KeyboardEvent) => {
    if (keyDown(event, options)) event.preventDefault();
  };
  on(grid, "mousedown", (event) => {
    const position = options.positionOf(event.target);
    if (position === undefined || event.button === 1) return;
    if (event.button === 2) {
      // Its menu is for all that is selected, or for this one alone.
      if (!options.isSelected(position)) options.choose(position, "alone");
    } else {
      options.choose(position, choiceOf(event));
    }
  });
  on(grid, "contextmenu", (event) => {
    const row = options.activeElement();
    // The menu key means the active row, but the grid has the focus.
    if (event.target !== grid || event.button === 2 || !row) return;
    event.preventDefault();
    event.stopPropagation();
    openMenu(row);
  });
  on(grid, "keydown", (event) => {
    // Whatever in the grid has keys of its own.
    if (event.target === grid) pressed(event);
  });
  return pressed;
}

/** True where the key was the grid's. */
function keyDown(event: KeyboardEvent, options: GridInputOptions): boolean {
  const { geometry, top } = options.view();
  const position = moveByKey(event, geometry, top, options.active());
  if (position !== undefined) {
    options.choose(position, event.shiftKey ? "extend" : "alone");
    if (event.key === "End" && !event.shiftKey) options.follow();
    return true;
  }
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
    return keyWithCtrl(event.key.toLowerCase(), options);
  }
  const active = options.active();
  if (event.key === "Enter" && active !== undefined) options.leave();
  else if (event.key === "Escape" && active !== undefined) options.chooseNone();
  else return event.key === " ";
  return true;
}

function keyWithCtrl(key: string, options: GridInputOptions): boolean {
  if (key === "a") options.chooseAll();
  // Text that somebody has marked is what they want to copy.
  else if (key === "c" && getSelection()?.isCollapsed !== false) options.copy();
  else return false;
  return true;
}

/** VS Code opens its menu where a right click on the row would. */
function openMenu(row: HTMLElement): void {
  const { left, bottom } = row.getBoundingClientRect();
  const place = { clientX: left + 20, clientY: bottom };
  row.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, ...place }));
}

function choiceOf(event: MouseEvent): Choice {
  if (event.shiftKey) return "extend";
  return event.ctrlKey || event.metaKey ? "toggle" : "alone";
}

import { type Geometry, pageRows, visibleRows } from "./geometry.ts";

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * The position that a key moves the selection to, or undefined where the key is not one of the grid's.
 * Where nothing is selected, the first step selects what is in view.
 */
export function moveByKey(
  press: KeyPress,
  geometry: Geometry,
  top: number,
  selected: number | undefined,
): number | undefined {
  const last = geometry.total - 1;
  if (last < 0 || press.altKey || press.metaKey) return undefined;
  if (press.key === "Home") return 0;
  if (press.key === "End") return last;
  if (press.ctrlKey) return undefined;
  const view = visibleRows(geometry, top);
  const step = (rows: number) => {
    if (selected !== undefined) return Math.max(0, Math.min(selected + rows, last));
    return rows > 0 ? view.first : Math.max(view.first, view.end - 1);
  };
  switch (press.key) {
    case "ArrowDown":
      return step(1);
    case "ArrowUp":
      return step(-1);
    case "PageDown":
      return step(pageRows(geometry));
    case "PageUp":
      return step(-pageRows(geometry));
    default:
      return undefined;
  }
}

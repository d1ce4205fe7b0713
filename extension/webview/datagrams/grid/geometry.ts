/**
 * Where rows are in a virtual list of any length. Browsers cap the height of an element (Chromium: 2^25
 * physical pixels), so a long list lies in a shorter spacer: the scroll bar then moves through it in
 * proportion, while the list's own position, `top`, stays exact.
 *
 * `top` is the list's offset in pixels at the upper edge of the view, as if there were no cap.
 */
export interface Geometry {
  /** Rows in the list. */
  readonly total: number;
  /** Height of a row in pixels, above 0. */
  readonly rowHeight: number;
  /** Height of the view in pixels. */
  readonly viewHeight: number;
}

/** Rows `first` to `end - 1`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** Low enough for the cap at every zoom of VS Code on every screen (11 physical pixels to a CSS pixel). */
export const MAX_SPACER_HEIGHT = 3_000_000;

/** Height of the spacer that gives the scroll bar its range. */
export function spacerHeight(geometry: Geometry): number {
  const height = geometry.total * geometry.rowHeight;
  return Math.max(Math.min(height, MAX_SPACER_HEIGHT), geometry.viewHeight);
}

/** True where scroll positions are not list positions. */
export function isScaled({ total, rowHeight }: Geometry): boolean {
  return total * rowHeight > MAX_SPACER_HEIGHT;
}

/** `top` when the last row stands at the lower edge. */
export function maxTop({ total, rowHeight, viewHeight }: Geometry): number {
  return Math.max(0, total * rowHeight - viewHeight);
}

export function clampTop(geometry: Geometry, top: number): number {
  return Math.max(0, Math.min(top, maxTop(geometry)));
}

/** How far the element scrolls. */
export function scrollRange(geometry: Geometry): number {
  return spacerHeight(geometry) - geometry.viewHeight;
}

/** The list position for a scroll position of the element. */
export function topFromScroll(geometry: Geometry, scrollTop: number): number {
  const range = scrollRange(geometry);
  // The element's end can be a fraction of a pixel short of the range; scaled, that would be many rows.
  if (scrollTop > range - 1) return maxTop(geometry);
  return isScaled(geometry) ? (scrollTop / range) * maxTop(geometry) : scrollTop;
}

/** The scroll position of the element for a list position. */
export function scrollFromTop(geometry: Geometry, top: number): number {
  if (!isScaled(geometry)) return clampTop(geometry, top);
  return (clampTop(geometry, top) / maxTop(geometry)) * scrollRange(geometry);
}

/** The rows of which at least a part is in view. */
export function visibleRows(geometry: Geometry, top: number): RowRange {
  const { total, rowHeight, viewHeight } = geometry;
  const first = Math.min(Math.floor(top / rowHeight), total);
  return { first, end: Math.min(Math.ceil((top + viewHeight) / rowHeight), total) };
}

/** Rows that a page up or down moves: one less than fit, so that one stays as a mark. */
export function pageRows({ rowHeight, viewHeight }: Geometry): number {
  return Math.max(1, Math.floor(viewHeight / rowHeight) - 1);
}

/** The `top` nearest to the present one that shows the whole row. */
export function topToReveal(geometry: Geometry, top: number, position: number): number {
  const upper = position * geometry.rowHeight;
  const lower = upper + geometry.rowHeight - geometry.viewHeight;
  // In a view lower than a row, its upper edge counts.
  return clampTop(geometry, Math.min(upper, Math.max(top, lower)));
}

import type { PlotGaps, PlotRange } from "./protocol.ts";

/** Where a line is drawn: places of the plot in pixels. */
export interface PlotPlace {
  /** The pixel of a value on the x axis. */
  readonly x: (value: number) => number;
  /** The pixel of a value of the line. */
  readonly y: (value: number) => number;
}

/** What draws: a path of a canvas, or of a picture as text. */
export interface LinePath {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** A gap is at least this wide, however short the loss. */
export const GAP_PX = 5;
/** Nearer together than this gaps would leave nothing of the line: then the marks alone say it. */
const LEAST_LINE_PX = 3;

/** The x of each of a curve's values: two to a step. */
export function curveX({ from, to }: PlotRange, index: number, steps: number): number {
  return from + ((index / 2 + 0.25) / steps) * (to - from);
}

/** Draws a curve as a line through all of its values. */
export function drawCurve(
  path: LinePath,
  curve: Float64Array,
  range: PlotRange,
  place: PlotPlace,
  isStepped: boolean,
): void {
  const steps = curve.length / 2;
  let lastY: number | undefined;
  for (let index = 0; index < curve.length; index++) {
    const value = curve[index] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const x = place.x(curveX(range, index, steps));
    const y = place.y(value);
    if (lastY === undefined) path.moveTo(x, y);
    else {
      if (isStepped) path.lineTo(x, lastY);
      path.lineTo(x, y);
    }
    lastY = y;
  }
}

/** Where a line is cut: from one pixel to another, ascending, none over another. `width`: of the gap, in these pixels. */
export function gapsInLine(
  gaps: PlotGaps | undefined,
  x: (value: number) => number,
  width: number,
): [from: number, to: number][] {
  const cuts: [number, number][] = [];
  const times = gaps?.times ?? new Float64Array(0);
  const places = Array.from(times, (time) => x(time));
  for (const [index, place] of places.entries()) {
    const before = index === 0 ? Number.NEGATIVE_INFINITY : (places[index - 1] ?? 0);
    const behind = places[index + 1] ?? Number.POSITIVE_INFINITY;
    const least = width + (width / GAP_PX) * LEAST_LINE_PX;
    if (place - before < least && behind - place < least) continue;
    const last = cuts.at(-1);
    const [from, to] = [place - width / 2, place + width / 2];
    if (last && from <= last[1]) last[1] = to;
    else cuts.push([from, to]);
  }
  return cuts;
}

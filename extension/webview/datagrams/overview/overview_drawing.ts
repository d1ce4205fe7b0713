import type { OverviewColumn } from "./overview_columns.ts";

/** Pixels from one column to the next, with the gap between them. */
export const COLUMN_STEP = 4;
const GAP = 1;
/** What is there is seen, however little it is beside the rest. */
const LEAST_HEIGHT = 1;
const LEAST_LOST_HEIGHT = 4;
/** Half the width of the mark over what was lost. */
const MARK = 3;

export interface OverviewColors {
  readonly received: string;
  readonly sent: string;
  readonly lost: string;
  readonly dropped: string;
}

/**
 * Draws columns: received below, sent above it, then what a rule dropped, and what was lost on top. They differ by more
 * than their colour: what was received is solid, what was sent is striped, what was dropped is hollow, and over what was
 * lost there is a mark at the upper edge.
 */
export function drawOverview(
  canvas: HTMLCanvasElement,
  columns: readonly OverviewColumn[],
  colors: OverviewColors,
): void {
  const { clientWidth, clientHeight } = canvas;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(clientWidth * ratio);
  canvas.height = Math.round(clientHeight * ratio);
  const context = canvas.getContext("2d");
  if (!context || columns.length === 0) return;
  context.scale(ratio, ratio);
  const heights = columns.map(
    ({ received, sent, lost, dropped }) => received + sent + lost + dropped,
  );
  const most = Math.max(1, ...heights);
  const step = clientWidth / columns.length;
  // Below the marks.
  const room = clientHeight - 6;
  for (const [index, { received, sent, lost, dropped }] of columns.entries()) {
    const x = index * step;
    const width = step - GAP;
    let y = clientHeight;
    const bar = (count: number, color: string, least: number) => {
      const height = count === 0 ? 0 : Math.max(least, (count / most) * room);
      y -= height;
      context.fillStyle = color;
      context.fillRect(x, y, width, height);
      return height;
    };
    bar(received, colors.received, LEAST_HEIGHT);
    const bottom = y;
    bar(sent, colors.sent, LEAST_HEIGHT);
    for (let stripe = bottom - 2; stripe > y; stripe -= 3) context.clearRect(x, stripe, width, 1);
    const inside = bar(dropped, colors.dropped, LEAST_LOST_HEIGHT) - 2;
    if (inside > 0) context.clearRect(x + 1, y + 1, width - 2, inside);
    if (lost === 0) continue;
    bar(lost, colors.lost, LEAST_LOST_HEIGHT);
    mark(context, Math.max(MARK, Math.min(x + width / 2, clientWidth - MARK)));
  }
}

/** A triangle that points down. */
function mark(context: CanvasRenderingContext2D, x: number): void {
  context.beginPath();
  context.moveTo(x - MARK, 0);
  context.lineTo(x + MARK, 0);
  context.lineTo(x, 4);
  context.fill();
}

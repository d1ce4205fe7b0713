import { create, on } from "../parts/dom.ts";
import { followDrag } from "../parts/drag.ts";
import { formatHour, formatMicroseconds, formatMinute } from "../parts/time_format.ts";
import { type LineStyle, lineColor, themeColor } from "./line_style.ts";
import { shortNumber } from "./number_format.ts";
import { drawCurve, GAP_PX, gapsInLine } from "./plot_shape.ts";
import type { PlotGaps, PlotRange, ToValues, ValueLine } from "./protocol.ts";

export type PlotMessage = Extract<ToValues, { type: "plot" }>;

/** A line with all that is known of it. */
export interface DrawnLine {
  readonly value: ValueLine;
  readonly style: LineStyle;
  readonly curve: Float64Array;
}

/** What a plot shows. */
export interface DrawnPlot {
  readonly lines: readonly DrawnLine[];
  readonly message: PlotMessage;
  readonly isOverTime: boolean;
  readonly brush: PlotRange | undefined;
  /** Where the keyboard's cursor is. */
  readonly cursor: number | undefined;
}

export interface PlotEvents {
  brushed(range: PlotRange | undefined): void;
  clicked(x: number): void;
  /** The pointer is there; undefined: it has left. */
  hovered(x: number | undefined, left: number): void;
  resized(): void;
}

/** Steps of time between two marks of the axis: microseconds. */
const TIME_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500]
  .flatMap((step) => [step, step * 1000])
  .concat(
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400].map((s) => s * 1e6),
  )
  .sort((one, other) => one - other);
/** Scales that have an axis; others are drawn without one. */
const MOST_AXES = 4;
const AXIS_PX = 60;
const EDGE = { top: 12, bottom: 24, side: 12 };
/** Marks of an axis are no nearer together than this. */
const SPACE = { x: 100, y: 44 };
const TRIANGLE_PX = 4;
const TICK_PX = 10;
/** A drag that is shorter is a click. */
const LEAST_DRAG_PX = 4;

/** What is between the lowest and the highest value of the lines that share it. */
interface Scale {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly color: string;
}

/**
 * Lines over time, or over a field. Drawn here, and not by a library: what makes a plot of datagrams is its gaps, and the axes
 * around it are little beside a budget in which a library would be the largest part of the page.
 */
export class Plot {
  readonly element = create("div", { class: "plot" });
  readonly #events: PlotEvents;
  readonly #canvas = create("canvas");
  /** Over the lines, without the axes: what the pointer is in. */
  readonly #over = create("div", { class: "over" });
  readonly #select = create("div", { class: "select", hidden: true });
  readonly #cursor = create("div", { class: "cursor", hidden: true });
  #drawn: DrawnPlot | undefined;
  /** The lines' part of the element, in pixels. */
  #box = { left: AXIS_PX, top: EDGE.top, width: 1, height: 1 };

  constructor(events: PlotEvents) {
    this.#events = events;
    this.#over.append(this.#select, this.#cursor);
    this.element.append(this.#canvas, this.#over);
    new ResizeObserver(() => {
      this.#paint();
      events.resized();
    }).observe(this.element);
    on(this.#over, "pointerdown", (event) => this.#press(event));
    on(this.#over, "pointermove", ({ clientX }) => this.#hover(clientX));
    on(this.#over, "pointerleave", () => {
      this.#cursor.hidden = true;
      events.hovered(undefined, 0);
    });
  }

  /** Steps that it can show: one a pixel of the screen. */
  get steps(): number {
    const width = this.element.clientWidth - 2 * AXIS_PX;
    return Math.max(50, Math.min(4000, Math.round(width * devicePixelRatio)));
  }

  draw(drawn: DrawnPlot): void {
    this.#drawn = drawn;
    this.#paint();
  }

  /** A picture of what is drawn. */
  get canvas(): HTMLCanvasElement {
    return this.#canvas;
  }

  #paint(): void {
    const drawn = this.#drawn;
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!drawn || width === 0 || height === 0) return;
    const scales = scalesOf(drawn.lines);
    const axes = scales.slice(0, MOST_AXES);
    const left = Math.max(1, Math.ceil(axes.length / 2)) * AXIS_PX;
    const right = axes.length > 1 ? Math.floor(axes.length / 2) * AXIS_PX : EDGE.side;
    this.#box = {
      ...{ left, top: EDGE.top },
      width: Math.max(1, width - left - right),
      height: Math.max(1, height - EDGE.top - EDGE.bottom),
    };
    const { style } = this.#over;
    style.left = `${left}px`;
    style.top = `${EDGE.top}px`;
    style.width = `${this.#box.width}px`;
    style.height = `${this.#box.height}px`;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    context.font = `11px ${getComputedStyle(this.element).fontFamily}`;
    this.#drawAxes(context, drawn, axes);
    for (const line of drawn.lines) this.#drawLine(context, drawn.message, line, scales);
    this.#drawMarks(context, drawn);
    this.#showBrush();
  }

  #x(at: number): number {
    const { from, to } = this.#range;
    return this.#box.left + ((at - from) / (to - from)) * this.#box.width;
  }

  #y(at: number, { min, max }: Scale): number {
    return this.#box.top + (1 - (at - min) / (max - min)) * this.#box.height;
  }

  /** What is at a place of the screen. */
  #valueAt(clientX: number): number {
    const { left } = this.#over.getBoundingClientRect();
    const { from, to } = this.#range;
    const share = Math.max(0, Math.min(1, (clientX - left) / this.#box.width));
    return from + share * (to - from);
  }

  get #range(): PlotRange {
    const { from = 0, to = 1 } = this.#drawn?.message.range ?? {};
    return from < to ? { from, to } : { from: from - 1, to: to + 1 };
  }

  #drawAxes(context: CanvasRenderingContext2D, drawn: DrawnPlot, axes: readonly Scale[]): void {
    const { left, top, width, height } = this.#box;
    const grid = themeColor("--vscode-panel-border");
    context.lineWidth = 1;
    context.strokeStyle = grid;
    context.fillStyle = themeColor("--vscode-descriptionForeground");
    context.textAlign = "center";
    context.textBaseline = "top";
    const { from, to } = this.#range;
    const least = ((to - from) / width) * SPACE.x;
    const step = drawn.isOverTime
      ? (TIME_STEPS.find((one) => one >= least) ?? niceStep(least))
      : niceStep(least);
    for (const at of marksOf(from, to, step)) {
      line(context, this.#x(at), top, this.#x(at), top + height + 4);
      const text = drawn.isOverTime ? axisTime(at, step) : shortNumber(at, 6);
      context.fillText(text, this.#x(at), top + height + 7);
    }
    context.textBaseline = "middle";
    for (const [index, scale] of axes.entries()) {
      const isLeft = index % 2 === 0;
      const away = Math.floor(index / 2) * AXIS_PX + 6;
      context.textAlign = isLeft ? "right" : "left";
      context.fillStyle = scale.color;
      const { min, max } = scale;
      for (const at of marksOf(min, max, niceStep(((max - min) / height) * SPACE.y))) {
        const y = this.#y(at, scale);
        if (index === 0) line(context, left, y, left + width, y);
        context.fillText(shortNumber(at, 6), isLeft ? left - away : left + width + away, y);
      }
    }
  }

  #drawLine(
    context: CanvasRenderingContext2D,
    message: PlotMessage,
    { value, style, curve }: DrawnLine,
    scales: readonly Scale[],
  ): void {
    const scale = scales.find(({ name }) => name === scaleName(value));
    if (!scale) return;
    const { left, top, width, height } = this.#box;
    const x = (at: number) => this.#x(at);
    const path = new Path2D();
    const y = (at: number) => this.#y(at, scale);
    drawCurve(path, curve, message.range, { x, y }, value.kind !== "number");
    // What is left of the width without its gaps.
    const clip = new Path2D();
    let from = left;
    for (const [start, end] of gapsInLine(gapsOfLine(message, value), x, GAP_PX)) {
      if (start > from) clip.rect(from, top, start - from, height);
      from = Math.max(from, end);
    }
    clip.rect(from, top, Math.max(0, left + width - from), height);
    context.save();
    context.clip(clip);
    context.strokeStyle = lineColor(style);
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.setLineDash([...style.dash]);
    context.stroke(path);
    context.restore();
  }

  #drawMarks(context: CanvasRenderingContext2D, drawn: DrawnPlot): void {
    const { left, top, width, height } = this.#box;
    context.save();
    for (const { times, kinds } of drawn.message.gaps) {
      for (const [index, time] of times.entries()) {
        const x = Math.round(this.#x(time));
        context.fillStyle = themeColor(gapColor(kinds[index] ?? "lost"));
        context.beginPath();
        context.moveTo(x - TRIANGLE_PX, top);
        context.lineTo(x + TRIANGLE_PX, top);
        context.lineTo(x, top + TRIANGLE_PX + 1);
        context.fill();
        context.fillRect(x - 0.5, top + height - TICK_PX, 1, TICK_PX);
      }
    }
    context.lineWidth = 1;
    context.strokeStyle = themeColor("--vscode-foreground");
    for (const [at, dash] of [
      [drawn.message.selected, [4, 3]],
      [drawn.cursor, []],
    ] as const) {
      if (at === undefined || this.#x(at) < left || this.#x(at) > left + width) continue;
      context.setLineDash([...dash]);
      line(context, this.#x(at), top, this.#x(at), top + height);
    }
    context.restore();
  }

  /** The brush is marked where it is now, whatever was dragged before. */
  #showBrush(brush = this.#drawn?.brush): void {
    this.#select.hidden = brush === undefined;
    if (!brush) return;
    const { left, width } = this.#box;
    const from = Math.max(0, this.#x(brush.from) - left);
    const to = Math.min(width, this.#x(brush.to) - left);
    this.#select.style.left = `${from}px`;
    this.#select.style.width = `${Math.max(0, to - from)}px`;
  }

  /** A press is a click, or the beginning of a brush. */
  #press(event: PointerEvent): void {
    const start = this.#valueAt(event.clientX);
    let brush: PlotRange | undefined;
    followDrag(
      this.#over,
      event,
      ({ clientX }) => {
        if (!brush && Math.abs(clientX - event.clientX) < LEAST_DRAG_PX) return;
        const end = this.#valueAt(clientX);
        brush = { from: Math.min(start, end), to: Math.max(start, end) };
        this.#showBrush(brush);
      },
      () => {
        if (brush) this.#events.brushed(brush);
        else this.#events.clicked(start);
      },
    );
  }

  #hover(clientX: number): void {
    if (!this.#drawn) return;
    const place = clientX - this.#over.getBoundingClientRect().left;
    this.#cursor.hidden = false;
    this.#cursor.style.left = `${place}px`;
    this.#events.hovered(this.#valueAt(clientX), place + this.#box.left);
  }
}

/** What did not come of a line's sender. */
export function gapsOfLine({ gaps }: PlotMessage, { sender }: ValueLine): PlotGaps | undefined {
  return gaps.find((one) => one.sender === sender);
}

/** Lost is red; what a rule did is not. */
export function gapColor(kind: PlotGaps["kinds"][number]): string {
  return kind === "dropped" ? "--vscode-list-warningForeground" : "--vscode-charts-red";
}

/** Lines of one unit have one scale; of a field without one, those of other senders. */
export function scaleName({ unit, field }: ValueLine): string {
  return unit === "" ? `field ${field}` : `unit ${unit}`;
}

/** In the order of the lines: the first one's axis is left, the second's right, and so on. */
function scalesOf(lines: readonly DrawnLine[]): Scale[] {
  const names = [...new Set(lines.map(({ value }) => scaleName(value)))];
  return names.map((name) => {
    const own = lines.filter(({ value }) => scaleName(value) === name);
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (const { curve } of own) {
      for (const value of curve) {
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
    if (min > max) [min, max] = [0, 1];
    const room = min === max ? Math.abs(min) * 0.1 || 1 : (max - min) * 0.06;
    const [first] = own;
    return { name, min: min - room, max: max + room, color: first ? lineColor(first.style) : "" };
  });
}

/** The next of 1, 2, 5, 10, 20 ... */
export function niceStep(least: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(least, 1e-300)));
  return [1, 2, 5, 10].map((step) => step * size).find((step) => step >= least) ?? 10 * size;
}

/** The multiples of a step between two values. */
export function marksOf(from: number, to: number, step: number): number[] {
  const marks: number[] = [];
  for (let count = Math.ceil(from / step); count * step <= to && marks.length < 100; count++) {
    marks.push(count * step);
  }
  return marks;
}

function line(
  context: CanvasRenderingContext2D,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
): void {
  context.beginPath();
  // In the middle of a pixel, so that it is as sharp as it is wide.
  context.moveTo(Math.round(fromX) + 0.5, Math.round(fromY) + 0.5);
  context.lineTo(Math.round(toX) + 0.5, Math.round(toY) + 0.5);
  context.stroke();
}

/** The local time with as many digits as the step between two marks has. */
function axisTime(time: number, step: number): string {
  if (step >= 1_000_000) return `${formatHour(time)}${formatMinute(time).slice(0, 5)}`;
  return step >= 1000 ? `${formatHour(time)}${formatMinute(time)}` : formatMicroseconds(time);
}

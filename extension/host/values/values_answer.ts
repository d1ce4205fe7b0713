import {
  curveOverField,
  curveOverTime,
  gapMarks,
  positionBehind,
} from "../../core/series/curve.ts";
import type { NumberColumn } from "../../core/series/number_column.ts";
import { SampleState } from "../../core/series/number_sink.ts";
import type { SenderSeries } from "../../core/series/sender_series.ts";
import type { SeriesTable } from "../../core/series/series_table.ts";
import { RunningSummary, type Summary } from "../../core/series/summary.ts";
import type {
  GapKind,
  PlotGaps,
  PlotLine,
  PlotRange,
  PlotView,
  RangeOfSender,
  ToValues,
  ValueLine,
} from "../../webview/values/protocol.ts";
import { sampleText } from "./sample_text.ts";

/** Fields that are told; who has more narrows them by a filter. */
export const MOST_LINES = 500;
/** A rate is that of the last ten seconds, or of so many datagrams where these are fewer. */
const RATE_US = 10_000_000;
const RATE_DATAGRAMS = 2000;
/** The small lines show two minutes. */
const SPARK_US = 120_000_000;
const SPARK_STEPS = 64;
/** Marks that lie nearer together than this many steps are one. */
const MARK_STEPS = 2;

/** A field of a sender. */
export interface Series {
  readonly sender: SenderSeries;
  readonly column: NumberColumn;
}

export function keyOf({ sender, column }: Series): string {
  return `${sender.name}\t${column.name}`;
}

/** The field that a key names; undefined where there is none any more. */
export function seriesOf(table: SeriesTable, key: string): Series | undefined {
  const [name, field = ""] = key.split("\t");
  const sender = table.senders.find((one) => one.name === name);
  const column = sender?.columns.get(field);
  return sender && column ? { sender, column } : undefined;
}

/** All fields that have a number among what is shown, by sender and name. */
export function allSeries(table: SeriesTable): Series[] {
  const found: Series[] = [];
  const senders = [...table.senders].sort((one, other) => order(one.name, other.name));
  for (const sender of senders) {
    const columns = [...sender.columns.values()];
    columns.sort((one, other) => order(one.name, other.name));
    for (const column of columns) {
      if (column.lastBefore(sender.length, sender) >= 0) found.push({ sender, column });
    }
  }
  return found;
}

/** Numbers in names as people count: `x[2]` before `x[10]`. */
const collator = new Intl.Collator("en", { numeric: true });

function order(one: string, other: string): number {
  return collator.compare(one, other) || (one < other ? -1 : 1);
}

/** What the table tells of the fields. */
export function valueLines(series: readonly Series[]): ValueLine[] {
  return series.slice(0, MOST_LINES).map((one) => {
    const { sender, column } = one;
    const last = column.lastBefore(sender.length, sender);
    return {
      key: keyOf(one),
      sender: sender.name,
      field: sender.titleOf(column.name),
      unit: column.unit ?? "",
      kind: column.kind,
      latest: latestText(column, sender.at(last)),
      time: sender.timeAt(last),
      rate: rateOf(one, last),
      summary: summaryOf(one, 0, sender.length),
      isCounter: sender.missing?.column === column,
    };
  });
}

/** What some positions come to. */
export function summaryOf({ sender, column }: Series, from: number, to: number): Summary {
  const sum = new RunningSummary();
  column.addTo(sum, sender, from, to);
  return sum.summary;
}

function latestText(column: NumberColumn, row: number): string {
  let text = "";
  column.each(row, (value, state) => {
    text = sampleText(column, value, state);
  });
  return text;
}

/** Samples a second; NaN where there is but one. */
function rateOf({ sender, column }: Series, last: number): number {
  const time = sender.timeAt(last);
  const first = Math.max(sender.positionFrom(time - RATE_US), last + 1 - RATE_DATAGRAMS);
  const start = column.firstFrom(first, sender, last + 1);
  if (start < 0 || start === last) return Number.NaN;
  const sum = new RunningSummary();
  // The first one began the time, and is not of it.
  column.addTo(sum, sender, start + 1, last + 1);
  const span = time - sender.timeAt(start);
  return span > 0 ? sum.samples / (span / 1_000_000) : Number.NaN;
}

/** The small lines of some fields: their last two minutes. */
export function sparkLines(table: SeriesTable, keys: readonly string[]): PlotLine[] {
  return keys.flatMap((key) => {
    const series = seriesOf(table, key);
    if (!series) return [];
    const { sender, column } = series;
    const last = column.lastBefore(sender.length, sender);
    const to = last < 0 ? 0 : sender.timeAt(last);
    return { key, curve: curveOverTime(sender, column, to - SPARK_US, to, SPARK_STEPS) };
  });
}

type PlotMessage = Extract<ToValues, { type: "plot" }>;

/** The plot that a page asks for. `selected`: the time of the row that is selected in the grid. */
export function plotAnswer(
  table: SeriesTable,
  view: PlotView,
  selected: number | undefined,
): PlotMessage {
  const chosen = view.lines.flatMap((key) => seriesOf(table, key) ?? []);
  const senders = [...new Set(chosen.map(({ sender }) => sender))];
  return view.x === ""
    ? overTime(chosen, senders, view, selected)
    : overField(chosen, senders, view);
}

function overTime(
  chosen: readonly Series[],
  senders: readonly SenderSeries[],
  view: PlotView,
  selected: number | undefined,
): PlotMessage {
  const whole = timesOf(senders);
  const range = shownRange(whole, view);
  const { from, to } = range;
  const { steps, brush = range } = view;
  const [first] = chosen;
  const width = ((to - from) / Math.max(1, steps)) * MARK_STEPS;
  const positions = (sender: SenderSeries) => ({
    from: sender.positionFrom(brush.from),
    to: positionBehind(sender, brush.to),
  });
  return {
    type: "plot",
    range,
    whole,
    lines: chosen.map((series) => ({
      key: keyOf(series),
      curve: curveOverTime(series.sender, series.column, from, to, steps),
    })),
    ...(first && {
      overview: curveOverTime(first.sender, first.column, whole.from, whole.to, steps),
    }),
    gaps: senders.map((sender) => gapsOf(sender, from, to, width)),
    senders: senders.map((sender) => rangeOf(sender, positions(sender), brush)),
    summaries: chosen.map((series) => {
      const { from: start, to: end } = positions(series.sender);
      return { key: keyOf(series), ...summaryOf(series, start, end) };
    }),
    ...(selected !== undefined && { selected }),
  };
}

function timesOf(senders: readonly SenderSeries[]): PlotRange {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const sender of senders) {
    const gaps = [sender.gaps[0], sender.gaps.at(-1)].flatMap((gap) => gap?.time ?? []);
    const times = sender.length > 0 ? [sender.timeAt(0), sender.timeAt(sender.length - 1)] : [];
    for (const time of [...times, ...gaps]) {
      from = Math.min(from, time);
      to = Math.max(to, time);
    }
  }
  return from <= to ? { from, to } : { from: 0, to: 0 };
}

function shownRange(whole: PlotRange, { range, follow }: PlotView): PlotRange {
  if (follow !== undefined) return { from: whole.to - follow, to: whole.to };
  return range ?? whole;
}

function gapsOf(sender: SenderSeries, from: number, to: number, width: number): PlotGaps {
  const marks = gapMarks(sender, from, to, width);
  return {
    sender: sender.name,
    times: Float64Array.from(marks, ({ time }) => time),
    counts: Float64Array.from(marks, ({ count }) => count),
    kinds: marks.map(({ kind }) => kind),
    numbers: Float64Array.from(marks, ({ number = Number.NaN }) => number),
  };
}

function rangeOf(
  sender: SenderSeries,
  positions: { readonly from: number; readonly to: number },
  { from, to }: PlotRange,
): RangeOfSender {
  const gaps: Record<GapKind, number> = { lost: 0, dropped: 0, refused: 0, missing: 0 };
  for (const { kind, count } of gapMarks(sender, from, to)) gaps[kind] += count;
  return { sender: sender.name, arrived: Math.max(0, positions.to - positions.from), gaps };
}

function overField(
  chosen: readonly Series[],
  senders: readonly SenderSeries[],
  view: PlotView,
): PlotMessage {
  const along = new Map<SenderSeries, NumberColumn>();
  let whole: PlotRange | undefined;
  for (const sender of senders) {
    const column = sender.columns.get(view.x);
    if (!column) continue;
    along.set(sender, column);
    const { count, min: from, max: to } = summaryOf({ sender, column }, 0, sender.length);
    if (count === 0) continue;
    whole = whole ? { from: Math.min(whole.from, from), to: Math.max(whole.to, to) } : { from, to };
  }
  whole ??= { from: 0, to: 0 };
  const range = view.range ?? whole;
  const { from: low, to: high } = range;
  const { steps, brush = range } = view;
  const drawn = chosen.filter(({ sender }) => along.has(sender));
  const lines = drawn.map(({ sender, column }) => {
    const over = along.get(sender) ?? column;
    const all = { from: 0, to: sender.length };
    const curve = curveOverField(sender, over, column, all, { low, high, steps });
    return { key: keyOf({ sender, column }), curve };
  });
  const within = (sender: SenderSeries) => {
    const column = along.get(sender);
    return column ? positionsAlong(sender, column, brush) : [];
  };
  return {
    type: "plot",
    range,
    whole,
    lines,
    gaps: [],
    senders: senders.map((sender) => ({
      sender: sender.name,
      arrived: within(sender).length,
      gaps: { lost: 0, dropped: 0, refused: 0, missing: 0 },
    })),
    summaries: drawn.map(({ sender, column }) => {
      const sum = new RunningSummary();
      for (const at of within(sender)) {
        column.each(sender.at(at), (value, state) => sum.add(value, state));
      }
      return { key: keyOf({ sender, column }), ...sum.summary };
    }),
  };
}

/** The positions whose datagrams have a field between two values. */
export function positionsAlong(
  sender: SenderSeries,
  column: NumberColumn,
  { from, to }: PlotRange,
): number[] {
  const found: number[] = [];
  for (let at = 0; at < sender.length; at++) {
    const row = sender.at(at);
    if (column.state(row) === SampleState.none) continue;
    const value = column.value(row);
    if (value >= from && value <= to) found.push(at);
  }
  return found;
}

/** The position of a line whose sample is nearest to a place of the plot; -1 where it has none. */
export function nearestPosition({ sender, column }: Series, x: string, place: number): number {
  if (x === "") {
    const at = sender.positionFrom(place);
    const before = column.lastBefore(at, sender);
    const behind = column.firstFrom(at, sender);
    if (before < 0 || behind < 0) return Math.max(before, behind);
    return place - sender.timeAt(before) <= sender.timeAt(behind) - place ? before : behind;
  }
  const over = sender.columns.get(x);
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; over && at < sender.length; at++) {
    const row = sender.at(at);
    if (over.state(row) === SampleState.none || column.state(row) === SampleState.none) continue;
    const by = Math.abs(over.value(row) - place);
    if (by >= least) continue;
    least = by;
    nearest = at;
  }
  return nearest;
}

/** So many samples on from a position, or back; the last one that there is where there are fewer. */
export function positionAfter({ sender, column }: Series, position: number, by: number): number {
  let at = position;
  for (let left = Math.min(Math.abs(by), 1_000_000); left > 0; left--) {
    const next = by > 0 ? column.firstFrom(at + 1, sender) : column.lastBefore(at, sender);
    if (next < 0) break;
    at = next;
  }
  return at;
}

import type { Extremes, NumberColumn } from "./number_column.ts";
import { SampleState } from "./number_sink.ts";
import type { GapKind, SenderSeries } from "./sender_series.ts";

/** What a line is drawn from: for each step the least and the greatest sample, in the order that the line goes. */
export type Curve = Float64Array;

/**
 * A field over time in `steps` equal steps of the times from `from` to `to`, microseconds since 1970, both in it: two values a
 * step, its minimum and maximum, NaN both where it has no sample. No sample is left out, however many there are: what is
 * seen at this width is what would be seen if all were drawn.
 */
export function curveOverTime(
  sender: SenderSeries,
  column: NumberColumn,
  from: number,
  to: number,
  steps: number,
): Curve {
  const curve: Curve = new Float64Array(2 * steps).fill(Number.NaN);
  if (steps === 0 || to < from) return curve;
  if (column.hasMany) {
    eachSampleOverTime(sender, column, from, to, (time, value) => {
      widen(curve, stepOf(time, from, to, steps), value);
    });
    return inOrderOfLine(curve);
  }
  const found: Extremes = { min: 0, max: 0 };
  let at = sender.positionFrom(from);
  const behind = positionBehind(sender, to);
  for (let step = 0; step < steps && at < behind; step++) {
    // From sample to sample, where there are fewer of these than of steps.
    step = Math.max(step, stepOf(sender.timeAt(at), from, to, steps));
    const end = endOfStep(sender, at, behind, step, from, to, steps);
    column.extremes(sender, at, end, found);
    curve[2 * step] = found.min;
    curve[2 * step + 1] = found.max;
    at = end;
  }
  return inOrderOfLine(curve);
}

/** The same over another field of the same datagrams, from `low` to `high`: of the datagrams at some positions. */
export function curveOverField(
  sender: SenderSeries,
  over: NumberColumn,
  column: NumberColumn,
  positions: { readonly from: number; readonly to: number },
  range: { readonly low: number; readonly high: number; readonly steps: number },
): Curve {
  const { low, high, steps } = range;
  const curve: Curve = new Float64Array(2 * steps).fill(Number.NaN);
  for (let at = positions.from; at < positions.to; at++) {
    const row = sender.at(at);
    const state = over.state(row);
    if (state === SampleState.none || state === SampleState.nan) continue;
    const x = over.value(row);
    if (x < low || x > high) continue;
    const step = stepOf(x, low, high, steps);
    column.each(row, (value, is) => {
      if (is === SampleState.finite || is === SampleState.inexact) widen(curve, step, value);
    });
  }
  return inOrderOfLine(curve);
}

/** Datagrams that did not come, at one place of a curve. */
export interface GapMark {
  /** Microseconds since 1970: when it was sent, or the middle between its neighbours where only a counter tells. */
  readonly time: number;
  /** "missing": a counter of the sender leaves numbers out, and nobody has seen them sent. */
  readonly kind: GapKind | "missing";
  /** How many; they lie that near together. */
  readonly count: number;
  /** The datagram, where one was sent. */
  readonly id: number | undefined;
  /** The first number that is missing, where a counter tells. */
  readonly number: number | undefined;
}

/**
 * What did not come of a sender between two times, in the order of time: those that lie within `width` microseconds of each
 * other, and did not come for the same reason, are one mark.
 */
export function gapMarks(sender: SenderSeries, from: number, to: number, width = 0): GapMark[] {
  const marks: GapMark[] = [];
  for (let at = sender.gapFrom(from); at < sender.gaps.length; at++) {
    const gap = sender.gaps[at];
    if (!gap || gap.time > to) break;
    marks.push({ ...gap, count: 1, number: undefined });
  }
  const { missing } = sender;
  const first = missing?.runFrom(sender.positionFrom(from)) ?? 0;
  for (let at = first; missing && at < missing.runs.length; at++) {
    const run = missing.runs[at];
    if (!run) break;
    const start = sender.timeAt(run.before);
    const end = sender.timeAt(run.position);
    if (start > to) break;
    // What was seen sent between the two has its own mark.
    const seen = sender.gapFrom(end + 1) - sender.gapFrom(start);
    const count = run.count - seen;
    const time = start + (end - start) / 2;
    if (count <= 0 || time < from || time > to) continue;
    marks.push({ time, kind: "missing", count, id: undefined, number: run.first });
  }
  marks.sort((one, other) => one.time - other.time);
  return width > 0 ? merged(marks, width) : marks;
}

function merged(marks: readonly GapMark[], width: number): GapMark[] {
  const result: GapMark[] = [];
  const last = new Map<GapMark["kind"], number>();
  for (const mark of marks) {
    const at = last.get(mark.kind);
    const before = at === undefined ? undefined : result[at];
    if (at !== undefined && before && mark.time - before.time < width) {
      result[at] = { ...before, count: before.count + mark.count };
    } else last.set(mark.kind, result.push(mark) - 1);
  }
  return result;
}

/**
 * Each finite sample between two times, in the order of time. Several samples of one datagram lie evenly over the time since
 * the one before that has any, which they were gathered in; those of the first one at its own time.
 */
export function eachSampleOverTime(
  sender: SenderSeries,
  column: NumberColumn,
  from: number,
  to: number,
  tell: (time: number, value: number, position: number) => void,
): void {
  const first = sender.positionFrom(from);
  let before = column.lastBefore(first, sender);
  for (let at = first; at < sender.length; at++) {
    const row = sender.at(at);
    const count = column.countAt(row);
    if (count === 0) continue;
    const time = sender.timeAt(at);
    const since = before < 0 ? time : sender.timeAt(before);
    if (since > to || (count === 1 && time > to)) break;
    column.each(row, (value, state, place) => {
      if (state !== SampleState.finite && state !== SampleState.inexact) return;
      const when = since + ((time - since) * (place + 1)) / count;
      if (when >= from && when <= to) tell(when, value, at);
    });
    before = at;
  }
}

/** The position behind the last one that is not behind `time`. */
export function positionBehind(sender: SenderSeries, time: number): number {
  return sender.positionFrom(time + 1);
}

function stepOf(x: number, from: number, to: number, steps: number): number {
  if (to <= from) return 0;
  return Math.min(steps - 1, Math.max(0, Math.floor(((x - from) / (to - from)) * steps)));
}

function endOfStep(
  sender: SenderSeries,
  first: number,
  behind: number,
  step: number,
  from: number,
  to: number,
  steps: number,
): number {
  const isIn = (at: number) => stepOf(sender.timeAt(at), from, to, steps) <= step;
  // In steps that grow, as the end is mostly near.
  let low = first;
  let size = 1;
  while (low + size < behind && isIn(low + size)) {
    low += size;
    size *= 2;
  }
  let high = Math.min(behind, low + size);
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (isIn(middle)) low = middle;
    else high = middle;
  }
  return high;
}

function widen(curve: Curve, step: number, value: number): void {
  const low = curve[2 * step] ?? Number.NaN;
  const high = curve[2 * step + 1] ?? Number.NaN;
  if (!(low <= value)) curve[2 * step] = value;
  if (!(high >= value)) curve[2 * step + 1] = value;
}

/** So that a line through all of them does not go to and fro: each step begins at the end that is nearer. */
function inOrderOfLine(curve: Curve): Curve {
  let last = Number.NaN;
  for (let at = 0; at < curve.length; at += 2) {
    const low = curve[at] ?? Number.NaN;
    const high = curve[at + 1] ?? Number.NaN;
    if (Number.isNaN(low)) continue;
    if (Math.abs(high - last) < Math.abs(low - last)) {
      curve[at] = high;
      curve[at + 1] = low;
      last = low;
    } else last = high;
  }
  return curve;
}

import { SampleState, sampleNumber } from "../../extension/core/series/number_sink.ts";
import { SeriesTable } from "../../extension/core/series/series_table.ts";
import {
  allSeries,
  keyOf,
  plotAnswer,
  sparkLines,
  valueLines,
} from "../../extension/host/values/values_answer.ts";
import type { Comparison } from "./comparison.ts";
import { sampleOf } from "./sample.ts";

const DATAGRAMS = 1_000_000;
const LINES = 10;
const STEPS = 1600;
/** 50,000 a second, told 20 times a second. */
const AT_ONCE = 2500;
const STEP_US = 20;
const FRAMES = 100;
/** A longer frame is seen. */
const LONGEST_MS = 50;

/**
 * What the extension host does for one frame of a plot: ten lines of a million samples each, of which 2,500 are new, with the
 * table above it, in time of the processor. What the page does with the answer is as much as it has pixels, whatever there is.
 */
export async function measurePlots(): Promise<Comparison[]> {
  const table = new SeriesTable();
  let next = 0;
  const add = (count: number) => {
    for (const end = next + count; next < end; next++) {
      const series = table.begin(next, next * STEP_US, table.senderOf("127.0.0.1:6006"));
      for (let line = 0; line < LINES; line++) {
        const value = line === 0 ? next : Math.sin(next / (1000 + line)) + line;
        // As fields at fixed places are read; the first one also says what it is.
        if (next === 0) series?.number(`field ${line}`, sampleNumber(value, line === 0));
        else
          series?.column(`field ${line}`, 1)?.setNumber(series.rows - 1, value, SampleState.finite);
      }
      table.show(next);
    }
  };
  add(DATAGRAMS);
  const lines = allSeries(table).map(keyOf);
  const view = { steps: STEPS, lines, sparks: lines, x: "" };
  const frames: number[] = [];
  const memory: number[] = [];
  for (let frame = 0; frame < FRAMES; frame++) {
    // What is told otherwise later, as what is lost, has the last second arranged anew.
    const from = next - 50_000;
    table.truncate(from * STEP_US);
    const begun = process.cpuUsage().user;
    for (let id = from; id < next; id++) table.show(id);
    add(AT_ONCE);
    valueLines(allSeries(table));
    sparkLines(table, lines);
    plotAnswer(table, view, undefined);
    frames.push((process.cpuUsage().user - begun) / 1000);
    if (frame % 10 === 0) memory.push(process.memoryUsage().arrayBuffers / 2 ** 20);
  }
  frames.sort((one, other) => one - other);
  const p99 = frames[Math.floor(frames.length * 0.99)] ?? Number.NaN;
  const what = `a plot of ${LINES} lines of 1,000,000 samples, live at 50,000/s`;
  return [
    {
      what: `${what}, a frame, of the processor`,
      unit: "ms",
      ours: sampleOf(frames),
      better: "less",
      goal: { value: LONGEST_MS },
    },
    {
      what: `${what}, the 99th percentile`,
      unit: "ms",
      ours: sampleOf([p99]),
      better: "less",
      goal: { value: LONGEST_MS },
    },
    { what: `${what}, its columns`, unit: "MiB", ours: sampleOf(memory), better: "less" },
  ];
}

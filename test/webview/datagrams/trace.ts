import type { Page } from "playwright-core";

/** An event of Chromium's trace format, as far as it is needed here. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: start, duration, and how long of that the thread had a processor. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

export interface MainThreadTime {
  /** Tasks of the page's main thread: what comes between two frames is in one or several of them. */
  readonly tasks: number;
  /** Milliseconds on the clock, others that want the processor included. */
  readonly longest: number;
  /** Milliseconds of the processor: what the page is to blame for. */
  readonly longestOfProcessor: number;
}

/** What the page's main thread does during an action, by the browser's own trace. */
export async function traced(page: Page, action: () => Promise<void>): Promise<MainThreadTime> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => {
    events.push(...(value as unknown as TraceEvent[]));
  });
  const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
  const includedCategories = ["toplevel", "devtools.timeline"];
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories, excludedCategories: ["*"] },
  });
  await action();
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  // The page's process and thread are where animation frames are.
  const frame = events.find(({ name }) => name === "FireAnimationFrame");
  if (!frame) throw new Error("Cannot read the trace: there is no frame of the page in it");
  const tasks = events.filter(
    ({ name, pid, tid, dur }) =>
      name === "ThreadControllerImpl::RunTask" &&
      pid === frame.pid &&
      tid === frame.tid &&
      dur !== undefined,
  );
  const longest = (times: readonly number[]) => Math.max(0, ...times) / 1000;
  return {
    tasks: tasks.length,
    longest: longest(tasks.map(({ dur = 0 }) => dur)),
    longestOfProcessor: longest(tasks.map(({ dur = 0, tdur = dur }) => tdur)),
  };
}

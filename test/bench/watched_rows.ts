import type { Frame } from "playwright-core";

/** What somebody saw who looked at the Datagrams view. */
export interface Watched<T> {
  readonly result: T;
  /** Milliseconds from one frame of the page to the next. */
  readonly frames: readonly number[];
  /** Milliseconds from a datagram's own time until the newest row, which is its, was on the screen. */
  readonly latencies: readonly number[];
}

declare global {
  interface Window {
    watchedRows?: { end(): { frames: number[]; latencies: number[] } };
  }
}

/** Looks at the grid of a Datagrams view with every frame of its page while `task` runs. */
export async function watchingRows<T>(frame: Frame, task: () => Promise<T>): Promise<Watched<T>> {
  await frame.evaluate(watchRows);
  const result = await task();
  const seen = await frame.evaluate(() => window.watchedRows?.end());
  if (!seen) throw new Error("Cannot tell what the view has shown: its page is another one now");
  return { result, ...seen };
}

/** Runs in the page. */
function watchRows(): void {
  const frames: number[] = [];
  const latencies: number[] = [];
  let last = performance.now();
  let newest = 0;
  let isOver = false;
  const newestRow = () => {
    const rows = document.querySelectorAll('.rows .row[aria-busy="false"]');
    let found: Element | undefined;
    let highest = newest;
    for (const row of rows) {
      const index = Number(row.getAttribute("aria-rowindex"));
      if (index > highest) [highest, found] = [index, row];
    }
    newest = highest;
    return found;
  };
  const look = () => {
    const now = performance.now();
    frames.push(now - last);
    last = now;
    // What is there when a frame begins has been drawn, or is drawn with this one.
    const time = newestRow()?.querySelector<HTMLElement>(".time")?.title;
    if (time !== undefined) {
      latencies.push(performance.timeOrigin + now - Date.parse(time.replace(" ", "T")));
    }
    if (!isOver) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  window.watchedRows = {
    end: () => {
      isOver = true;
      return { frames, latencies };
    },
  };
}

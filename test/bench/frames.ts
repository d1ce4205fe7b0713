import { launchWithScrollBars } from "../webview/datagrams/browser.ts";
import { scrollThrough, typeFilters } from "../webview/datagrams/frames.ts";
import { bundlePage, openPage } from "../webview/datagrams/page.ts";
import { settled } from "../webview/datagrams/rows.ts";
import { traced } from "../webview/datagrams/trace.ts";
import type { Comparison } from "./comparison.ts";
import { interleaved, sampleOf } from "./sample.ts";

const ROWS = 1_000_000;
const ROUNDS = 5;
/** Side bar and editor. */
const WIDTHS = [330, 1280];
const ACTIONS = { "scrolling from end to end": scrollThrough, "typing filters": typeFilters };
/** A longer frame is seen. */
const LONGEST_MS = 50;

/**
 * The longest that a frame of the grid waits, by the browser's own trace, with a million rows. Beside the time of the
 * processor, which is the page's own doing, stands the time on the clock, which others that want the processor lengthen.
 */
export async function measureFrames(): Promise<Comparison[]> {
  const [browser, bundle] = await Promise.all([launchWithScrollBars(), bundlePage()]);
  try {
    const results: Comparison[] = [];
    for (const width of WIDTHS) {
      for (const [name, action] of Object.entries(ACTIONS)) {
        const clock: number[] = [];
        const { processor } = await interleaved(ROUNDS, {
          processor: async () => {
            const page = await openPage(browser, bundle, {
              count: ROWS,
              width,
              height: 900,
              delay: 5,
            });
            try {
              await settled(page);
              const { longest, longestOfProcessor } = await traced(page, () => action(page));
              clock.push(longest);
              return longestOfProcessor;
            } finally {
              await page.context().close();
            }
          },
        });
        const what = `longest frame while ${name} over 1,000,000 rows, ${width} px wide`;
        const line = { unit: "ms", better: "less" } as const;
        results.push(
          {
            ...line,
            what: `${what}, of the processor`,
            ours: processor,
            goal: { value: LONGEST_MS },
          },
          { ...line, what: `${what}, on the clock`, ours: sampleOf(clock) },
        );
      }
    }
    return results;
  } finally {
    await browser.close();
  }
}

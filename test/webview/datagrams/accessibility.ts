import axe from "axe-core";
import type { Page } from "playwright-core";

/** A rule that the page breaks, and the elements that break it. */
export type Violation = readonly [rule: string, elements: readonly string[]];

/**
 * What axe finds wrong with the page as it is shown. It runs in the page itself, where it is put once: a page has no frames
 * that it would have to be carried into, and one that shows four themes is looked at many times.
 */
export async function violations(page: Page): Promise<Violation[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { run } = (window as unknown as { axe: typeof axe }).axe;
    const found = await run(document, { resultTypes: ["violations"] });
    return found.violations.map(({ id, nodes }): Violation => [id, nodes.map(({ html }) => html)]);
  });
}

import type { Browser } from "playwright-core";
import { launchBrowser } from "../../support/browser.ts";
import { afterAllTests } from "../../support/root_hooks.ts";

/** A browser with scroll bars: they take room from the rows, and tests without them would be prettier than the truth. */
export async function launchWithScrollBars(): Promise<Browser> {
  return launchBrowser({ ignoreDefaultArgs: ["--hide-scrollbars"] });
}

let launching: Promise<Browser> | undefined;

/** The browser that the suites of one process share: launched for the first that asks, closed after the last. */
export function sharedBrowser(): Promise<Browser> {
  if (!launching) {
    const launched = launchWithScrollBars();
    launching = launched;
    afterAllTests(async () => (await launched).close());
  }
  return launching;
}

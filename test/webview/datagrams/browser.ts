import type { Browser } from "playwright-core";
import { launchBrowser } from "../../support/browser.ts";

/** A browser with scroll bars: they take room from the rows, and tests without them would be prettier than the truth. */
export async function launchWithScrollBars(): Promise<Browser> {
  return launchBrowser({ ignoreDefaultArgs: ["--hide-scrollbars"] });
}

import type { Frame } from "playwright-core";
import { Grid } from "./grid.ts";
import type { WorkbenchPage } from "./workbench_page.ts";

/** The pages that extensions show in views and editors. */
export class Webviews {
  readonly #workbench: WorkbenchPage;

  constructor(workbench: WorkbenchPage) {
    this.#workbench = workbench;
  }

  /** Waits for the webview in the view or the editor with this title, and for its document to be loaded. */
  async inside(title: string): Promise<Frame> {
    let frame: Frame | undefined;
    await this.#workbench.waitFor(`the webview in "${title}"`, async () => {
      const names = await this.#workbench.page.evaluate(namesOfWebviews);
      const outer = this.#workbench.page.frame({ name: names[title] ?? "" });
      frame = (await (await outer?.$("#active-frame"))?.contentFrame()) ?? undefined;
      return frame?.evaluate(() => document.readyState === "complete" && document.body !== null);
    });
    if (!frame) throw new Error("unreachable: the wait ended without a frame");
    return frame;
  }

  /** The grid of the webview in the view or the editor with this title. */
  async grid(title: string): Promise<Grid> {
    return new Grid(this.#workbench, await this.inside(title));
  }
}

/**
 * The names of the shown webviews' iframes by title. VS Code keeps them in a layer above the workbench, and ties each
 * to its place by CSS anchor positioning; before that (1.103 does) it laid each over its place.
 */
function namesOfWebviews(): Record<string, string> {
  const PLACES = ".pane, .editor-group-container";
  const anchors = Array.from(document.querySelectorAll<HTMLElement>("[style*='anchor-name']"));

  function placeOf(iframe: HTMLIFrameElement): Element | null | undefined {
    const anchor = iframe.parentElement?.style.getPropertyValue("position-anchor");
    if (anchor) {
      return anchors
        .find((element) => element.style.getPropertyValue("anchor-name") === anchor)
        ?.closest(PLACES);
    }
    if (getComputedStyle(iframe).visibility === "hidden") return undefined;
    const { left, top, width, height } = iframe.getBoundingClientRect();
    return document
      .elementsFromPoint(left + width / 2, top + height / 2)
      .map((element) => element.closest(PLACES))
      .find((place) => place !== null);
  }

  const names: Record<string, string> = {};
  for (const iframe of document.querySelectorAll<HTMLIFrameElement>("iframe.webview.ready")) {
    const title = placeOf(iframe)?.querySelector(
      ".pane-header .title, .tab.active .monaco-icon-label-container",
    );
    if (title?.textContent) names[title.textContent.trim()] = iframe.name;
  }
  return names;
}

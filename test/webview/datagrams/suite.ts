import type { Browser, Page } from "playwright-core";
import { sharedBrowser } from "./browser.ts";
import { type Bundle, bundlePage, openPage, type PageOptions } from "./page.ts";

/** The datagrams page in a browser, for the tests of a suite. */
export class WebviewSuite {
  #browser: Browser | undefined;
  #bundle: Bundle | undefined;
  readonly #pages: Page[] = [];

  private constructor() {}

  /** Called in a `describe`: the browser is there for its tests, and each test's pages are closed after it. */
  static here(): WebviewSuite {
    const suite = new WebviewSuite();
    before(async () => {
      [suite.#browser, suite.#bundle] = await Promise.all([sharedBrowser(), bundlePage()]);
    });
    afterEach(() => suite.#closePages());
    return suite;
  }

  /** What the page is made of, as VS Code would be given it. */
  get bundle(): Bundle {
    if (!this.#bundle) throw new Error("Cannot show the page: no test of the suite has begun");
    return this.#bundle;
  }

  async open(options: PageOptions = {}): Promise<Page> {
    if (!this.#browser) throw new Error("Cannot open the page: no test of the suite has begun");
    const page = await openPage(this.#browser, this.bundle, options);
    this.#pages.push(page);
    return page;
  }

  async #closePages(): Promise<void> {
    for (const page of this.#pages.splice(0)) await page.context().close();
  }
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Page } from "playwright-core";
import { cacheFolder, projectFolder } from "./cache_folder.ts";
import { WaitError, type WaitOptions, waitUntil } from "./wait_until.ts";

/** A machine that is busy with other things takes its time; whoever waits for an event does not mind. */
export const PATIENCE_MS = 60_000;

/** A page with VS Code's workbench, and the one way to wait for something in it. */
export class WorkbenchPage {
  readonly page: Page;
  readonly #console: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => {
      this.#console.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => {
      this.#console.push(`uncaught: ${error.stack}`);
    });
  }

  /** As {@link waitUntil}, with more patience; a time-out leaves a picture of the window and its console in .vscode-test/failures/. */
  async waitFor<T>(
    what: string,
    probe: () => T | Promise<T>,
    satisfies: (answer: T) => boolean = Boolean,
    options: WaitOptions = {},
  ): Promise<T> {
    try {
      return await waitUntil(what, probe, satisfies, { timeoutMs: PATIENCE_MS, ...options });
    } catch (error) {
      if (error instanceof WaitError) error.message += `; picture: ${await this.keepPicture(what)}`;
      throw error;
    }
  }

  /** Leaves a picture of the window and what its console says in .vscode-test/failures/; returns where. */
  async keepPicture(title: string): Promise<string> {
    const folder = join(cacheFolder, "failures");
    mkdirSync(folder, { recursive: true });
    const name = title.replace(/[^A-Za-z0-9]+/g, "-").slice(0, 80);
    const picture = join(folder, `${name}.png`);
    writeFileSync(join(folder, `${name}.txt`), this.#console.join("\n"));
    try {
      await this.page.screenshot({ path: picture, timeout: 5000 });
    } catch (error) {
      return `none (${String(error).split("\n")[0]})`;
    }
    return relative(projectFolder, picture);
  }
}

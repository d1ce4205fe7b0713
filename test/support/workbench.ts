import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Page } from "playwright-core";
import { Notifications } from "./notifications.ts";
import { QuickInput } from "./quick_input.ts";
import { Terminals } from "./terminals.ts";
import { TreeView } from "./tree_view.ts";
import { Webviews } from "./webviews.ts";
import { WorkbenchPage } from "./workbench_page.ts";

/** The four colour themes that VS Code's guidelines ask an extension to look right in, by their names in the picker. */
export type Theme = "Light Modern" | "Dark Modern" | "Dark High Contrast" | "Light High Contrast";

/** VS Code's window, and what a person can do in it. */
export class Workbench extends WorkbenchPage {
  readonly quickInput = new QuickInput(this);
  readonly terminals = new Terminals(this);
  readonly notifications = new Notifications(this);
  readonly webviews = new Webviews(this);
  readonly #container: string;
  readonly #closed: () => Promise<void>;

  /** It can be used when it has the view container with this title; `closed` is called when it is gone. */
  constructor(page: Page, container: string, closed: () => Promise<void>) {
    super(page);
    this.#container = container;
    this.#closed = closed;
  }

  /** Waits until the window is drawn and has what its extensions contribute. */
  async ready(): Promise<void> {
    const options = { timeoutMs: 120_000 };
    await this.waitFor(
      "the workbench to be restored",
      () => this.page.evaluate(whenRestored),
      Boolean,
      options,
    );
    await this.waitFor(
      `"${this.#container}" in the Activity Bar`,
      () => this.#activity(this.#container).count(),
      Boolean,
      options,
    );
  }

  /** Runs a command as a person does: F1, its title, and a click on it. */
  runCommand(title: string): Promise<void> {
    return this.quickInput.runCommand(title);
  }

  /** Shows the view container with this title, unless it is shown already. */
  async openContainer(title: string): Promise<void> {
    const shown = async () => {
      const titles = await this.page
        .locator(".sidebar .composite.title h2:visible")
        .allTextContents();
      return titles.some((text) => text.trim() === title);
    };
    if (await shown()) return;
    await this.#activity(title).click();
    await this.waitFor(`the view container "${title}"`, shown);
  }

  tree(title: string): TreeView {
    return new TreeView(this, title);
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.runCommand("Preferences: Color Theme");
    await this.quickInput.type(theme);
    await this.quickInput.pick(theme);
    const id = THEME_CLASSES[theme];
    await this.waitFor(`the theme "${theme}"`, () =>
      this.page.locator(`.monaco-workbench${id}`).count(),
    );
  }

  /** Makes the window this large, in CSS pixels. */
  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewportSize({ width, height });
    await this.waitFor(`a window ${width} pixels wide`, async () => {
      const box = await this.page.locator(".monaco-workbench").boundingBox();
      return box?.width === width && box.height === height;
    });
  }

  /** Drags the edge of the side bar until it is this wide, in CSS pixels; VS Code's least is 170. */
  async resizeSideBar(width: number): Promise<void> {
    const bar = this.page.locator(".part.sidebar");
    const box = await bar.boundingBox();
    if (!box) throw new Error("Cannot resize the side bar: it is not shown");
    const y = box.y + box.height / 2;
    await this.page.mouse.move(box.x + box.width, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width, y, { steps: 5 });
    await this.page.mouse.up();
    await this.waitFor(
      `a side bar ${width} pixels wide`,
      async () => (await bar.boundingBox())?.width ?? 0,
      (now) => Math.abs(now - width) <= 2,
    );
  }

  /** Drags the upper edge of the panel, where the terminals are, until it is this high, in CSS pixels. */
  async resizePanel(height: number): Promise<void> {
    const panel = this.page.locator(".part.panel");
    const box = await panel.boundingBox();
    if (!box) throw new Error("Cannot resize the panel: it is not shown");
    const x = box.x + box.width / 2;
    // What is dragged lies just above.
    const top = box.y - 2;
    await this.page.mouse.move(x, top);
    await this.page.mouse.down();
    await this.page.mouse.move(x, top + box.height - height, { steps: 5 });
    await this.page.mouse.up();
    await this.waitFor(
      `a panel ${height} pixels high`,
      async () => (await panel.boundingBox())?.height ?? 0,
      (now) => Math.abs(now - height) <= 3,
    );
  }

  /** Writes a PNG of the window. */
  async screenshot(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path, animations: "disabled" });
  }

  /** Reloads the window by its command, and waits until it can be used again. */
  async reload(): Promise<void> {
    // VS Code notes which terminals there are half a second after that changed, and shows no sign of it; a terminal
    // that it has not noted does not come back. The one wait for time: a person is not quicker either. By the page's
    // own clock, on which a busy machine cannot be later with the one than with the other.
    await this.page.evaluate(() => new Promise((done) => setTimeout(done, 1000)));
    const loaded = this.page.waitForEvent("load", { timeout: 120_000 });
    await this.runCommand("Developer: Reload Window");
    await loaded;
    await this.ready();
  }

  /** Closes the window; its extension host ends, the programs in its terminals too. */
  async close(): Promise<void> {
    // Leaving the page tells the server that nobody will come back; a page that is just gone, it waits for.
    if (!this.page.isClosed()) await this.page.goto("about:blank");
    const context = this.page.context();
    await this.page.close();
    // Another window may share it.
    if (context.pages().length === 0) await context.close();
    await this.#closed();
  }

  #activity(title: string) {
    return this.page.locator(`.activitybar .action-label[aria-label^="${title}"]`);
  }
}

const THEME_CLASSES: Record<Theme, string> = {
  "Light Modern": ".vscode-theme-defaults-themes-light_modern-json",
  "Dark Modern": ".vscode-theme-defaults-themes-dark_modern-json",
  "Dark High Contrast": ".hc-black",
  "Light High Contrast": ".hc-light",
};

async function whenRestored(): Promise<boolean> {
  const { driver } = globalThis as { driver?: { whenWorkbenchRestored(): Promise<void> } };
  if (!driver) return false;
  await driver.whenWorkbenchRestored();
  return true;
}

import type { WaitOptions } from "./wait_until.ts";
import type { WorkbenchPage } from "./workbench_page.ts";

export interface Notification {
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly buttons: readonly string[];
}

/**
 * The notifications. Under its test driver VS Code lets none pop up, so they are read where a person finds those that
 * were missed: behind the bell.
 */
export class Notifications {
  readonly #workbench: WorkbenchPage;

  constructor(workbench: WorkbenchPage) {
    this.#workbench = workbench;
  }

  async all(): Promise<Notification[]> {
    await this.#openCenter();
    return this.#workbench.page.locator(CENTER_ITEM).evaluateAll((items) =>
      items.map((item) => ({
        severity: item.querySelector(".codicon-error")
          ? "error"
          : item.querySelector(".codicon-warning")
            ? "warning"
            : "info",
        message: item.querySelector(".notification-list-item-message")?.textContent ?? "",
        buttons: Array.from(
          item.querySelectorAll(".notification-list-item-buttons-container .monaco-text-button"),
          (button) => button.textContent ?? "",
        ),
      })),
    );
  }

  /** Waits for a notification whose message contains `text`. */
  async showing(text: string, options?: WaitOptions): Promise<Notification> {
    const all = await this.#workbench.waitFor(
      `the notification "${text}"`,
      () => this.all(),
      (found) => found.some(({ message }) => message.includes(text)),
      options,
    );
    const found = all.find(({ message }) => message.includes(text));
    if (!found) throw new Error("unreachable: the wait ended without a notification");
    return found;
  }

  /** Clicks a button of the notification whose message contains `text`. */
  async click(text: string, button: string): Promise<void> {
    const { page } = this.#workbench;
    // A hover of what the mouse rests on may lie above the button, and stays as long as it rests there.
    await page.mouse.move(0, 0);
    await page
      .locator(CENTER_ITEM)
      .filter({ hasText: text })
      .locator(".monaco-text-button")
      .getByText(button, { exact: true })
      .click();
  }

  async #openCenter(): Promise<void> {
    const { page } = this.#workbench;
    const center = page.locator(".notifications-center.visible");
    if ((await center.count()) > 0) return;
    await page.locator('[id="status.notifications"] a').click();
    // A click in the moment in which a program takes the focus opens nothing: who waits for a notification tries again.
    await center.waitFor({ timeout: OPENS_MS });
  }
}

/** As long as VS Code may take on a busy machine. */
const OPENS_MS = 5000;
const CENTER_ITEM = ".notifications-center .notification-list-item";

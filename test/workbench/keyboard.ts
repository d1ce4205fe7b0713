import assert from "node:assert/strict";
import type { TreeView } from "../support/tree_view.ts";
import { waitUntil } from "../support/wait_until.ts";
import type { Workbench } from "../support/workbench.ts";
import type { DatagramsGrid } from "./datagrams_grid.ts";

/**
 * Somebody without a mouse: begins at VS Code's palette, and goes on with keys alone. Each method waits until its key
 * has done what it is for, as such a person looks before they press the next one.
 */
export class Keyboard {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#workbench.page.keyboard.press(key);
  }

  type(text: string): Promise<void> {
    return this.#workbench.page.keyboard.type(text);
  }

  /** Runs the command that focuses the view, and waits until keys go to its page. */
  async focusView(grid: DatagramsGrid): Promise<void> {
    await this.#workbench.waitFor("the focus in the view", async () => {
      await this.#workbench.runCommand("UDP: Focus on Datagrams View");
      // Now and then VS Code leaves it halfway, in its own page around ours: a person runs the command once more.
      return waitUntil("the focus", () => hasFocus(grid), Boolean, { timeoutMs: 5000 });
    });
  }

  /** Waits until keys go to the page, though nothing in it need have the focus. */
  async inside(grid: DatagramsGrid): Promise<void> {
    await this.#workbench.waitFor("the focus in the page", () => hasFocus(grid));
  }

  /** Waits until this has the focus in the page: its name for a screen reader, or its text. */
  async isOn(grid: DatagramsGrid, name: string): Promise<void> {
    await this.#workbench.waitFor(
      `the focus on ${name}`,
      () => focusIn(grid),
      (now) => now === name,
    );
  }

  /** Goes to the rows by way of the filter, which is empty then, wherever in the page the focus is. */
  async toGrid(grid: DatagramsGrid): Promise<void> {
    await this.press("Control+f");
    await this.isOn(grid, "Filter");
    // Once for the completions, once for the text, once for the box: as many as are needed.
    while ((await focusIn(grid)) === "Filter") await this.press("Escape");
    await this.isOn(grid, "Datagrams");
  }

  /** Goes down a tree that has the focus, to the line with this label. */
  async toLine(tree: TreeView, label: string): Promise<void> {
    await tree.waitForRows(label, (rows) => rows.some((row) => row.label === label));
    const focused = tree.pane.locator(".monaco-list-row.focused .label-name");
    await this.press("Home");
    for (let now: string | null = ""; now !== label; ) {
      const before: string | null = now;
      await this.press("ArrowDown");
      now = await this.#workbench.waitFor(
        `the line after "${before}"`,
        () => focused.textContent(),
        (text) => text !== before,
      );
    }
  }

  /** Presses Tab, or Shift+Tab, until this has the focus in the page. */
  async tabTo(grid: DatagramsGrid, name: string, key = "Tab"): Promise<void> {
    const passed: string[] = [];
    for (let now = await focusIn(grid); now !== name; ) {
      assert.ok(!passed.includes(now), `${name} is not among ${passed.join(", ")}`);
      passed.push(now);
      await this.press(key);
      now = await this.#workbench.waitFor(
        `the focus after ${now}`,
        () => focusIn(grid),
        (next) => next !== passed.at(-1),
      );
    }
  }

  /** Opens the menu of the active row by this key, and takes the command with this label, below this entry. */
  async chooseInMenu(
    label: string,
    { key = "ContextMenu", submenu = "" }: { key?: string; submenu?: string } = {},
  ): Promise<void> {
    const { page } = this.#workbench;
    await this.press(key);
    await page.locator(".monaco-menu").waitFor();
    /** What has the focus after a key; of a submenu, which lies in its entry, what has it there. */
    const after = async (pressed: string, before: string) => {
      await this.press(pressed);
      return this.#workbench.waitFor(
        `the item of the menu after "${before}"`,
        () =>
          page.evaluate(
            () =>
              [...document.querySelectorAll(".monaco-menu .action-item.focused")]
                .at(-1)
                ?.querySelector(".action-label")?.textContent ?? "",
          ),
        (text) => text !== "" && text !== before,
      );
    };
    let now = "";
    if (submenu !== "") {
      while (now !== submenu) now = await after("ArrowDown", now);
      now = await after("ArrowRight", now);
    }
    while (now !== label) now = await after("ArrowDown", now);
    await this.press("Enter");
    await page.locator(".monaco-menu").waitFor({ state: "detached" });
  }

  /** Takes the item with this label of the list that asks for `prompt`. */
  async chooseInList(prompt: string, label: string): Promise<void> {
    const { quickInput } = this.#workbench;
    const { items } = await quickInput.shown(prompt);
    const steps = items.indexOf(label);
    assert.ok(steps >= 0, `${label} is not among ${items}`);
    await quickInput.press(...Array.from({ length: steps }, () => "ArrowDown"));
    await quickInput.accept();
  }

  /** Types the answer to a question with a list, and takes what the list has of it then. */
  async answer(prompt: string, text: string): Promise<void> {
    const { quickInput } = this.#workbench;
    await quickInput.shown(prompt);
    await quickInput.type(text);
    await this.#workbench.waitFor(
      `"${text}" as the first item`,
      async () => (await quickInput.state())?.items[0],
      (first) => first === text,
    );
    await quickInput.accept();
  }

  /** Goes from the box of a question to the button whose name starts so. */
  async toButton(name: string): Promise<void> {
    const { page, quickInput } = this.#workbench;
    const focused = page.locator(".quick-input-widget .action-label:focus");
    // The buttons are a tool bar above the box: there the arrows go from one to the next.
    await quickInput.press("Shift+Tab");
    for (let now = ""; !now.startsWith(name); ) {
      const before: string = now;
      now = await this.#workbench.waitFor(
        `the button after "${before}"`,
        async () => (await focused.getAttribute("aria-label", { timeout: 1000 })) ?? "",
        (label) => label !== before,
      );
      if (!now.startsWith(name)) await this.press("ArrowRight");
    }
  }

  /** Presses *Cancel* in the notification that starts so. */
  async cancelProgress(text: string): Promise<void> {
    const { page } = this.#workbench;
    await this.#workbench.runCommand("Notifications: Show Notifications");
    const row = page.locator(".notifications-center .monaco-list-row.focused");
    await row.filter({ hasText: text }).waitFor();
    await this.press("Tab");
    await page.locator(".notifications-center .monaco-text-button:focus").waitFor();
    await this.press("Enter");
  }
}

function hasFocus({ frame }: DatagramsGrid): Promise<boolean> {
  return frame.evaluate(() => document.hasFocus());
}

/** What has the focus: its name for a screen reader, or its text. */
function focusIn({ frame }: DatagramsGrid): Promise<string> {
  return frame.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
  });
}

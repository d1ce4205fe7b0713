import { join, parse, sep } from "node:path";
import type { Locator, Page } from "playwright-core";
import { waitUntil } from "./wait_until.ts";
import type { WorkbenchPage } from "./workbench_page.ts";

/** What the box at the top of the window shows. */
export interface QuickInputState {
  /** In a series of questions, VS Code adds the step: "Start UDP Server (2/3)". */
  readonly title: string;
  readonly value: string;
  readonly placeholder: string;
  /** The line below the box: what is asked, or what is wrong with the answer. */
  readonly message: string;
  readonly items: readonly string[];
}

/** A command that is not listed by then was none when the palette was opened. */
const LISTED_WITHIN_MS = 5000;

/** The palette and the questions that commands ask. */
export class QuickInput {
  readonly #workbench: WorkbenchPage;

  constructor(workbench: WorkbenchPage) {
    this.#workbench = workbench;
  }

  /** What is shown now; undefined where nothing is. */
  state(): Promise<QuickInputState | undefined> {
    return readState(this.#workbench.page);
  }

  /** Waits for a question whose title or message contains `text`. */
  shown(text: string): Promise<QuickInputState> {
    return this.#workbench.waitFor(
      `the quick input "${text}"`,
      async () => (await this.state()) ?? { ...NOTHING },
      ({ title, message, placeholder }) => `${title}\n${message}\n${placeholder}`.includes(text),
    );
  }

  /**
   * Presses Enter, after replacing the value by `value` where one is given, and waits until the box shows something
   * else: the next question, what is wrong with the answer, or nothing (undefined).
   */
  async accept(value?: string): Promise<QuickInputState | undefined> {
    if (value !== undefined) await this.type(value);
    const before = JSON.stringify(await this.state());
    await inputOf(this.#workbench.page).press("Enter");
    return this.#workbench.waitFor(
      `an answer to Enter in the quick input ${before}`,
      () => this.state(),
      (state) => JSON.stringify(state) !== before,
    );
  }

  /** Presses keys in the box: arrows for another item, Tab for a button. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await inputOf(this.#workbench.page).press(key);
  }

  /**
   * Types into the box, in place of what is in it: an answer, or what the items are filtered by. VS Code may set the cursor
   * in this moment, and the text is beside what was there: it is typed again.
   */
  async type(text: string): Promise<void> {
    await this.#workbench.waitFor(
      `"${text}" in the quick input`,
      async () => {
        await inputOf(this.#workbench.page).fill(text, { timeout: 5000 });
        return (await this.state())?.value;
      },
      (value) => value === text,
    );
  }

  /** Clicks the item with exactly this label. Of a long list only a part is there: filter it first. */
  async pick(label: string): Promise<void> {
    await this.#workbench.waitFor(
      `"${label}" among the items of the quick input`,
      async () => {
        if (await this.#clickItem(label)) return true;
        // VS Code may give the focus back to a view after the palette has gone: a person clicks into the box.
        await inputOf(this.#workbench.page)
          .focus({ timeout: 500 })
          .catch(() => {});
        return (await this.state())?.items;
      },
      (answer) => answer === true,
    );
  }

  /** Presses Enter, after replacing the value by `value` where one is given, and waits until the box is gone. */
  async acceptLast(value?: string): Promise<void> {
    if (value !== undefined) await this.type(value);
    await inputOf(this.#workbench.page).press("Enter");
    await this.#workbench.waitFor(
      "the quick input to go",
      () => this.state(),
      (state) => state === undefined,
    );
  }

  /**
   * Gives VS Code's own file dialog, which asks for a file to open or to write, this path, and replaces a file that is there.
   *
   * It looks a path in another folder up in steps that nothing shows, and reads what is in the box in each of them: an Enter
   * that comes between two is lost, or opens what the list has then, and a second one may leave the dialog deaf (`onDidAccept`
   * in VS Code's simpleFileDialog.ts). Whoever sees the folder listed before typing the name never meets that. The root comes
   * first, as the one folder whose list has no "..": the list after it can be no other folder's.
   */
  async acceptPath(path: string): Promise<void> {
    const { root, dir } = parse(path);
    const listed = (what: string, folder: string | undefined, isOf: (first: string) => boolean) =>
      this.#workbench.waitFor(
        `${what} in the dialog that asks for a file`,
        async () => {
          // The dialog may propose a name once more when it has listed the first folder.
          if (folder !== undefined && (await this.state())?.value !== folder)
            await this.type(folder);
          return (await this.state())?.items ?? [];
        },
        (items) => items[0] !== undefined && isOf(items[0]),
      );
    await listed("the files that are there", undefined, () => true);
    await listed(`the files in ${root}`, root, (first) => first !== "..");
    if (dir !== root)
      await listed(`the files in ${dir}`, join(dir, sep), (first) => first === "..");
    const answer = await this.accept(path);
    if (answer?.title.includes("already exists")) await this.acceptLast();
    else if (answer?.value === path) throw new Error(`Cannot choose ${path}: ${answer.message}`);
  }

  async dismiss(): Promise<void> {
    const { page } = this.#workbench;
    await this.#workbench.waitFor("the quick input to go", async () => {
      if (!(await this.state())) return true;
      // In the box, never elsewhere: it may be about to go by itself, and a view closes things by the same key.
      await inputOf(page)
        .press("Escape", { timeout: 500 })
        .catch(() => {});
      return false;
    });
  }

  /** Runs a command as a person does: F1, its title, and a click on it. */
  async runCommand(title: string): Promise<void> {
    const { page } = this.#workbench;
    let typedAt = 0;
    await this.#workbench.waitFor(`"${title}" in the palette`, async () => {
      const value = await this.#focusedValue();
      if (value === `>${title}`) {
        if (await this.#clickItem(title)) return true;
        // It lists what could be done when it was opened, which may have been before the editor knew its file's language.
        if (Date.now() - typedAt < LISTED_WITHIN_MS) return false;
      }
      // A terminal that ends takes the focus, and the palette with it: a person opens it again.
      if (value !== ">") await this.openPalette();
      await inputOf(page).fill(`>${title}`, { timeout: 5000 });
      typedAt = Date.now();
      return false;
    });
  }

  /** F1. */
  async openPalette(): Promise<void> {
    const isOpen = async () => (await this.#focusedValue()) === ">";
    await this.#workbench.waitFor("the palette", async () => {
      await this.dismiss();
      await this.#workbench.page.keyboard.press("F1");
      // A page that is being loaded in a view or an editor swallows the key: then it is pressed once more.
      return waitUntil("the palette", isOpen, Boolean, { timeoutMs: 5000 });
    });
  }

  /** What is in the box that has the focus; undefined where none has it. */
  #focusedValue(): Promise<string | undefined> {
    return this.#workbench.page.evaluate(() => {
      const input = document.activeElement;
      const isBox = input?.matches(".quick-input-filter input") && input.checkVisibility();
      return isBox && input instanceof HTMLInputElement ? input.value : undefined;
    });
  }

  /**
   * Clicks the item with this label where there is one: true when that is done. Found and clicked in one go, as lists
   * are drawn anew while somebody types: else another item could be where this one was, or the click come twice. A box
   * without the focus is about to go, and takes no click.
   */
  #clickItem(label: string): Promise<boolean> {
    return this.#workbench.page.evaluate((wanted) => {
      const widget = document.querySelector<HTMLElement>(".quick-input-widget");
      if (!widget?.contains(document.activeElement) || widget.offsetParent === null) return false;
      const rows = Array.from(widget.querySelectorAll(".quick-input-list .monaco-list-row"));
      const item = rows
        .map((row) => row.querySelector<HTMLElement>(".monaco-icon-label .label-name"))
        .find((name) => name?.textContent === wanted);
      const click = { bubbles: true, cancelable: true, view: window, detail: 1 };
      for (const type of ["mousedown", "mouseup", "click"]) {
        item?.dispatchEvent(new MouseEvent(type, click));
      }
      return item !== undefined;
    }, label);
  }
}

const NOTHING: QuickInputState = {
  title: "",
  value: "",
  placeholder: "",
  message: "",
  items: [],
};

function inputOf(page: Page): Locator {
  return page.locator(".quick-input-widget .quick-input-filter input:visible");
}

function readState(page: Page): Promise<QuickInputState | undefined> {
  return page.evaluate(() => {
    const widget = document.querySelector<HTMLElement>(".quick-input-widget");
    if (!widget || widget.offsetParent === null) return undefined;
    const text = (selector: string) => widget.querySelector(selector)?.textContent?.trim() ?? "";
    const input = widget.querySelector<HTMLInputElement>(".quick-input-filter input");
    const labels = widget.querySelectorAll(
      ".quick-input-list .monaco-list-row .monaco-icon-label .label-name",
    );
    return {
      title: text(".quick-input-title"),
      value: input?.value ?? "",
      placeholder: input?.placeholder ?? "",
      message: text(".quick-input-message"),
      items: Array.from(labels, (label) => label.textContent ?? ""),
    };
  });
}

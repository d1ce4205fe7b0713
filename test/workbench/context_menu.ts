import type { Locator } from "playwright-core";
import type { Workbench } from "../support/workbench.ts";

/**
 * Opens a menu and chooses a command in it. VS Code takes no click in the first moment of a menu, and closes one when
 * it draws anew what the menu was opened on: only a click that the command itself got, and that closed the menu, counts.
 *
 * @param open opens the menu, and is called again where VS Code has closed it
 * @param submenu the entry of that menu below which the command is
 */
export async function chooseInMenu(
  workbench: Workbench,
  label: string,
  open: () => Promise<void>,
  submenu?: string,
): Promise<void> {
  const { page } = workbench;
  const menu = page.locator(".monaco-menu");
  const labelled = (text: string) => menu.locator(".action-label").getByText(text, { exact: true });
  const item = labelled(label);
  /** Whether the button of the mouse was released above the command since this was asked last. */
  const released = () =>
    page.evaluate(() => {
      const { menuReleased } = document.body.dataset;
      delete document.body.dataset.menuReleased;
      return menuReleased !== undefined;
    });
  /** VS Code starts the same kind of timer, of 100 ms, with each menu: after this one, its own is over. */
  const taken = () => page.evaluate(() => new Promise((over) => setTimeout(over, 150)));
  const click = (on: Locator) => on.click({ timeout: 1000 }).catch(() => undefined);
  await page.evaluate((wanted) => {
    // The menu may be in a shadow tree, beyond which the target of an event is its host.
    const note = (event: MouseEvent) => {
      const entry = event
        .composedPath()
        .find((on) => on instanceof Element && on.matches(".monaco-menu .action-item"));
      const text = (entry as Element | undefined)?.querySelector(".action-label")?.textContent;
      if (text === wanted) document.body.dataset.menuReleased = "";
    };
    document.body.addEventListener("mouseup", note, { capture: true });
  }, label);
  await workbench.waitFor(`"${label}" to be chosen`, async () => {
    if ((await menu.count()) === 0) {
      await open();
      await menu.first().waitFor({ timeout: 1000 });
    }
    await taken();
    if (submenu !== undefined && !(await item.isVisible())) {
      await click(labelled(submenu));
      await item.waitFor({ timeout: 1000 }).catch(() => undefined);
      await taken();
    }
    await released();
    await click(item);
    if (!(await released())) return false;
    await item.waitFor({ state: "detached" });
    return true;
  });
}

/**
 * The same with the arrow keys and Enter, for which VS Code hands commands another argument.
 *
 * @param open opens the menu, and is called again where VS Code has closed it: it does when it draws the title bar anew.
 */
export async function chooseInMenuByKeys(
  workbench: Workbench,
  label: string,
  open: () => Promise<void>,
): Promise<void> {
  const { page } = workbench;
  const focused = page.locator(".monaco-menu .action-item.focused .action-label");
  await workbench.waitFor(`"${label}" to have the focus`, async () => {
    if ((await page.locator(".monaco-menu").count()) === 0) {
      await open();
      await page.locator(".monaco-menu").waitFor({ timeout: 1000 });
    }
    // What is drawn anew below the menu may take the focus; keys go to the menu only while it has that.
    await page.evaluate(() => {
      const menu = document.querySelector<HTMLElement>(".monaco-menu .actions-container");
      if (menu && !menu.contains(document.activeElement)) menu.focus();
    });
    await page.keyboard.press("ArrowDown");
    return (await focused.allTextContents()).includes(label);
  });
  await page.keyboard.press("Enter");
  await workbench.waitFor(`the menu to close after "${label}"`, async () => {
    return (await page.locator(".monaco-menu").count()) === 0;
  });
}

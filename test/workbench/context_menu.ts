import type { Workbench } from "../support/workbench.ts";

/**
 * Chooses a command in the menu that is open. VS Code takes no click in the first moment of a menu: it is repeated.
 *
 * @param submenu the entry of that menu below which the command is
 */
export async function chooseInMenu(
  workbench: Workbench,
  label: string,
  submenu?: string,
): Promise<void> {
  const labelled = (text: string) =>
    workbench.page.locator(".monaco-menu .action-label").getByText(text, { exact: true });
  const item = labelled(label);
  if (submenu !== undefined) {
    const parent = labelled(submenu);
    await parent.waitFor();
    await workbench.waitFor(`"${label}" below "${submenu}"`, async () => {
      if (await item.isVisible()) return true;
      await parent.click({ timeout: 1000 }).catch(() => undefined);
      return item.isVisible();
    });
  }
  await item.waitFor();
  await workbench.waitFor(`the menu to close after "${label}"`, async () => {
    if ((await item.count()) === 0) return true;
    await item.click({ timeout: 1000 }).catch(() => undefined);
    return (await item.count()) === 0;
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
      await page.locator(".monaco-menu").waitFor({ timeout: 5000 });
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

import type { Workbench } from "../support/workbench.ts";

/** Chooses a command in the menu that is open. VS Code takes no click in the first moment of a menu: it is repeated. */
export async function chooseInMenu(workbench: Workbench, label: string): Promise<void> {
  const item = workbench.page
    .locator(".monaco-menu .action-label")
    .getByText(label, { exact: true });
  await item.waitFor();
  await workbench.waitFor(`the menu to close after "${label}"`, async () => {
    if ((await item.count()) === 0) return true;
    await item.click({ timeout: 1000 }).catch(() => undefined);
    return (await item.count()) === 0;
  });
}

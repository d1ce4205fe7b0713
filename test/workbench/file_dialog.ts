import { waitUntil } from "../support/wait_until.ts";
import type { Workbench } from "../support/workbench.ts";

/**
 * Gives VS Code's own file dialog, which asks for a file to open or to write, this path, with the keyboard alone. It
 * takes no Enter while it looks into the folder, and wants another one to replace a file.
 */
export async function giveFile(workbench: Workbench, path: string): Promise<void> {
  const { quickInput, page } = workbench;
  await workbench.waitFor(
    "the dialog that asks for a file, with the files that are there",
    async () => (await quickInput.state())?.items.some((item) => item.startsWith("..")),
  );
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(path);
  const isTaken = async () => (await quickInput.state()) === undefined;
  await workbench.waitFor(`the dialog to take ${path}`, async () => {
    if (await isTaken()) return true;
    await page.keyboard.press("Enter");
    const patience = { timeoutMs: 3000 };
    return waitUntil("the dialog to go", isTaken, Boolean, patience).catch(() => false);
  });
}

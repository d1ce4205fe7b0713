import type { Page } from "playwright-core";
import { settled } from "./rows.ts";

/** Shows the page again, as a person has left it who had made columns of these fields. */
export async function showFields(page: Page, ...fields: readonly string[]): Promise<void> {
  await page.evaluate(
    (columns) => {
      const state = { ...Object(window.fakeHost.state), columns };
      sessionStorage.setItem("fake-vscode-state", JSON.stringify(state));
    },
    { widths: {}, hidden: [], fields },
  );
  await page.reload();
  await settled(page);
}

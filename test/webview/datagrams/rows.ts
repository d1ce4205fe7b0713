import type { Page } from "playwright-core";
import type { FromWebview } from "../../../extension/webview/datagrams/protocol.ts";

/** A row as it is drawn. */
export interface DrawnRow {
  /** From 0. */
  readonly position: number;
  readonly top: number;
  readonly bottom: number;
  readonly payload: string;
  readonly selected: boolean;
}

/** The rows that are drawn, from the upper to the lower one, and the edges of their view. */
export async function drawnRows(
  page: Page,
): Promise<{ rows: DrawnRow[]; top: number; bottom: number }> {
  return page.evaluate(() => {
    const view = document.querySelector(".rows")?.getBoundingClientRect() ?? new DOMRect();
    const rows = [...document.querySelectorAll(".rows .row")].map((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return {
        position: Number(row.getAttribute("aria-rowindex")) - 2,
        top,
        bottom,
        payload: row.querySelector(".payload")?.textContent ?? "",
        selected: row.getAttribute("aria-selected") === "true",
      };
    });
    return { rows, top: view.top, bottom: view.bottom };
  });
}

/** Waits until every row in view is known and drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll(".rows .row")];
    return rows.length > 0 && rows.every((row) => row.getAttribute("aria-busy") === "false");
  });
  await nextFrame(page);
}

/** Waits until the page has heard what its host has sent by now, and what was scheduled for the next frame is done. */
export async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await window.fakeHost.heard();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
}

/** Waits until a position is drawn with the payload that belongs to it. */
export async function rowShown(page: Page, position: number, payload?: string): Promise<void> {
  await page.waitForFunction(
    ([index, text]) => {
      const row = document.querySelector(`.rows .row[aria-rowindex="${index}"]`);
      const shown = row?.querySelector(".payload")?.textContent;
      return row?.getAttribute("aria-busy") === "false" && (text === null || shown === text);
    },
    [position + 2, payload ?? null] as const,
  );
}

/** Clicks on the row at a position. */
export async function clickRow(page: Page, position: number): Promise<void> {
  await page.click(`.rows .row[aria-rowindex="${position + 2}"]`);
}

/** The position of the selected row where it is in view. */
export async function selectedPosition(page: Page): Promise<number | undefined> {
  return (await drawnRows(page)).rows.find(({ selected }) => selected)?.position;
}

/** What the page has told its host. */
export async function received<Type extends FromWebview["type"]>(
  page: Page,
  type: Type,
): Promise<Extract<FromWebview, { type: Type }>[]> {
  const all = await page.evaluate(() => window.fakeHost.received);
  return all.filter(
    (message): message is Extract<FromWebview, { type: Type }> => message.type === type,
  );
}

/** The heading of the detail, once it shows this text. */
export async function detailShown(page: Page, text: string): Promise<void> {
  await page.waitForFunction((expected) => {
    const detail = document.querySelector<HTMLElement>(".detail");
    return !detail?.hidden && detail?.querySelector("h2")?.textContent?.includes(expected);
  }, text);
}

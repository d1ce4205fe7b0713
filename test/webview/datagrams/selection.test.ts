import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { PageOptions } from "./page.ts";
import {
  clickRow,
  detailShown,
  drawnRows,
  nextFrame,
  received,
  rowShown,
  settled,
} from "./rows.ts";
import { WebviewSuite } from "./suite.ts";

describe("the selection of the datagrams page", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;

  const open = async (options: PageOptions = {}) => {
    page = await webview.open({ width: 900, height: 800, count: 10, ...options });
    await settled(page);
  };
  const row = (position: number) => page.locator(`.rows .row[aria-rowindex="${position + 2}"]`);
  const selected = async () => {
    await nextFrame(page);
    const { rows } = await drawnRows(page);
    return rows.filter((drawn) => drawn.selected).map(({ position }) => position);
  };
  /** What the host was told last. */
  const told = async () => (await received(page, "selection")).at(-1)?.runs;

  it("takes one row with a click, more with Shift and Ctrl, and tells the host", async () => {
    await open();
    assert.equal(await page.getAttribute(".grid", "aria-multiselectable"), "true");
    await clickRow(page, 2);
    assert.deepEqual(await selected(), [2]);
    assert.deepEqual(await told(), [[2, 2]]);
    await row(5).click({ modifiers: ["Shift"] });
    assert.deepEqual(await selected(), [2, 3, 4, 5]);
    assert.deepEqual(await told(), [[2, 5]]);
    await row(8).click({ modifiers: ["Control"] });
    await row(3).click({ modifiers: ["Control"] });
    assert.deepEqual(await selected(), [2, 4, 5, 8]);
    assert.deepEqual(await told(), [
      [2, 2],
      [4, 5],
      [8, 8],
    ]);
    await page.waitForFunction(
      () => document.querySelector(".count")?.textContent === "4 selected",
    );
    await clickRow(page, 7);
    assert.deepEqual(await selected(), [7]);
    assert.deepEqual(await told(), [[7, 7]]);
    await page.waitForFunction(() => document.querySelector(".count")?.textContent === "10 of 10");
  });

  it("grows with Shift and the arrow keys, and is all with Ctrl+A", async () => {
    await open({ count: 1_000_000 });
    await page.focus(".grid");
    await page.keyboard.press("Home");
    await rowShown(page, 0);
    for (const _ of [1, 2, 3]) await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowUp");
    assert.deepEqual(await selected(), [0, 1, 2]);
    assert.deepEqual(await told(), [[0, 2]]);
    await detailShown(page, "3 · ");
    await page.keyboard.press("Control+a");
    assert.deepEqual(await told(), [[0, 999_999]]);
    await nextFrame(page);
    assert.ok((await drawnRows(page)).rows.every((drawn) => drawn.selected));
    await page.keyboard.press("Shift+End");
    assert.deepEqual(await told(), [[0, 999_999]]);
    await page.keyboard.press("Escape");
    assert.deepEqual(await told(), []);
    assert.equal(await page.isVisible(".detail"), false);
  });

  it("does not take the keys of the filter box", async () => {
    await open();
    await clickRow(page, 2);
    await page.getByRole("combobox").fill("gram");
    await page.keyboard.press("Control+a");
    assert.deepEqual(await told(), [[2, 2]]);
  });

  it("is what the menu is for: a right click selects its row, unless that is selected", async () => {
    await open();
    await clickRow(page, 2);
    await row(4).click({ modifiers: ["Shift"] });
    await row(3).click({ button: "right" });
    assert.deepEqual(await told(), [[2, 4]]);
    await row(6).click({ button: "right" });
    assert.deepEqual(await told(), [[6, 6]]);
    const context = await row(6).getAttribute("data-vscode-context");
    assert.deepEqual(JSON.parse(context ?? ""), {
      "udpWorkbench.row": true,
      preventDefaultContextMenuItems: true,
    });
  });

  it("has its menu at the active row when that is asked for by key", async () => {
    await open();
    await clickRow(page, 4);
    const heard = page.evaluate(
      () =>
        new Promise<[string | undefined, number]>((done) => {
          window.addEventListener("contextmenu", ({ target, clientY }) => {
            const element = target instanceof Element ? target : undefined;
            done([element?.closest(".row")?.getAttribute("aria-rowindex") ?? undefined, clientY]);
          });
        }),
    );
    await page.evaluate(() =>
      document
        .querySelector(".grid")
        ?.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true })),
    );
    const box = await row(4).boundingBox();
    assert.deepEqual(await heard, ["6", (box?.y ?? 0) + (box?.height ?? 0)]);
  });

  it("stays still, as the view does, when rows are removed from the front", async () => {
    await open({ count: 5000 });
    // The line that says so is there already.
    await page.evaluate(() => window.fakeHost.tell({ evicted: 1 }));
    await page.waitForSelector(".status:visible");
    await page.evaluate(() => {
      const grid = document.querySelector(".grid");
      if (grid) grid.scrollTop = 22 * 3000;
    });
    await page.waitForSelector(".overview:not(.is-flat)");
    await page.waitForSelector('.rows .row:first-child[aria-rowindex="3002"]');
    await settled(page);
    await clickRow(page, 3004);
    await row(3006).click({ modifiers: ["Shift"] });
    await detailShown(page, "3,007 · ");
    await settled(page);
    const before = (await drawnRows(page)).rows;
    await page.evaluate(() => window.fakeHost.evict(1000));
    await detailShown(page, "2,007 · ");
    await settled(page);
    const after = (await drawnRows(page)).rows;
    assert.deepEqual(
      after.map(({ payload, top }) => [payload, top]),
      before.map(({ payload, top }) => [payload, top]),
    );
    assert.deepEqual(await selected(), [2004, 2005, 2006]);
    assert.deepEqual(await told(), [[2004, 2006]]);
    const number = await row(2006).locator(".number").textContent();
    assert.equal(number, "2007");
    await page.evaluate(() => window.fakeHost.evict(2500));
    await page.waitForSelector(".detail", { state: "hidden" });
    assert.deepEqual(await told(), []);
  });

  it("stays still at the front of millions, where the scroll bar is not to scale", async () => {
    await open({ count: 3_000_000 });
    await page.evaluate(() => window.fakeHost.tell({ evicted: 1 }));
    await page.waitForSelector(".status:visible");
    await page.waitForSelector(".overview:not(.is-flat)");
    await page.evaluate(() => {
      const grid = document.querySelector(".grid");
      if (grid) grid.scrollTop = grid.scrollHeight / 2;
    });
    await page.waitForFunction(
      () => Number(document.querySelector(".rows .row")?.getAttribute("aria-rowindex")) < 2_000_000,
    );
    await settled(page);
    const before = (await drawnRows(page)).rows;
    await page.evaluate(() => window.fakeHost.evict(123_456));
    await page.waitForFunction(
      (index) => document.querySelector(".rows .row")?.getAttribute("aria-rowindex") === index,
      String((before[0]?.position ?? 0) - 123_456 + 2),
    );
    await settled(page);
    const after = (await drawnRows(page)).rows;
    assert.deepEqual(
      after.map(({ payload, top }) => [payload, Math.round(top)]),
      before.map(({ payload, top }) => [payload, Math.round(top)]),
    );
  });

  it("is only the active row under another filter", async () => {
    await open();
    await clickRow(page, 2);
    await row(6).click({ modifiers: ["Shift"] });
    await page.getByRole("combobox").fill("every:2");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector(".count")?.textContent === "5 of 10");
    await page.waitForSelector('.rows .row[aria-rowindex="5"][aria-selected="true"]');
    await detailShown(page, "7 · ");
    assert.deepEqual(await selected(), [3]);
    assert.deepEqual(await told(), [[3, 3]]);
  });

  it("asks the host to copy with Ctrl+C what is selected, unless text is marked", async () => {
    await open();
    const asked = async () => (await received(page, "copySelection")).length;
    await page.focus(".grid");
    await page.keyboard.press("Control+c");
    assert.equal(await asked(), 0, "nothing is selected");
    await clickRow(page, 2);
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Control+c");
    assert.equal(await asked(), 1);
    assert.deepEqual(await told(), [[2, 3]]);
    await page.keyboard.press("Meta+c");
    assert.equal(await asked(), 2);
    await page.keyboard.press("Control+Shift+c");
    // A detail that comes later would take the marked text away.
    await detailShown(page, "4 · ");
    await page.evaluate(() =>
      getSelection()?.selectAllChildren(document.querySelector(".detail h2") ?? document.body),
    );
    await page.focus(".grid");
    await page.keyboard.press("Control+c");
    assert.equal(await asked(), 2);
  });
});

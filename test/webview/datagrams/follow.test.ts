import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { PageOptions } from "./page.ts";
import {
  clickRow,
  detailShown,
  drawnRows,
  nextFrame,
  rowShown,
  selectedPosition,
  settled,
} from "./rows.ts";
import { WebviewSuite } from "./suite.ts";

describe("the datagrams page follows and remembers", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;

  const open = async (options: PageOptions = {}) => {
    page = await webview.open(options);
    await settled(page);
  };
  const insert = (count: number, position?: number) =>
    page.evaluate(([more, at]) => window.fakeHost.insert(more, at), [count, position] as const);
  const wheel = async (deltaY: number) => {
    await page.mouse.move(100, 100);
    await page.mouse.wheel(0, deltaY);
  };

  it("sticks to the end", async () => {
    await open({ count: 100 });
    await rowShown(page, 99);
    await insert(50);
    await rowShown(page, 149, "Datagram 149");
    const { rows, bottom } = await drawnRows(page);
    assert.ok(
      Math.abs((rows.at(-1)?.bottom ?? 0) - bottom) <= 1,
      "the last row is not at the edge",
    );
    assert.equal(await page.isVisible(".new-rows"), false);
  });

  it("never shows a blank row while it follows a stream", async () => {
    await open({ count: 100, delay: 30 });
    const blank = await page.evaluate(async () => {
      let rows = 0;
      for (let frame = 0; frame < 60; frame++) {
        if (frame % 3 === 0) window.fakeHost.insert(250);
        await new Promise(requestAnimationFrame);
        rows += document.querySelectorAll('.rows .row[aria-busy="true"]').length;
      }
      return rows;
    });
    assert.equal(blank, 0);
    await rowShown(page, 5099, "Datagram 5099");
  });

  it("shows what it knows while it follows a slow host, and no blank row", async () => {
    await open({ count: 100 });
    const blank = await page.evaluate(async () => {
      let rows = 0;
      // Longer than rows are held for who scrolls.
      window.fakeHost.delay = 600;
      for (let frame = 0; frame < 90; frame++) {
        if (frame % 3 === 0) window.fakeHost.insert(250);
        await new Promise(requestAnimationFrame);
        rows += document.querySelectorAll('.rows .row[aria-busy="true"]').length;
      }
      return rows;
    });
    assert.equal(blank, 0);
    await rowShown(page, 7599, "Datagram 7599");
  });

  it("shows the rows before a filter until it knows those behind it, and no blank row; a click means none of them", async () => {
    await open({ count: 100 });
    const blank = await page.evaluate(async () => {
      let rows = 0;
      window.fakeHost.delay = 100;
      window.fakeHost.filter("every:7");
      for (let frame = 0; frame < 5; frame++) {
        await new Promise(requestAnimationFrame);
        rows += document.querySelectorAll('.rows .row[aria-busy="true"]').length;
      }
      const last = [...document.querySelectorAll(".rows .row")].at(-1);
      last?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
      return rows;
    });
    assert.equal(blank, 0);
    await rowShown(page, 14, "Datagram 98");
    assert.equal(await selectedPosition(page), undefined);
  });

  it("shows a file from its beginning; what is further down is not new", async () => {
    await open({ count: 100, isLive: false });
    await rowShown(page, 0, "Datagram 0");
    await insert(1000);
    await page.waitForFunction(
      () => document.querySelector(".count")?.textContent === "1,100 of 1,100",
    );
    await nextFrame(page);
    assert.equal((await drawnRows(page)).rows[0]?.position, 0);
    assert.equal(await page.isVisible(".new-rows"), false);
    await page.focus(".grid");
    await page.keyboard.press("End");
    await rowShown(page, 1099);
  });

  it("stays where the user scrolls to, and says how many are new", async () => {
    await open({ count: 100 });
    await rowShown(page, 99);
    await wheel(-300);
    await page.waitForFunction(() => !document.querySelector('.rows .row[aria-rowindex="101"]'));
    const before = (await drawnRows(page)).rows.map(({ position }) => position);
    await insert(1234);
    await page.waitForSelector(".new-rows:visible");
    assert.equal(await page.textContent(".new-rows"), "1,234 new");
    assert.deepEqual(
      (await drawnRows(page)).rows.map(({ position }) => position),
      before,
    );
  });

  it("follows again with the button, with the End key and by scrolling to the end", async () => {
    await open({ count: 100 });
    let total = 100;
    const stop = async () => {
      await wheel(-300);
      await page.waitForFunction(
        (last) => !document.querySelector(`.rows .row[aria-rowindex="${last}"]`),
        total + 1,
      );
      total += 10;
      await insert(10);
      await page.waitForSelector(".new-rows:visible");
    };
    const follows = async () => {
      await rowShown(page, total - 1);
      total += 10;
      await insert(10);
      await rowShown(page, total - 1);
      assert.equal(await page.isVisible(".new-rows"), false);
    };
    await stop();
    await page.click(".new-rows");
    await follows();
    await stop();
    await page.focus(".grid");
    await page.keyboard.press("End");
    await follows();
    await stop();
    await wheel(100_000);
    await follows();
  });

  it("does not follow when rows are read out", async () => {
    await open({ count: 100, bodyClass: "vscode-using-screen-reader" });
    await rowShown(page, 0, "Datagram 0");
    assert.equal(await page.isVisible(".new-rows"), false, "what was there is not new");
    await insert(5);
    await page.waitForSelector(".new-rows:visible");
    assert.equal(await page.textContent(".new-rows"), "5 new");
  });

  it("keeps the selected datagram while rows come before and after it", async () => {
    await open({ count: 6 });
    await rowShown(page, 3);
    await clickRow(page, 3);
    await detailShown(page, "4 · ");
    await insert(2, 1);
    await rowShown(page, 5, "Datagram 3");
    await nextFrame(page);
    assert.equal(await selectedPosition(page), 5);
    await detailShown(page, "6 · ");
    await page.focus(".grid");
    await page.keyboard.press("ArrowDown");
    await detailShown(page, "7 · ");
    await nextFrame(page);
    assert.equal(await selectedPosition(page), 6);
  });

  it("tells what became of the selected datagram while it is shown", async () => {
    await open({ count: 6 });
    await clickRow(page, 3);
    await detailShown(page, "4 · ");
    assert.equal(await page.textContent(".facts"), "sent · 12:01:02.116126 · udp_server.ts");
    await page.evaluate(() => window.fakeHost.note(3, "lost"));
    await page.waitForFunction(() =>
      document.querySelector(".facts")?.textContent?.endsWith(" · lost"),
    );
  });

  it("knows the selected datagram's new place when that is far away", async () => {
    await open({ count: 5000 });
    await page.focus(".grid");
    await page.keyboard.press("Home");
    await detailShown(page, "1 · ");
    await insert(1000, 0);
    await detailShown(page, "1,001 · ");
    await page.keyboard.press("ArrowDown");
    await rowShown(page, 1001, "Datagram 1");
    await detailShown(page, "1,002 · ");
  });

  it("does not push away what is in view when rows come before it", async () => {
    await open({ count: 500 });
    await wheel(-4000);
    await page.waitForFunction(() => !document.querySelector('.rows .row[aria-rowindex="501"]'));
    await settled(page);
    const before = await drawnRows(page);
    const first = before.rows[1];
    assert.ok(first);
    await insert(3, first.position - 2);
    await rowShown(page, first.position + 3, first.payload);
    await nextFrame(page);
    const after = (await drawnRows(page)).rows.find(({ payload }) => payload === first.payload);
    assert.equal(after?.top, first.top);
  });

  it("puts the detail away when its datagram is gone", async () => {
    await open({ count: 6 });
    await rowShown(page, 3);
    await clickRow(page, 3);
    await detailShown(page, "4 · ");
    await page.evaluate(() => window.fakeHost.clear());
    await page.waitForSelector(".detail", { state: "hidden" });
    await page.waitForSelector(".empty:visible");
    await nextFrame(page);
    assert.equal((await drawnRows(page)).rows.length, 0);
  });

  it("puts the detail away when the host does not find its datagram any more", async () => {
    await open({ count: 6 });
    await clickRow(page, 3);
    await detailShown(page, "4 · ");
    await page.evaluate(() => window.fakeHost.send({ type: "detail", id: 2 }));
    await nextFrame(page);
    assert.equal(await page.isVisible(".detail"), true, "it was another one");
    await page.evaluate(() => window.fakeHost.send({ type: "detail", id: 3 }));
    await page.waitForSelector(".detail", { state: "hidden" });
    await nextFrame(page);
    assert.equal(await selectedPosition(page), undefined);
  });

  it("shows the clicked row above the detail that opens", async () => {
    await open({ count: 100, height: 400 });
    await rowShown(page, 99);
    await clickRow(page, 99);
    await detailShown(page, "100 · ");
    await nextFrame(page);
    const { rows, bottom } = await drawnRows(page);
    const row = rows.find(({ position }) => position === 99);
    assert.ok(row && row.bottom <= bottom + 1, "the detail hides the row");
  });

  it("is as it was when it was hidden and is shown again", async () => {
    await open({ count: 500 });
    await clickRow(page, 495);
    await detailShown(page, "496 · ");
    await page.click("#tab-hex");
    await page.focus(".splitter");
    await page.keyboard.press("ArrowUp");
    await wheel(-4000);
    await page.waitForFunction(() => {
      const { follow, firstRow } = window.fakeHost.state as { follow?: boolean; firstRow?: number };
      const first = Number(document.querySelector(".rows .row")?.getAttribute("aria-rowindex")) - 2;
      return follow === false && firstRow === first && first < 450;
    });
    const before = await drawnRows(page);
    const height = await page.locator(".detail").boundingBox();
    await page.reload();
    await settled(page);
    await detailShown(page, "496 · ");
    assert.equal(await page.getAttribute("#tab-hex", "aria-selected"), "true");
    assert.deepEqual(await page.locator(".detail").boundingBox(), height);
    await rowShown(page, before.rows[0]?.position ?? -1);
    await insert(5);
    await page.waitForSelector(".new-rows:visible");
  });

  it("selects nothing in another capture, where ids are others", async () => {
    await open({ count: 6 });
    await clickRow(page, 3);
    await detailShown(page, "4 · ");
    await page.evaluate(() => window.fakeHost.becomeOther());
    await page.reload();
    await settled(page);
    assert.equal(await page.isVisible(".detail"), false);
    assert.equal(await selectedPosition(page), undefined);
  });
});

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
  selectedPosition,
  settled,
} from "./rows.ts";
import { WebviewSuite } from "./suite.ts";

describe("the datagrams page", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;

  const open = async (options: PageOptions = {}) => {
    page = await webview.open(options);
    return page;
  };
  const text = (selector: string) => page.textContent(selector);
  const attribute = (selector: string, name: string) => page.getAttribute(selector, name);
  const focused = () =>
    page.evaluate(() => document.activeElement?.className || document.activeElement?.id);

  // 60 for the grid, filter and overview; 30 for what a datagram says: JSON, tree, bytes, conversation.
  it("stays within its budget of 90 KiB", async () => {
    await open();
    const size = Buffer.byteLength(webview.bundle.script) + Buffer.byteLength(webview.bundle.style);
    assert.ok(size < 90 * 1024, `${size} bytes`);
  });

  describe("rows", () => {
    it("say when nothing was captured, and only then", async () => {
      await open({ count: 0 });
      await page.waitForSelector(".empty:visible");
      assert.match((await text(".empty")) ?? "", /No datagrams yet/);
      await page.evaluate(() => window.fakeHost.insert(1));
      await rowShown(page, 0, "Datagram 0");
      assert.equal(await page.isVisible(".empty"), false);
    });

    it("are a grid that tells how large it is and where each row is", async () => {
      await open({ count: 200, width: 900 });
      await settled(page);
      assert.equal(await attribute(".grid", "role"), "grid");
      assert.equal(await attribute(".grid", "aria-label"), "Datagrams");
      assert.equal(await attribute(".grid", "aria-rowcount"), "201");
      assert.equal(await attribute(".grid", "aria-colcount"), "8");
      assert.equal(await page.locator(".head [role=columnheader]").count(), 8);
      assert.equal(await page.locator(".rows .row").first().locator("[role=gridcell]").count(), 8);
      const { rows, top, bottom } = await drawnRows(page);
      assert.equal(rows.at(-1)?.position, 199);
      for (const row of rows) assert.equal(row.payload, `Datagram ${row.position}`);
      assert.ok((rows[0]?.top ?? top) <= top && (rows.at(-1)?.bottom ?? 0) >= bottom - 1);
    });

    it("have a source and a destination where no datagram tells its direction", async () => {
      await open({ count: 2, width: 900 });
      await rowShown(page, 1);
      const titles = () =>
        page
          .locator(".head .local, .head .peer")
          .evaluateAll((cells) =>
            cells.map((cell) => [
              cell.textContent,
              cell.getAttribute("title"),
              cell.querySelector(".edge")?.getAttribute("aria-label"),
            ]),
          );
      const named = (...words: string[]) => words.map((word) => [word, word, word]);
      assert.deepEqual(await titles(), named("Local", "Peer"));
      await page.evaluate(() => window.fakeHost.tell({ hasDirections: false }));
      assert.deepEqual(await titles(), named("Source", "Destination"));
      await page.evaluate(() => window.fakeHost.tell({ hasDirections: true }));
      assert.deepEqual(await titles(), named("Local", "Peer"));
    });

    it("tell time, direction, ends and length in words, too", async () => {
      await open({ count: 2 });
      await rowShown(page, 1);
      const labels = await page
        .locator('.rows .row[aria-rowindex="3"] [role=gridcell][aria-label]')
        .evaluateAll((cells) => cells.map((cell) => cell.getAttribute("aria-label")));
      assert.deepEqual(labels, [
        "2026-11-20 12:01:02.114042",
        "sent",
        "127.0.0.1:9999",
        "127.0.0.1:53211",
        "10 bytes",
      ]);
    });

    it("are asked for only as far as they are needed", async () => {
      await open({ count: 10_000 });
      await settled(page);
      const asked = await received(page, "askRows");
      assert.ok(asked.length <= 3, `asked ${asked.length} times`);
      assert.ok(
        asked.every(({ count }) => count < 100),
        JSON.stringify(asked),
      );
    });

    it("that come beyond the view are not asked for", async () => {
      await open({ count: 10_000 });
      await settled(page);
      await page.focus(".grid");
      await page.keyboard.press("Home");
      await rowShown(page, 0, "Datagram 0");
      await nextFrame(page);
      const before = (await received(page, "askRows")).length;
      await page.evaluate(() => window.fakeHost.insert(100));
      await page.waitForSelector(".new-rows:visible");
      await nextFrame(page);
      assert.equal((await received(page, "askRows")).length, before);
    });

    it("that stay in view keep their elements, in the order in which they are read", async () => {
      await open({ count: 1000 });
      await settled(page);
      const before = (await drawnRows(page)).rows;
      const mark = (position: number) => `.rows .row[aria-rowindex="${position + 2}"]`;
      for (const rows of [-2, 1]) {
        const middle = (before[0]?.position ?? 0) + 5;
        const id = await attribute(mark(middle), "id");
        await page.mouse.move(100, 100);
        await page.mouse.wheel(0, rows * 44);
        await rowShown(page, middle);
        await nextFrame(page);
        await nextFrame(page);
        assert.equal(await attribute(mark(middle), "id"), id);
        const positions = (await drawnRows(page)).rows.map(({ position }) => position);
        assert.deepEqual(
          positions,
          positions.toSorted((a, b) => a - b),
        );
        assert.notDeepEqual(
          positions,
          before.map(({ position }) => position),
        );
      }
    });

    it("stay in view until the right ones have come", async () => {
      await open({ count: 10_000 });
      await settled(page);
      await page.evaluate(() => {
        window.fakeHost.delay = 60;
        const grid = document.querySelector(".grid");
        if (grid) grid.scrollTop = 1000;
      });
      await nextFrame(page);
      const { rows } = await drawnRows(page);
      assert.ok(
        rows.every(({ payload }) => payload.startsWith("Datagram")),
        "a row is blank",
      );
      await rowShown(page, 25, "Datagram 25");
    });

    it("are blank rather than wrong where the host is slow", async () => {
      await open({ count: 10_000 });
      await settled(page);
      await page.evaluate(() => {
        window.fakeHost.delay = 100_000;
        const grid = document.querySelector(".grid");
        if (grid) grid.scrollTop = 0;
      });
      await page.waitForSelector('.rows .row[aria-rowindex="2"][aria-busy="true"]');
      assert.equal((await drawnRows(page)).rows[0]?.payload, "");
    });

    it("say what was lost and that the capture is paused", async () => {
      await open({ count: 3 });
      assert.equal(await page.isVisible(".status"), false);
      await page.evaluate(() => window.fakeHost.tell({ notRecorded: 1377, paused: true }));
      await page.waitForSelector(".status:visible");
      const facts = await page.locator(".facts-of-capture span").allTextContents();
      assert.deepEqual(facts, ["Paused", "1,377 not recorded"]);
    });

    it("are summed up for a screen reader", async () => {
      await open({ count: 12 });
      await page.waitForFunction(
        () => document.querySelector(".live")?.textContent === "12 datagrams",
      );
    });
  });

  describe("the keyboard", () => {
    it("moves the selection, and the view with it", async () => {
      await open({ count: 1000 });
      await settled(page);
      await page.focus(".grid");
      const press = async (key: string, position: number) => {
        await page.keyboard.press(key);
        await rowShown(page, position, `Datagram ${position}`);
        await nextFrame(page);
        assert.equal(await selectedPosition(page), position, key);
        const active = (await attribute(".grid", "aria-activedescendant")) ?? "";
        assert.equal(await attribute(`#${active}`, "aria-rowindex"), String(position + 2), key);
        const { rows, top, bottom } = await drawnRows(page);
        const row = rows.find((drawn) => drawn.position === position);
        assert.ok(row && row.top >= top && row.bottom <= bottom + 1, `${key}: not in view`);
      };
      await press("Home", 0);
      await press("ArrowDown", 1);
      await press("ArrowDown", 2);
      await press("ArrowUp", 1);
      await detailShown(page, "2 · ");
      await press("Control+End", 999);
      await press("Control+Home", 0);
      await press("ArrowUp", 0);
      await page.keyboard.press("PageDown");
      await nextFrame(page);
      const step = (await selectedPosition(page)) ?? 0;
      assert.ok(step > 2 && step < 12, `a page is ${step} rows`);
      await press("PageUp", 0);
      await press("End", 999);
    });

    it("reaches the grid where nothing has the focus, but for keys that mean something else", async () => {
      page = await webview.open({ count: 5000 });
      await settled(page);
      const focused = () => page.evaluate(() => document.activeElement?.className);
      const others = ["F1", "F10", "Escape", "a", " ", "Tab", "Alt+ArrowDown", "Shift+ArrowDown"];
      for (const key of [...others, "Control+ArrowDown", "Control+Home", "Control+Shift+c"]) {
        const event = await page.evaluate((press) => {
          const [name = "", ...held] = press.split("+").reverse();
          const keydown = new KeyboardEvent("keydown", {
            key: name,
            ctrlKey: held.includes("Control"),
            altKey: held.includes("Alt"),
            shiftKey: held.includes("Shift"),
            bubbles: true,
            cancelable: true,
          });
          document.body.dispatchEvent(keydown);
          return { isTaken: keydown.defaultPrevented, focused: document.activeElement?.tagName };
        }, key);
        assert.deepEqual(event, { isTaken: false, focused: "BODY" }, key);
      }
      await page.keyboard.press("Home");
      await rowShown(page, 0);
      assert.equal(await selectedPosition(page), 0);
      assert.equal(await focused(), "grid");
      await page.keyboard.press("ArrowDown");
      await detailShown(page, "2 · ");
      const leave = () => page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await leave();
      await page.keyboard.press("Control+c");
      assert.equal((await received(page, "copySelection")).length, 1);
      await page.keyboard.press("F8");
      await page.keyboard.press("Shift+F8");
      const steps = (await received(page, "findLost")).map(({ step }) => step);
      assert.deepEqual(steps, [1, -1]);
      for (const key of ["ContextMenu", "Shift+F10"]) {
        await leave();
        const target = await page.evaluateHandle(() => {
          const heard = new Promise<string | null | undefined>((done) => {
            const listener = ({ target }: Event) =>
              done((target as Element).closest(".row")?.getAttribute("aria-rowindex"));
            window.addEventListener("contextmenu", listener, { once: true });
          });
          // The listener is there when this returns; a promise alone would be waited for.
          return { heard };
        });
        await page.keyboard.press(key);
        assert.equal(await target.evaluate(({ heard }) => heard), "3", key);
      }
      await leave();
      await page.keyboard.press("Enter");
      assert.equal(
        await focused(),
        await page.locator("#detail [role=tabpanel]:visible").getAttribute("class"),
      );
    });

    it("goes on to the detail with Enter and back with Escape", async () => {
      await open({ count: 5 });
      await rowShown(page, 4);
      await page.focus(".grid");
      await page.keyboard.press("Home");
      await detailShown(page, "1 · 127.0.0.1:53211 → 127.0.0.1:9999 · 10 bytes");
      await page.keyboard.press("Enter");
      assert.equal(await focused(), "panel");
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("ArrowRight");
      assert.equal(await focused(), "tab-hex");
      assert.match((await text("#panel-hex .hex")) ?? "", /^44 61 74/);
      await page.keyboard.press("Escape");
      assert.equal(await focused(), "grid");
      await page.keyboard.press("Escape");
      await nextFrame(page);
      assert.equal(await page.isVisible(".detail"), false);
      assert.equal(await selectedPosition(page), undefined);
    });

    it("moves the splitter", async () => {
      await open({ count: 5 });
      await rowShown(page, 0);
      await clickRow(page, 0);
      await detailShown(page, "1 · ");
      const height = () =>
        page.evaluate(() => document.querySelector<HTMLElement>(".detail")?.offsetHeight ?? 0);
      const start = await height();
      await page.focus(".splitter");
      await page.keyboard.press("ArrowUp");
      assert.equal(await height(), start + 20);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      assert.equal(await height(), start - 20);
      await page.keyboard.press("End");
      assert.equal(await height(), 80);
      await page.keyboard.press("Home");
      assert.equal(await height(), 600 - 80);
      await nextFrame(page);
      const now = Number(await attribute(".splitter", "aria-valuenow"));
      assert.equal(now, 520);
      await page.keyboard.press("Enter");
      assert.equal(await height(), start, "as it was at first");
    });
  });

  it("drags the splitter", async () => {
    await open({ count: 5 });
    await rowShown(page, 0);
    await clickRow(page, 0);
    await detailShown(page, "1 · ");
    const box = await page.locator(".splitter").boundingBox();
    assert.ok(box);
    await page.mouse.move(100, box.y);
    await page.mouse.down();
    await page.mouse.move(100, box.y - 50);
    await page.mouse.move(100, box.y - 100);
    await page.mouse.up();
    const moved = await page.locator(".splitter").boundingBox();
    assert.ok(Math.abs((moved?.y ?? 0) - (box.y - 100)) <= 1);
    const state = await page.evaluate(() => window.fakeHost.state as { detailHeight?: number });
    assert.equal(state.detailHeight, 340);
  });
});

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { PageOptions } from "./page.ts";
import { nextFrame, received, settled } from "./rows.ts";
import { samples } from "./samples.ts";
import { showFields } from "./saved_columns.ts";
import { WebviewSuite } from "./suite.ts";

describe("the columns of the datagrams page", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;

  const open = async (options: PageOptions = {}) => {
    page = await webview.open({ width: 1100, count: 100, ...options });
    await settled(page);
  };
  const width = async (column: string) => {
    const head = await page.locator(`.head .${column}`).boundingBox();
    const row = await page.locator(`.rows .row >> nth=0 >> .${column}`).boundingBox();
    assert.ok(head && row);
    assert.ok(Math.abs(head.x - row.x) < 0.1 && Math.abs(head.width - row.width) < 0.1, column);
    return Math.round(head.width);
  };
  const edge = (column: string) => page.locator(`.head .${column} .edge`);
  const drag = async (column: string, by: number) => {
    const box = await edge(column).boundingBox();
    assert.ok(box);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + by / 2, y);
    await page.mouse.move(x + by, y);
    await page.mouse.up();
  };
  const menu = () => page.getByRole("menu", { name: "Columns and Time" });
  const openMenu = () => page.getByRole("button", { name: "Columns and Time" }).click();
  const choose = async (name: string) => {
    await openMenu();
    await menu().getByText(name, { exact: true }).click();
    assert.equal(await menu().count(), 0);
    await nextFrame(page);
  };
  const times = (row: number) =>
    page.locator(`.rows .row[aria-rowindex="${row + 1}"] .time`).textContent();

  it("number the rows", async () => {
    await open();
    const numbers = await page.$$eval(".rows .row", (rows) =>
      rows.map((row) => [
        row.querySelector(".number")?.textContent,
        String(Number(row.getAttribute("aria-rowindex")) - 1),
      ]),
    );
    for (const [number, expected] of numbers) assert.equal(number, expected);
  });

  it("have room for the number of the last row", async () => {
    for (const count of [10, 10_000_000]) {
      await open({ count });
      const fits = await page.$$eval(".rows .number", (cells) =>
        cells.every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth),
      );
      assert.ok(fits, `${count}`);
      await page.context().close();
    }
  });

  it("keep that room where a filter leaves few rows, which have their numbers among all", async () => {
    await open({ count: 1_000_000 });
    const width = () => page.$eval(".rows .number", (cell) => cell.getBoundingClientRect().width);
    const before = await width();
    await page.getByRole("combobox", { name: "Filter" }).fill("every:100000");
    await page.waitForFunction(() =>
      /^\d{1,3} of/.test(document.querySelector(".count")?.textContent ?? ""),
    );
    assert.equal(await width(), before);
  });

  it("are dragged wider and narrower, which payload gives and takes", async () => {
    await open();
    const [local, peer, payload] = [
      await width("local"),
      await width("peer"),
      await width("payload"),
    ];
    await drag("local", 60);
    assert.equal(await width("local"), local + 60);
    assert.ok(Math.abs((await width("payload")) - (payload - 60)) <= 1);
    assert.equal(await width("peer"), peer);
    await drag("local", -30);
    assert.equal(await width("local"), local + 30);
    await drag("local", -1000);
    assert.equal(await width("local"), 24, "still there");
    await drag("local", 5000);
    assert.ok((await width("payload")) >= 50, "payload is still there");
    const right = await page.locator(".head .note").boundingBox();
    assert.ok(right && right.x + right.width <= 1100, "nothing leaves the view");
  });

  it("behind payload are dragged at their left edge", async () => {
    await open();
    const [note, payload] = [await width("note"), await width("payload")];
    await drag("note", -40);
    assert.equal(await width("note"), note + 40);
    assert.ok(Math.abs((await width("payload")) - (payload - 40)) <= 1);
    assert.equal(await edge("payload").isVisible(), false);
  });

  it("are resized by keyboard, and say how wide they are", async () => {
    await open();
    const start = await width("peer");
    await edge("peer").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await width("peer"), start + 10);
    assert.equal(await edge("peer").getAttribute("aria-valuenow"), String(start + 10));
    await page.keyboard.press("Home");
    assert.equal(await width("peer"), 24);
    await page.keyboard.press("Enter");
    assert.equal(await width("peer"), start);
    await edge("note").focus();
    const note = await width("note");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await width("note"), note + 10);
    await edge("note").dblclick();
    assert.equal(await width("note"), note);
    assert.equal(await page.locator(".row[aria-selected=true]").count(), 0, "the grid got a key");
  });

  it("give way together where the view becomes too narrow for them", async () => {
    await open();
    for (const column of ["local", "peer", "note"])
      await drag(column, column === "note" ? -80 : 80);
    await page.setViewportSize({ width: 820, height: 600 });
    await nextFrame(page);
    const ends = await page.$$eval(".rows .row >> nth=0 >> [role=gridcell]", (cells) =>
      cells.map((cell) => cell.getBoundingClientRect().right),
    );
    assert.ok(Math.max(...ends) <= 820, ends.join());
    assert.ok((await width("payload")) >= 50);
  });

  it("of fields show what each payload has, are resized, hidden and still there when the page is shown again", async () => {
    const datagrams = samples.map((sample, index) => ({ ...sample, cells: [`${index}.5`, "on"] }));
    const fields = ["tracker.temp", "tracker.body.state"];
    await open({ datagrams });
    await showFields(page, ...fields);
    assert.deepEqual(await received(page, "columns"), [{ type: "columns", fields }]);
    const titles = page.locator(".head .value-of-field");
    assert.deepEqual(await titles.allTextContents(), ["temp", "state"]);
    const cells = page.locator(".rows .row >> nth=1 >> .value-of-field");
    assert.deepEqual(await cells.allTextContents(), ["1.5", "on"]);
    const before = await width("value-of-field >> nth=0");
    const box = (await titles.first().locator(".edge").boundingBox()) ?? assert.fail();
    await page.mouse.move(box.x + 4, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x - 26, box.y + 8);
    await page.mouse.up();
    await nextFrame(page);
    assert.equal(await width("value-of-field >> nth=0"), before + 30);
    assert.equal(await page.locator("[role=grid]").getAttribute("aria-colcount"), "10");
    await choose("state");
    assert.deepEqual(await titles.allTextContents(), ["temp"]);
    assert.deepEqual((await received(page, "columns")).at(-1)?.fields, ["tracker.temp"]);
  });

  it("are hidden and shown from the menu", async () => {
    await open();
    await choose("Peer");
    assert.equal(await page.isVisible(".head .peer"), false);
    assert.equal(await page.locator(".rows .peer:visible").count(), 0);
    await width("local");
    await width("note");
    await choose("Payload");
    await width("note");
    await openMenu();
    const states = await menu()
      .getByRole("menuitemcheckbox")
      .evaluateAll((items) =>
        items.filter((item) => item.ariaChecked === "false").map((item) => item.textContent),
      );
    assert.deepEqual(states, ["Peer", "Payload"]);
    await menu().getByText("Reset Columns").click();
    assert.equal(await page.isVisible(".head .peer"), true);
    assert.equal(await page.isVisible(".head .payload"), true);
  });

  it("are as the user left them when the page is shown again", async () => {
    await open();
    await drag("local", 60);
    const local = await width("local");
    await choose("Length");
    await choose("Since Start");
    await page.reload();
    await settled(page);
    assert.equal(await width("local"), local);
    assert.equal(await page.isVisible(".head .length"), false);
    assert.equal(await times(100), "0.103\u00a0158");
  });

  for (const view of [1100, 600, 330]) {
    it(`tell the time in three ways at ${view} px`, async () => {
      await open({ width: view });
      const row = page.locator('.rows .row[aria-rowindex="101"] .time');
      assert.equal(await times(100), "12:01:02.216");
      await choose("Since Start");
      assert.equal(await times(100), "0.103\u00a0158");
      assert.equal(await row.getAttribute("aria-label"), "0.103158 s");
      assert.equal(await row.getAttribute("title"), "2026-11-20 12:01:02.216158");
      await page.evaluate(() => {
        const start = Date.UTC(2026, 10, 20, 12, 1, 2) * 1000;
        window.fakeHost.tell({ start });
      });
      await page.waitForFunction(
        () =>
          document.querySelector('.rows .row[aria-rowindex="101"] .time')?.textContent ===
          "0.216\u00a0158",
      );
      await choose("Since Previous");
      assert.equal(await times(100), "0.001\u00a0042");
      await choose("Time of Day");
      assert.equal(await times(100), "12:01:02.216");
      assert.equal(await row.getAttribute("aria-label"), "2026-11-20 12:01:02.216158");
    });
  }

  it("tell the date of what was recorded on another day", async () => {
    await open({ count: 100, daysAgo: 1 });
    assert.equal(await page.locator(".rows .date:visible").first().textContent(), "2026-11-20 ");
    const row = page.locator('.rows .row[aria-rowindex="101"] .time');
    assert.equal(await row.textContent(), "2026-11-20 12:01:02.216");
    assert.ok(await row.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth));
    await page.locator('.rows .row[aria-rowindex="101"]').click();
    await page.waitForSelector(".facts:visible");
    assert.match((await page.textContent(".facts")) ?? "", / · 2026-11-20 12:01:02\.216158 · /);
    await choose("Since Start");
    assert.equal(await row.textContent(), "0.103\u00a0158");
    await page.context().close();
    await open({ count: 100 });
    assert.equal(await page.locator(".rows .date:visible").count(), 0, "today");
  });

  it("take what is in them and no more: at 930 px a payload has more than a third", async () => {
    await open({ width: 930, datagrams: samples });
    const cut = await page.$$eval(".rows :is(.local, .peer, .note)", (cells) =>
      cells
        .flatMap((cell) => [cell, ...cell.children])
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ textContent }) => textContent),
    );
    assert.deepEqual(cut, []);
    const payload = await width("payload");
    assert.ok(payload > 930 / 3, `${payload} px`);
    await page.evaluate(() => window.fakeHost.note(0, "lost: receive buffer full"));
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".rows .note")].some(
        (note) => note.textContent === "lost: receive buffer full",
      ),
    );
    assert.ok((await width("payload")) < payload, "a longer note has its room");
  });

  it("have no edges and no choice where rows have two lines", async () => {
    await open({ width: 330 });
    assert.equal(await page.locator(".edge:visible").count(), 0);
    await openMenu();
    assert.equal(await menu().getByRole("menuitemradio").count(), 3);
    assert.equal(await menu().getByRole("menuitemcheckbox").count(), 0);
    const box = await menu().boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= 330);
  });

  it("have a menu that needs no mouse", async () => {
    await open();
    const button = page.getByRole("button", { name: "Columns and Time" });
    await button.focus();
    await page.keyboard.press("Enter");
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    assert.equal(await focused(), "Time of Day");
    await page.keyboard.press("ArrowUp");
    assert.equal(await focused(), "Reset Columns");
    await page.keyboard.press("ArrowUp");
    assert.equal(await focused(), "Note");
    await page.keyboard.press("Space");
    assert.equal(await focused(), "Note");
    assert.equal(await page.evaluate(() => document.activeElement?.ariaChecked), "false");
    assert.equal(await page.isVisible(".head .note"), false);
    await page.keyboard.press("Escape");
    assert.equal(await menu().count(), 0);
    assert.ok(await button.evaluate((element) => element === document.activeElement));
    await page.locator(".head .local").click({ button: "right" });
    assert.equal(await menu().count(), 1);
    await page.mouse.click(900, 300);
    assert.equal(await menu().count(), 0);
  });
});

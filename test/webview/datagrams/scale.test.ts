import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { scrollThrough, typeFilters } from "./frames.ts";
import { drawnRows, nextFrame, received, rowShown, selectedPosition, settled } from "./rows.ts";
import { WebviewSuite } from "./suite.ts";
import { traced } from "./trace.ts";

describe("the datagrams page with very many rows", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;

  /** Whatever is in view is what belongs there, without a gap. */
  const check = async () => {
    await settled(page);
    const { rows, top, bottom } = await drawnRows(page);
    const [first] = rows;
    const last = rows.at(-1);
    assert.ok(first && last);
    assert.ok(first.top <= top && last.bottom >= bottom - 1, "the view is not full");
    for (const [index, row] of rows.entries()) {
      assert.equal(row.position, first.position + index);
      assert.equal(row.payload, `Datagram ${row.position}`);
      if (index > 0) assert.equal(row.top, rows[index - 1]?.bottom);
    }
    return { first, last };
  };
  const scrollTo = (share: number) =>
    page.evaluate((part) => {
      const grid = document.querySelector(".grid");
      if (grid) grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * part;
    }, share);

  for (const count of [1_000_000, 10_000_000]) {
    for (const width of [250, 900]) {
      it(`scrolls through ${count.toLocaleString("en")} of them at ${width} px`, async () => {
        page = await webview.open({ count, width });
        await rowShown(page, count - 1);
        assert.equal(await page.getAttribute(".grid", "aria-rowcount"), String(count + 1));
        const last: number[] = [];
        for (let step = 0; step <= 20; step++) {
          await scrollTo(step / 20);
          await nextFrame(page);
          const { first } = await check();
          assert.ok(
            Math.abs(first.position / count - step / 20) < 0.001,
            `at ${step}: ${first.position}`,
          );
          last.push(first.position);
        }
        assert.equal(last[0], 0);
        assert.equal((await check()).last.position, count - 1);
        assert.deepEqual(
          last,
          last.toSorted((a, b) => a - b),
        );
      });
    }
  }

  it("still moves row by row with wheel and keys", async () => {
    page = await webview.open({ count: 10_000_000, width: 900 });
    await settled(page);
    await scrollTo(0.4321);
    await nextFrame(page);
    const start = (await check()).first;
    const rowHeight = start.bottom - start.top;
    await page.mouse.move(300, 200);
    for (const rows of [1, 1, 3, -2, -3]) {
      const from = (await check()).first.position;
      await page.mouse.wheel(0, rows * rowHeight);
      await page.waitForFunction(
        (index) => document.querySelector(".rows .row")?.getAttribute("aria-rowindex") === index,
        String(from + rows + 2),
      );
    }
    assert.deepEqual((await check()).first, start);
    await page.focus(".grid");
    await page.keyboard.press("ArrowDown");
    await nextFrame(page);
    const selected = await selectedPosition(page);
    assert.equal(selected, start.position);
    for (let step = 1; step <= 40; step++) await page.keyboard.press("ArrowDown");
    await rowShown(page, start.position + 40);
    await nextFrame(page);
    assert.equal(await selectedPosition(page), start.position + 40);
    await check();
  });

  it("reaches both ends by key", async () => {
    page = await webview.open({ count: 10_000_000 });
    await page.focus(".grid");
    await page.keyboard.press("Home");
    await rowShown(page, 0, "Datagram 0");
    assert.equal((await check()).first.position, 0);
    await page.keyboard.press("End");
    await rowShown(page, 9_999_999, "Datagram 9999999");
    assert.equal((await check()).last.position, 9_999_999);
  });

  it("asks no faster than it is answered", async () => {
    page = await webview.open({ count: 1_000_000, delay: 50 });
    await settled(page);
    const before = (await received(page, "askRows")).length;
    const started = performance.now();
    for (let step = 0; step < 100; step++) {
      await scrollTo(step / 100);
      await nextFrame(page);
    }
    const asked = (await received(page, "askRows")).length - before;
    const most = (performance.now() - started) / 50 + 1;
    assert.ok(asked > 1 && asked <= most, `asked ${asked} times, answered at most ${most}`);
    await check();
  });

  it("shows rows of the way while somebody drags the scroll bar faster than they come", async () => {
    page = await webview.open({ count: 1_000_000, delay: 40 });
    await settled(page);
    const seen = new Set<string>();
    for (let step = 100; step > 0; step--) {
      await scrollTo(step / 100);
      await nextFrame(page);
      const { rows } = await drawnRows(page);
      for (const { payload, position } of rows) assert.equal(payload, `Datagram ${position}`);
      seen.add(rows[0]?.payload ?? "");
    }
    assert.ok(seen.size > 5, `${seen.size} places seen`);
  });

  for (const width of [330, 1280]) {
    it(`keeps no frame waiting for 50 ms while it scrolls from end to end at ${width} px`, async () => {
      page = await webview.open({ count: 1_000_000, width, height: 900, delay: 5 });
      await settled(page);
      const { tasks, longest, longestOfProcessor } = await traced(page, () => scrollThrough(page));
      assert.ok(tasks > 180, `${tasks} tasks`);
      assert.ok(longestOfProcessor < 50, `${longestOfProcessor} ms, ${longest} ms on the clock`);
    });

    it(`keeps no frame waiting for 50 ms while a filter is typed at ${width} px`, async () => {
      page = await webview.open({ count: 1_000_000, width, height: 900 });
      await settled(page);
      const { tasks, longest, longestOfProcessor } = await traced(page, () => typeFilters(page));
      assert.ok(tasks > 20, `${tasks} tasks`);
      assert.ok(longestOfProcessor < 50, `${longestOfProcessor} ms, ${longest} ms on the clock`);
    });
  }
});

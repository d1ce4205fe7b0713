import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Completion } from "../../../extension/webview/parts/completion_list.ts";
import type { PageOptions } from "./page.ts";
import {
  detailShown,
  drawnRows,
  nextFrame,
  received,
  rowShown,
  selectedPosition,
  settled,
} from "./rows.ts";
import { WebviewSuite } from "./suite.ts";

describe("the filter of the datagrams page", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;

  const open = async (options: PageOptions = {}) => {
    page = await webview.open({ count: 2000, ...options });
    await settled(page);
  };
  const box = () => page.getByRole("combobox", { name: "Filter" });
  const value = () => box().inputValue();
  const count = (text: string) =>
    page.waitForFunction(
      (expected) => document.querySelector(".filter .count")?.textContent === expected,
      text,
    );
  const sent = async () => (await received(page, "filter")).map(({ text }) => text);
  const apply = async (text: string) => {
    await box().fill(text);
    await page.keyboard.press("Enter");
  };

  it("narrows the rows, says how many are left, and marks what was found", async () => {
    await open();
    await count("2,000 of 2,000");
    await apply("GRAM 17");
    await count("139 of 2,000");
    await rowShown(page, 138, "Datagram 1917");
    const marks = await page.locator(".rows .row >> nth=-1 >> mark").allTextContents();
    assert.deepEqual(marks, ["gram", "17"]);
    assert.equal(await page.getAttribute(".grid", "aria-rowcount"), "140");
    const number = await page.locator('.rows .row[aria-rowindex="140"] .number').textContent();
    assert.equal(number, "1918", "its number in the whole capture");
    await page.getByRole("button", { name: "Clear Filter" }).click();
    await count("2,000 of 2,000");
    await rowShown(page, 1999, "Datagram 1999");
    assert.equal(await page.locator("mark").count(), 0);
    assert.ok(await box().evaluate((element) => element === document.activeElement));
  });

  it("is sent a moment after the last key, and at once with Enter", async () => {
    await open();
    await box().focus();
    const gap = await page.evaluate(async () => {
      const input = document.querySelector<HTMLInputElement>(".filter input");
      if (!input) throw new Error("no box");
      for (const text of ["g", "gr", "gra"]) {
        input.value = text;
        input.dispatchEvent(new InputEvent("input"));
        await new Promise((done) => setTimeout(done, 20));
      }
      const start = performance.now();
      const isSent = () => window.fakeHost.received.some(({ type }) => type === "filter");
      while (!isSent()) await new Promise(requestAnimationFrame);
      return performance.now() - start;
    });
    assert.ok(gap > 100, `sent after ${gap} ms`);
    assert.deepEqual(await sent(), ["gra"]);
    await page.keyboard.type("m");
    await page.keyboard.press("Enter");
    assert.deepEqual(await sent(), ["gra", "gram"]);
    await page.keyboard.press("Enter");
    assert.deepEqual(await sent(), ["gra", "gram"], "it is the filter already");
  });

  it("says what is wrong and where, and filters nothing", async () => {
    await open();
    await apply("x bad y");
    await page.waitForSelector(".problem:visible");
    assert.equal(await page.textContent(".problem"), "There is no field bad.");
    assert.equal(await page.textContent(".underline u"), "bad");
    assert.equal(await box().getAttribute("aria-invalid"), "true");
    const describedBy = (await box().getAttribute("aria-describedby")) ?? "";
    assert.equal(await page.textContent(`#${describedBy}`), "There is no field bad.");
    await count("2,000 of 2,000");
    // The line is below the word.
    const underline = await page.locator(".underline u").boundingBox();
    const input = await box().boundingBox();
    assert.ok(underline && input && underline.x > input.x + 5 && underline.width > 10);
    // At once: in a moment it is sent, and wrong again.
    const lines = await box().evaluate((input: HTMLInputElement) => {
      input.value += "z";
      input.dispatchEvent(new InputEvent("input"));
      return document.querySelectorAll(".underline u").length;
    });
    assert.equal(lines, 0, "it may be elsewhere now");
    await apply("gram");
    await page.waitForSelector(".problem", { state: "hidden" });
    assert.equal(await box().getAttribute("aria-invalid"), "false");
  });

  it("keeps its line under the word in a text that is longer than the box", async () => {
    await open();
    await apply(`${"x".repeat(60)} bad`);
    await page.waitForSelector(".problem:visible");
    await box().evaluate((input) => {
      input.scrollLeft = input.scrollWidth;
    });
    await nextFrame(page);
    const [underline, field] = [
      await page.locator(".underline u").boundingBox(),
      await page.locator(".field").boundingBox(),
    ];
    assert.ok(underline && field);
    assert.ok(Math.abs(underline.x + underline.width - field.x - field.width) < 4);
  });

  it("shows what was chosen elsewhere", async () => {
    await open();
    await page.evaluate(() => window.fakeHost.filter("gram 19"));
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>(".filter input")?.value === "gram 19",
    );
    await count("139 of 2,000");
    assert.deepEqual(await sent(), []);
  });

  it("does not take back what was typed since", async () => {
    await open();
    await box().focus();
    const result = await page.evaluate(async () => {
      const input = document.querySelector<HTMLInputElement>(".filter input");
      if (!input) throw new Error("no box");
      const press = () => {
        input.dispatchEvent(new InputEvent("input"));
        input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
      };
      input.value = "gram";
      press();
      input.value = "gram 1";
      press();
      input.value = "gram 12";
      // Both answers come while this is not sent yet.
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      return input.value;
    });
    assert.equal(result, "gram 12");
  });

  it("says that no row passes, which is not the same as that there are none", async () => {
    await open();
    await apply("nowhere");
    await page.waitForSelector(".empty:visible");
    assert.equal(await page.textContent(".empty"), "No datagram passes the filter.");
    await count("0 of 2,000");
    await page.evaluate(() => window.fakeHost.clear());
    await page.waitForFunction(() =>
      document.querySelector(".empty")?.textContent?.startsWith("No datagrams yet"),
    );
  });

  it("keeps the selected row, in view, where it passes, and lets go of it where it does not", async () => {
    await open();
    await page.focus(".grid");
    await page.keyboard.press("Home");
    for (let step = 0; step < 100; step++) await page.keyboard.press("ArrowDown");
    await detailShown(page, "101 · ");
    await apply("every:2");
    await detailShown(page, "101 · ");
    await rowShown(page, 50, "Datagram 100");
    await nextFrame(page);
    assert.equal(await selectedPosition(page), 50);
    const { rows, top, bottom } = await drawnRows(page);
    const row = rows.find(({ position }) => position === 50);
    assert.ok(row && row.top >= top && row.bottom <= bottom + 1, "out of view");
    await apply("");
    await page.waitForSelector('.rows .row[aria-rowindex="102"][aria-selected="true"]');
    await rowShown(page, 100, "Datagram 100");
    await detailShown(page, "101 · ");
    await apply("every:3");
    await page.waitForSelector(".detail", { state: "hidden" });
  });

  it("keeps the selected row in view when the browser draws late", async () => {
    await open();
    await page.focus(".grid");
    await page.keyboard.press("Home");
    for (let step = 0; step < 110; step++) await page.keyboard.press("ArrowDown");
    // Now it is the uppermost row in view, the one that others are held by when rows come in between.
    for (let step = 0; step < 10; step++) await page.keyboard.press("ArrowUp");
    await detailShown(page, "101 · ");
    await settled(page);
    // One frame before the page knows how many rows pass, and the next one when it knows where the selected one is.
    await page.evaluate(async () => {
      const waiting: FrameRequestCallback[] = [];
      const draw = () => {
        for (const callback of waiting.splice(0)) callback(performance.now());
      };
      const { requestAnimationFrame } = window;
      window.requestAnimationFrame = (callback) => waiting.push(callback);
      await new Promise<void>((done) => {
        window.addEventListener("message", ({ data }) => {
          if (data.type === "filter") draw();
          if (data.type === "located") done();
        });
        window.fakeHost.filter("every:2");
      });
      window.requestAnimationFrame = requestAnimationFrame;
      draw();
    });
    await rowShown(page, 50, "Datagram 100");
    await settled(page);
    assert.equal(await selectedPosition(page), 50);
  });

  it("has the focus with Ctrl+F, and gives it back with Escape", async () => {
    await open();
    await page.focus(".grid");
    await page.keyboard.press("Control+f");
    assert.ok(await box().evaluate((element) => element === document.activeElement));
    await page.keyboard.type("gram");
    await page.keyboard.press("Escape");
    assert.equal(await value(), "");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement?.className), "grid");
  });

  it("is the same when the page is shown again, and when the window was reloaded", async () => {
    await open();
    await apply("gram 7");
    await count("542 of 2,000");
    await page.waitForFunction(
      () => (window.fakeHost.state as { filter?: string }).filter === "gram 7",
    );
    // The fake host forgets its filter with the page, as VS Code does with the window.
    await page.evaluate(() => window.fakeHost.becomeOther());
    await page.reload();
    await count("542 of 2,000");
    assert.equal(await value(), "gram 7");
    assert.deepEqual(await sent(), [], "it was told with the first message");
    await page.reload();
    await count("2,000 of 2,000");
    assert.equal(await value(), "", "the host of the same capture knows better");
  });

  describe("completion", () => {
    const offer = (items: readonly Completion[]) =>
      page.evaluate((given) => {
        window.fakeHost.completions = given;
      }, items);
    const list = () => page.getByRole("listbox", { name: "Filter" });
    const directions = [
      { label: "dir:in", detail: "received", insert: "dir:in", start: 5, end: 6 },
      { label: "dir:out", detail: "sent", insert: "dir:out", start: 5, end: 6 },
    ];

    it("offers what can stand at the caret, and puts it there", async () => {
      await open();
      await offer(directions);
      await box().focus();
      await page.keyboard.insertText("gram d");
      await list().waitFor();
      assert.equal(await box().getAttribute("aria-expanded"), "true");
      assert.deepEqual(await list().getByRole("option").allTextContents(), [
        "dir:inreceived",
        "dir:outsent",
      ]);
      const asked = (await received(page, "complete")).at(-1);
      assert.deepEqual([asked?.text, asked?.caret], ["gram d", 6]);
      assert.equal(await box().getAttribute("aria-activedescendant"), null);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      const active = (await box().getAttribute("aria-activedescendant")) ?? "";
      assert.match((await page.textContent(`#${active}`)) ?? "", /dir:out/);
      await offer([]);
      await page.keyboard.press("Enter");
      assert.equal(await value(), "gram dir:out");
      await list().waitFor({ state: "hidden" });
      await count("0 of 2,000");
    });

    it("leaves the reason of a wrong filter in sight", async () => {
      await open();
      await offer(directions);
      await box().focus();
      await page.keyboard.insertText("bad d");
      await list().waitFor();
      await page.waitForSelector(".problem:visible");
      await list().waitFor();
      const reason = await page.locator(".problem").boundingBox();
      const offered = await list().boundingBox();
      assert.ok(reason && offered && offered.y >= reason.y + reason.height);
    });

    it("goes away with Escape, which leaves the text, and with the focus", async () => {
      await open();
      await offer(directions);
      await box().focus();
      await page.keyboard.insertText("gram d");
      await list().waitFor();
      await page.keyboard.press("Escape");
      assert.equal(await list().isVisible(), false);
      assert.equal(await value(), "gram d");
      await page.keyboard.press("Control+Space");
      await list().waitFor();
      await page.focus(".grid");
      assert.equal(await list().isVisible(), false);
    });

    it("is taken with a click; Enter without a choice applies the text", async () => {
      await open();
      await offer(directions);
      await box().focus();
      await page.keyboard.insertText("gram d");
      await list().getByText("dir:in").click();
      assert.equal(await value(), "gram dir:in");
      assert.ok(await box().evaluate((element) => element === document.activeElement));
      await page.keyboard.press("Enter");
      assert.equal(await list().isVisible(), false);
      assert.equal((await sent()).at(-1), "gram dir:in");
    });

    it("is taken once, however fast Enter is pressed again", async () => {
      await open();
      await offer(directions);
      await box().focus();
      await page.keyboard.insertText("gram d");
      await list().waitFor();
      await page.keyboard.press("ArrowDown");
      await box().evaluate((input) => {
        for (const _ of ["takes", "applies"]) {
          input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
        }
      });
      assert.equal(await value(), "gram dir:in");
      assert.equal((await sent()).at(-1), "gram dir:in");
    });

    it("is narrowed and taken before the host has answered, and stays where a person was", async () => {
      await open();
      await offer(directions);
      await box().focus();
      await page.keyboard.insertText("gram d");
      await list().waitFor();
      const options = () => list().getByRole("option").allTextContents();
      await offer(directions.map((item) => ({ ...item, end: 10 })));
      // All in one turn of the page, in which no answer comes.
      const listed = await box().evaluate((input: HTMLInputElement) => {
        const type = (text: string) => {
          input.setRangeText(text, input.value.length, input.value.length, "end");
          input.dispatchEvent(new InputEvent("input"));
          return [...document.querySelectorAll("[role=option]")].map((it) => it.textContent);
        };
        const press = (key: string) =>
          input.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
        const listed = [type("ir:"), type("o")];
        press("ArrowDown");
        return listed;
      });
      assert.deepEqual(listed, [["dir:inreceived", "dir:outsent"], ["dir:outsent"]]);
      await page.waitForFunction(() => document.querySelectorAll("[role=option]").length === 2);
      assert.deepEqual(await options(), ["dir:inreceived", "dir:outsent"]);
      await page.keyboard.press("Enter");
      assert.equal(await value(), "gram dir:out");
    });

    it("that comes too late is not shown", async () => {
      await open();
      await offer(directions);
      await box().focus();
      await page.keyboard.insertText("gram d");
      await list().waitFor();
      const { request = 0 } = (await received(page, "complete")).at(-1) ?? {};
      await page.keyboard.press("Enter");
      await page.evaluate(
        ([number, items]) => window.fakeHost.send({ type: "completions", request: number, items }),
        [request, directions] as const,
      );
      await nextFrame(page);
      assert.equal(await list().isVisible(), false);
    });
  });
});

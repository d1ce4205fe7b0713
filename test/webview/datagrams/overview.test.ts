import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { FakeDatagram } from "./fake_host.ts";
import type { PageOptions } from "./page.ts";
import { nextFrame, received, settled } from "./rows.ts";
import { WebviewSuite } from "./suite.ts";

/** 100 seconds with a datagram in each; those at 50 and 51 s are lost, none is sent in the second half. */
const START = Date.UTC(2026, 10, 20) * 1000;
const datagrams = Array.from(
  { length: 101 },
  (_, second): FakeDatagram => ({
    time: START + second * 1e6,
    direction: second % 2 === 1 && second < 50 ? "out" : "in",
    isAnomaly: second === 50 || second === 51,
  }),
);

describe("the overview of the datagrams page", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;

  const open = async (options: PageOptions = { datagrams }) => {
    page = await webview.open({ width: 816, height: 500, ...options });
    await settled(page);
    await page.evaluate((start) => window.fakeHost.tell({ start }), START);
  };
  const shown = () => page.waitForSelector(".overview canvas", { state: "visible" });
  const filter = () => page.getByRole("combobox").inputValue();
  const slider = (name: string) => page.getByRole("slider", { name });
  const drag = async (from: number, to: number) => {
    const box = await page.locator(".overview").boundingBox();
    assert.ok(box);
    const x = (share: number) => box.x + share * box.width;
    const y = box.y + box.height / 2;
    await page.mouse.move(x(from), y);
    await page.mouse.down();
    await page.mouse.move(x((from + to) / 2), y);
    await page.mouse.move(x(to), y);
    await page.mouse.up();
  };
  /** The colour in the middle of a column, from its lower edge up; 0 to 1 from left to right. */
  const colours = (share: number) =>
    page.evaluate((at) => {
      const canvas = document.querySelector<HTMLCanvasElement>(".overview canvas");
      const context = canvas?.getContext("2d");
      if (!canvas || !context) throw new Error("no canvas");
      const columns = Math.floor(canvas.clientWidth / 4);
      const ratio = devicePixelRatio;
      const x = Math.floor(
        ((Math.floor(at * columns) + 0.3) * canvas.clientWidth * ratio) / columns,
      );
      const { data } = context.getImageData(x, 0, 1, canvas.height);
      const pixels = Array.from({ length: canvas.height }, (_, y) =>
        [...data.slice(y * 4, y * 4 + 4)].join(),
      );
      return pixels.reverse();
    }, share);

  it("is there where there is a time between datagrams, and only there", async () => {
    await open({ count: 1 });
    await nextFrame(page);
    assert.equal(await page.isVisible(".overview canvas"), false);
    assert.equal(await page.locator(".overview").evaluate(({ clientHeight }) => clientHeight), 0);
    await page.evaluate(() => window.fakeHost.insert(3));
    await shown();
    assert.equal(await page.locator(".overview").evaluate(({ clientHeight }) => clientHeight), 46);
    await page.setViewportSize({ width: 330, height: 500 });
    assert.equal(await page.locator(".overview").evaluate(({ clientHeight }) => clientHeight), 34);
  });

  it("says in words what it shows", async () => {
    await open();
    await shown();
    await page.getByRole("img", { name: "74 received, 25 sent, 2 lost, over 100 s" }).waitFor();
    assert.equal(await page.getByRole("group", { name: "Datagrams over time" }).count(), 1);
  });

  it("draws what was lost with a mark, and what was sent in stripes", async () => {
    await open();
    await page.getByRole("img", { name: /74 received/ }).waitFor();
    const nothing = "0,0,0,0";
    const lost = await colours(50.4 / 100);
    assert.notEqual(lost.at(-1), nothing, "no mark at the upper edge");
    assert.notEqual(lost[0], nothing);
    const receivedOnes = await colours(60.1 / 100);
    assert.equal(receivedOnes.at(-1), nothing);
    assert.notEqual(receivedOnes[0], nothing);
    assert.notEqual(receivedOnes[0], lost[0]);
    const bar = receivedOnes.slice(0, receivedOnes.indexOf(nothing));
    assert.ok(bar.length > 10 && new Set(bar.slice(0, -1)).size === 1, "not solid");
    const sent = await colours(21.1 / 100);
    const stripes = sent.slice(0, sent.lastIndexOf(sent[0] ?? "") + 1);
    assert.ok(stripes.filter((pixel) => pixel === nothing).length > 5, "no stripes");
    assert.notEqual(sent[0], receivedOnes[0]);
  });

  it("draws what a rule dropped hollow, and never as received or lost", async () => {
    const at = (second: number) => (second === 70 ? { byRule: "dropped" as const } : {});
    await open({ datagrams: datagrams.map((it, second) => ({ ...it, ...at(second) })) });
    const name = "73 received, 25 sent, 2 lost, 1 dropped by a rule, over 100 s";
    await page.getByRole("img", { name }).waitFor();
    const nothing = "0,0,0,0";
    const [dropped, lost, receivedOnes] = await Promise.all(
      [70.1, 50.4, 60.1].map((second) => colours(second / 100)),
    );
    assert.ok(dropped && lost && receivedOnes);
    assert.equal(dropped.at(-1), nothing, "a mark at the upper edge");
    assert.ok(![lost[0], receivedOnes[0], nothing].includes(dropped[0]), dropped[0]);
    assert.equal(dropped[Math.floor(dropped.length / 4)], nothing, "not hollow");
  });

  it("is drawn again in the colours of another theme, and for other widths", async () => {
    await open();
    await page.getByRole("img", { name: /74 received/ }).waitFor();
    const colour = async () => (await colours(60.1 / 100))[0];
    const first = await colour();
    // VS Code sets the variables of a theme on the page, and the class of its kind.
    await page.evaluate(() => {
      document.documentElement.style.setProperty("--vscode-charts-green", "rgb(1, 2, 3)");
    });
    await nextFrame(page);
    const second = await colour();
    assert.notEqual(second, first);
    await page.evaluate(() => {
      document.styleSheets[0]?.insertRule("body.another { --in: rgb(200, 1, 2); }");
      document.body.classList.add("another");
    });
    await nextFrame(page);
    assert.notEqual(await colour(), second);
    await page.setViewportSize({ width: 416, height: 500 });
    await nextFrame(page);
    const [canvas, strip] = await page.$$eval(".overview canvas, .overview", (elements) =>
      elements.map((element) =>
        element instanceof HTMLCanvasElement ? element.width : element.clientWidth,
      ),
    );
    assert.equal(canvas, strip);
  });

  it("is asked for at most four times a second", async () => {
    await open();
    await shown();
    const { asked, most } = await page.evaluate(async () => {
      const isAsked = () =>
        window.fakeHost.received.filter(({ type }) => type === "askOverview").length;
      const start = performance.now();
      const before = isAsked();
      while (performance.now() - start < 1000) {
        window.fakeHost.insert(1);
        await new Promise(requestAnimationFrame);
      }
      // The last frame may have been a long one.
      const most = Math.floor((performance.now() - start) / 250) + 1;
      return { asked: isAsked() - before, most };
    });
    assert.ok(asked >= 1 && asked <= most, `asked ${asked} times, at most ${most}`);
    const steps = (await received(page, "askOverview")).at(-1)?.steps;
    assert.equal(steps, 200);
  });

  it("makes a dragged range the filter, and shows it", async () => {
    await open();
    await shown();
    await page.getByRole("combobox").fill("gram");
    await page.keyboard.press("Enter");
    await drag(0.2, 0.6);
    assert.equal(await filter(), "gram time:20..60");
    await page.waitForSelector(".range.is-part");
    await drag(0.7, 0.3);
    assert.equal(await filter(), "gram time:30..70");
    await page.waitForFunction(
      () => document.querySelector(".handle.start")?.getAttribute("aria-valuenow") === "30",
    );
    assert.equal(await slider("Start of Time Range").getAttribute("aria-valuetext"), "30 s");
    assert.equal(await slider("End of Time Range").getAttribute("aria-valuenow"), "70");
    assert.equal(await slider("End of Time Range").getAttribute("aria-valuetext"), "70 s");
  });

  it("drags an end alone, and lets go of the range with a click beside it", async () => {
    await open();
    await shown();
    await drag(0.2, 0.6);
    await page.waitForSelector(".range.is-part");
    await drag(0.6, 0.8);
    assert.equal(await filter(), "time:20..80");
    await page.locator(".overview").click({ position: { x: 20, y: 20 } });
    assert.equal(await filter(), "");
    await page.waitForSelector(".range:not(.is-part)");
    await page.locator(".overview").click({ position: { x: 20, y: 20 } });
    assert.equal(await filter(), "");
  });

  it("leaves a range alone that is being dragged while datagrams come", async () => {
    await open();
    await shown();
    const box = await page.locator(".overview").boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 0.2 * box.width, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.6 * box.width, box.y + 10);
    const asked = (await received(page, "askOverview")).length;
    await page.evaluate(() => window.fakeHost.note(5, "x"));
    await page.waitForFunction(
      (count) =>
        window.fakeHost.received.filter(({ type }) => type === "askOverview").length > count,
      asked,
    );
    await nextFrame(page);
    assert.equal(await slider("Start of Time Range").getAttribute("aria-valuenow"), "20");
    await page.mouse.up();
    assert.equal(await filter(), "time:20..60");
  });

  it("shows a range that was typed, and none when it is gone", async () => {
    await open();
    await shown();
    await page.getByRole("combobox").fill("time:25..50");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".range.is-part");
    assert.equal(await slider("Start of Time Range").getAttribute("aria-valuenow"), "25");
    await page.getByRole("combobox").fill("time:>25");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".range:not(.is-part)");
  });

  it("needs no mouse", async () => {
    await open();
    await shown();
    await slider("Start of Time Range").focus();
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.equal(await filter(), "time:11..100");
    await slider("End of Time Range").focus();
    await page.keyboard.press("PageDown");
    await page.keyboard.press("ArrowRight");
    assert.equal(await filter(), "time:11..91");
    await page.keyboard.press("Home");
    assert.equal(await filter(), "time:11..11", "no end passes the other one");
    await page.keyboard.press("Escape");
    assert.equal(await filter(), "");
  });
});

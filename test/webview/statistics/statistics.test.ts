import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type {
  CountedTable,
  FromWebview,
  StatisticsLine,
  ToWebview,
} from "../../../extension/webview/statistics/protocol.ts";
import { violations } from "../datagrams/accessibility.ts";
import { sharedBrowser } from "../datagrams/browser.ts";
import {
  type Bundle,
  bundlePage,
  type FrameOptions,
  openBundle,
  takePicture,
} from "../datagrams/page.ts";
import { type ThemeName, themes } from "../datagrams/themes.ts";
import {
  CONVERSATIONS,
  installStatisticsHost,
  QUESTION,
  type StatisticsHost,
  tableOf,
} from "./fake_host.ts";

type WithHost = Window & { statisticsHost: StatisticsHost };

describe("the page of the statistics", function () {
  this.timeout(60_000);
  let bundle: Bundle;
  let page: Page;

  before(async () => {
    bundle = await bundlePage("statistics");
  });

  afterEach(() => page.context().close());

  async function open(options: FrameOptions = {}, table = tableOf(CONVERSATIONS)): Promise<void> {
    const frame = { width: 1280, height: 500, inEditor: true, ...options };
    page = await openBundle(await sharedBrowser(), bundle, frame, (it) =>
      it.addInitScript(installStatisticsHost, QUESTION),
    );
    await send(table);
  }

  const send = (message: ToWebview) =>
    page.evaluate((it) => (window as unknown as WithHost).statisticsHost.send(it), message);
  const received = (): Promise<readonly FromWebview[]> =>
    page.evaluate(() => (window as unknown as WithHost).statisticsHost.received);
  const last = async () => (await received()).at(-1);
  const names = () => page.locator("tbody th").allTextContents();
  const cells = (row: number) => page.locator("tbody tr").nth(row).locator("td").allTextContents();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-key"));

  it("shows the lines, the largest first, and what is not known as that", async () => {
    await open();
    assert.deepEqual(await names(), [
      "127.0.0.1:48760 ↔ 127.0.0.1:7777",
      "127.0.0.1:6006 → 127.0.0.1:5005",
      "127.0.0.1:53211 ↔ 127.0.0.1:9999",
    ]);
    assert.deepEqual(await cells(0), [
      ...["60,050", "56,716", "2.88 MB", "1.13 MB", "5,000/s", "95.1 %", "3,334", "82", "0"],
      ...["0.20 ms", "0.41 ms", "0.08 ms", "0.06 ms", "0.31 ms", "93.8 ms"],
    ]);
    assert.equal((await cells(1)).at(-1), "–");
    const foot = await page.locator("tfoot tr").last().locator("th, td").allTextContents();
    assert.deepEqual(foot.slice(0, 3), ["3 conversations", "66,053", "56,719"]);
    assert.match((await page.locator(".count").textContent()) ?? "", /122,772 of 122,772/);
  });

  it("sorts by a heading, the other way the second time, and what is not known comes last either way", async () => {
    await open();
    const heading = page.getByRole("columnheader", { name: "Answer after: p99" });
    await heading.getByRole("button").click();
    assert.equal(await heading.getAttribute("aria-sort"), "descending");
    const first = (lines: readonly string[]) => lines.map((name) => name.split(" ")[0]);
    assert.deepEqual(first(await names()), [
      "127.0.0.1:48760",
      "127.0.0.1:53211",
      "127.0.0.1:6006",
    ]);
    await page.keyboard.press("Enter");
    assert.equal(await heading.getAttribute("aria-sort"), "ascending");
    assert.deepEqual(first(await names()), [
      "127.0.0.1:53211",
      "127.0.0.1:48760",
      "127.0.0.1:6006",
    ]);
    await page.getByRole("button", { name: "Between" }).click();
    assert.deepEqual(first(await names()), [
      "127.0.0.1:6006",
      "127.0.0.1:48760",
      "127.0.0.1:53211",
    ]);
    await page.getByRole("button", { name: "Copy" }).click();
    assert.deepEqual(await last(), { type: "copy", order: [2, 1, 0] });
  });

  it("narrows the grid to the line that is clicked, or chosen by keys", async () => {
    await open();
    await page.locator("tbody tr").nth(2).click();
    const { name, peer } = CONVERSATIONS[0] as StatisticsLine;
    assert.deepEqual(await last(), { type: "narrow", name, peer });
    await page.keyboard.press("Home");
    assert.equal(await focused(), "127.0.0.1:48760 127.0.0.1:7777");
    await page.keyboard.press("F8");
    assert.equal(await focused(), "127.0.0.1:6006 127.0.0.1:5005");
    await page.keyboard.press("F8");
    assert.equal(
      await focused(),
      "127.0.0.1:48760 127.0.0.1:7777",
      "nothing was lost in the third",
    );
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.deepEqual(await last(), {
      type: "narrow",
      name: "127.0.0.1:6006",
      peer: "127.0.0.1:5005",
    });
  });

  it("keeps the focus in its line while others come, and touches nothing that stays as it is", async () => {
    await open();
    await page.locator("tbody tr").nth(1).focus();
    const cell = await page.locator("tbody tr").nth(1).locator("td").nth(3).elementHandle();
    const larger = { name: "10.0.0.1:1", peer: "10.0.0.2:2", figures: { forward: 1e6, back: 0 } };
    await send(tableOf([...CONVERSATIONS, larger]));
    assert.equal((await names())[0], "10.0.0.1:1 → 10.0.0.2:2");
    assert.equal(await focused(), "127.0.0.1:6006 127.0.0.1:5005");
    const same = await page.locator("tbody tr").nth(2).locator("td").nth(3).elementHandle();
    assert.ok(await page.evaluate(([one, other]) => one === other, [cell, same]));
  });

  it("asks for another way to count, once it is said what that is by", async () => {
    await open();
    await page.getByRole("radio", { name: "Endpoints" }).check();
    assert.deepEqual(await last(), { type: "ask", question: { ...QUESTION, by: "endpoint" } });
    const asked = (await received()).length;
    await page.getByRole("radio", { name: "A Field" }).check();
    const field = page.getByRole("combobox", { name: "Field" });
    await field.waitFor();
    assert.deepEqual(
      (await received()).slice(asked).map(({ type }) => type),
      ["askFields"],
      "nothing is counted before there is a field",
    );
    await send({ type: "fields", names: ["tracker.seq", "tracker.type"] });
    await field.fill("tracker.type");
    await field.press("Enter");
    const byType = { ...QUESTION, by: "field", field: "tracker.type" } as const;
    assert.deepEqual(await last(), { type: "ask", question: byType });
    await page.getByRole("combobox", { name: "Gaps in" }).fill("tracker.seq");
    await page.keyboard.press("Enter");
    const question = { ...byType, sequence: "tracker.seq" };
    assert.deepEqual(await last(), { type: "ask", question });
    const figures = { forward: 5877, lostForward: 60, sequenceMissing: 60, sequenceLast: 6000 };
    await send(
      tableOf(
        [
          { name: "sample", figures },
          { name: "", figures: { forward: 3 } },
        ],
        { question },
      ),
    );
    assert.deepEqual(await names(), ["sample", "no such field"]);
    const bad = await page.locator("tbody tr").first().locator(".bad").allTextContents();
    assert.deepEqual(bad, ["60", "60"]);
  });

  it("says what is wrong with the filter, how far it has read, and how many lines there are beyond those shown", async () => {
    await open();
    const many = Array.from({ length: 700 }, (_, index) => ({
      name: `10.0.0.1:${index}`,
      peer: "10.0.0.2:5",
      figures: { forward: 700 - index, back: 0 },
    }));
    const change: Partial<CountedTable> = {
      problem: "There is no field udb.port.",
      progress: 0.4,
      others: { forward: 9000, back: 1, share: 0.2 },
    };
    await send(tableOf(many, change));
    assert.equal(await page.getByRole("alert").textContent(), "There is no field udb.port.");
    assert.equal(await page.getByRole("progressbar").getAttribute("value"), "0.4");
    assert.equal((await names()).length, 500);
    assert.match((await page.locator(".rest").textContent()) ?? "", /first 500 of 700/);
    assert.equal(await page.locator("tfoot th").first().textContent(), "others, counted together");
  });

  it("has at little room the few columns that count, and in its menu the others", async () => {
    await open({ width: 420 });
    const heads = () => page.locator("thead tr").last().getByRole("button").allTextContents();
    assert.deepEqual(await heads(), ["Between", "→", "→", "median"]);
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Rate: datagrams a second" }).click();
    assert.deepEqual(await heads(), ["Between", "→", "Rate", "→", "median"]);
  });

  for (const name of Object.keys(themes) as ThemeName[]) {
    it(`is legible and accessible in the theme ${name}, wide and narrow`, async () => {
      await open({ theme: name });
      await page.locator("tbody tr").first().focus();
      assert.deepEqual(await violations(page), []);
      await takePicture(page, `statistics-${name}`);
      await page.setViewportSize({ width: 420, height: 500 });
      await page.waitForFunction(() => document.querySelectorAll("thead button").length === 4);
      assert.deepEqual(await violations(page), []);
      await takePicture(page, `statistics-${name}-narrow`);
    });
  }
});

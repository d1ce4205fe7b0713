import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { nextFrame, received, settled } from "./rows.ts";
import { WebviewSuite } from "./suite.ts";

/** What takes less is over before anybody is told. */
const MOMENT_MS = 400;

describe("what the datagrams page says about its capture", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;
  type Change = Parameters<Window["fakeHost"]["tell"]>[0];

  const tell = async (change: Change) => {
    await page.evaluate((given) => window.fakeHost.tell(given), change);
    await nextFrame(page);
  };
  const bar = () => page.getByRole("progressbar");
  const remarks = () => page.locator(".remarks li span").allTextContents();

  beforeEach(async () => {
    page = await webview.open({ count: 20 });
    await settled(page);
  });

  it("is nothing where all is well", async () => {
    for (const part of [".status", ".remarks", ".progress"]) {
      assert.equal(await page.isVisible(part), false, part);
    }
  });

  it("is how many datagrams are missing and had to go, and that the rows are held", async () => {
    const notRecordedOf = "a.ts 127.0.0.1:9999: 1,377 not recorded";
    await tell({ notRecorded: 1377, notRecordedOf, evicted: 2048, paused: true });
    assert.equal(await page.getAttribute(".status .lost", "title"), notRecordedOf);
    assert.deepEqual(await page.locator(".status span span").allTextContents(), [
      "Paused",
      "1,377 not recorded",
      "2,048 removed",
    ]);
    await tell({ notRecorded: 0, evicted: 0, paused: false });
    assert.equal(await page.isVisible(".status"), false);
  });

  it("says nothing of what is over in a moment, so that rows stay where they are", async () => {
    const top = () => page.$eval(".rows", (rows) => rows.getBoundingClientRect().top);
    const before = await top();
    const { moved, looked } = await page.evaluate(async (moment) => {
      const place = () => document.querySelector(".rows")?.getBoundingClientRect().top;
      const start = place();
      let moved = 0;
      let looked = 0;
      for (let search = 0; search < 30; search++) {
        const began = performance.now();
        window.fakeHost.tell({ progress: 0.99 });
        await new Promise(requestAnimationFrame);
        const isMoved = place() !== start;
        // On a machine that is busy, a frame may be no moment.
        if (performance.now() - began < moment) {
          looked++;
          if (isMoved) moved++;
        }
        await window.fakeHost.tell({ progress: undefined });
        await new Promise(requestAnimationFrame);
      }
      return { moved, looked };
    }, MOMENT_MS);
    assert.ok(looked > 0);
    assert.equal(moved, 0);
    assert.equal(await top(), before);
  });

  it("is how far a file has been read, which can be ended", async () => {
    await tell({ progress: 0.427 });
    await page.waitForSelector(".status:visible");
    assert.equal(await bar().getAttribute("aria-valuenow"), "42");
    assert.equal(await page.textContent(".reading"), "Reading: 42 %");
    const box = await bar().boundingBox();
    assert.deepEqual([box?.y, box?.height, box?.width], [0, 2, 330]);
    const drawn = await bar().evaluate((element) => getComputedStyle(element, "::before").width);
    assert.equal(Math.round(Number.parseFloat(drawn)), Math.round(330 * 0.42));
    const cancel = page.getByRole("button", { name: "Cancel" });
    await cancel.click();
    assert.equal((await received(page, "cancel")).length, 1);
    assert.ok(await cancel.isDisabled(), "once is enough");
    await tell({ progress: 1 });
    assert.equal(await bar().getAttribute("aria-valuenow"), "100");
    await tell({ progress: undefined });
    assert.equal(await page.isVisible(".status"), false);
    assert.equal(await page.isVisible(".progress"), false);
    await tell({ progress: 0 });
    await page.waitForSelector(".status:visible");
    assert.equal(await bar().getAttribute("aria-valuenow"), "0");
    assert.ok(await cancel.isEnabled(), "another file");
  });

  it("is each remark until it is put away, also when the page is shown again", async () => {
    const [one, two] = ["12 packets are not UDP.", "The file ends in the middle of a packet."];
    await tell({ remarks: [one ?? "", two ?? ""] });
    assert.deepEqual(await remarks(), [one, two]);
    await page.locator(".remarks li").first().getByRole("button", { name: "Close" }).click();
    assert.deepEqual(await remarks(), [two]);
    await tell({});
    assert.deepEqual(await remarks(), [two]);
    await page.reload();
    await settled(page);
    await tell({ remarks: [one ?? "", two ?? "", "Another one."] });
    assert.deepEqual(await remarks(), [two, "Another one."]);
    await tell({ remarks: [] });
    assert.equal(await page.isVisible(".remarks"), false);
  });

  it("keeps the button in focus that is being used while it is told again and again", async () => {
    await tell({ progress: 0.1, remarks: ["A remark."] });
    await page.waitForSelector(".status:visible");
    for (const name of ["Cancel", "Close"]) {
      const button = page.getByRole("button", { name }).first();
      await button.focus();
      await tell({ progress: 0.2 });
      assert.ok(await button.evaluate((element) => element === document.activeElement), name);
    }
  });
});

import assert from "node:assert/strict";
import { violations } from "../datagrams/accessibility.ts";
import { takePicture } from "../datagrams/page.ts";
import { type ThemeName, themes } from "../datagrams/themes.ts";
import { SENDER, START, trackerTable } from "./tracker.ts";
import { type ValuesHost, ValuesSuite } from "./values_suite.ts";

const key = (field: string, sender = SENDER) => `${sender}\t${field}`;

/** Draws fields by their boxes, and waits until they are. */
async function draw(host: ValuesHost, ...fields: readonly string[]): Promise<void> {
  for (const field of fields) {
    await host.page.getByRole("checkbox", { name: `Plot ${field} of ${SENDER}` }).check();
  }
  const all = fields.map((field) => key(field)).join();
  await host.heard("view", ({ view }) => view.lines.join() === all);
  await host.page.locator(".has-plot canvas").waitFor();
}

describe("the page of values", function () {
  this.timeout(30_000);
  const suite = ValuesSuite.here();

  it("tells of each field of each sender what it comes to", async () => {
    const { page } = await suite.open(trackerTable(6000));
    await page.getByRole("cell", { name: "temp", exact: true }).waitFor();
    const row = page.getByRole("row").filter({ hasText: "seq" });
    await row.waitFor();
    const told = await row.getByRole("cell").allInnerTexts();
    assert.deepEqual(told.slice(1, 9), [
      ...[SENDER, "seq", "5,999", "0.4 s", "49.5/s", "1", "5,999", "–"],
    ]);
    assert.equal(
      await row.getAttribute("title"),
      "Counts the datagrams: what is missing is told by it.",
    );
  });

  it("draws what is chosen, with a mark at each lost datagram, and keeps the choice", async () => {
    const host = await suite.open(trackerTable(6000));
    await draw(host, "temp", "volt");
    const { lines } = await host.heard("keep", (message) => message.lines.length === 2);
    assert.deepEqual(lines, [key("temp"), key("volt")]);
    const legend = host.page.locator(".legend");
    await legend.getByText("60 lost (1.0 %)").waitFor();
    await legend.getByText("temp °C left").waitFor();
    await legend.getByText("volt V right").waitFor();
    await host.page.locator(".range").getByText("5,940 of 6,000 arrived").waitFor();
  });

  it("makes a drag the time filter of the grid, and Escape takes it away", async () => {
    const host = await suite.open(trackerTable(6000), { filter: "port:5005" });
    await draw(host, "temp");
    const over = host.page.locator(".over");
    const box = (await over.boundingBox()) ?? assert.fail("no plot");
    await host.page.mouse.move(box.x + box.width * 0.5, box.y + 50);
    await host.page.mouse.down();
    await host.page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 5 });
    await host.page.mouse.up();
    const { text } = await host.heard("filter");
    const [, from, to] = /^port:5005 time:([\d.]+)\.\.([\d.]+)$/.exec(text) ?? assert.fail(text);
    assert.ok(Math.abs(Number(from) - 60) < 0.5 && Math.abs(Number(to) - 90) < 0.5, text);
    const figures = host.page.locator(".range").getByText(/^1,4\d\d of 1,[45]\d\d arrived/);
    await figures.waitFor();
    await host.page.locator(".stage").focus();
    await host.page.keyboard.press("Escape");
    await host.heard("filter", (message) => message.text === "port:5005");
  });

  it("leads with a click to the row", async () => {
    const host = await suite.open(trackerTable(6000));
    await draw(host, "temp");
    const box = (await host.page.locator(".over").boundingBox()) ?? assert.fail("no plot");
    await host.page.mouse.click(box.x + box.width / 2, box.y + 40);
    const { x, key: line } = await host.heard("row");
    assert.equal(line, key("temp"));
    assert.ok(Math.abs(x - START - 60e6) < 0.3e6, `${x - START}`);
  });

  it("goes from sample to sample by keyboard, to what was lost, and says where it is", async () => {
    const host = await suite.open(trackerTable(6000));
    await draw(host, "temp");
    const said = host.page.locator(".unseen[aria-live]");
    await host.page.locator(".stage").focus();
    await host.page.keyboard.press("ArrowRight");
    await said
      .filter({ hasText: /^temp [\d.]+ °C, 12:0\d:\d\d\.\d\d\d$/ })
      .waitFor({ state: "attached" });
    const first = (await said.textContent()) ?? "";
    await host.page.keyboard.press("ArrowRight");
    await said.filter({ hasNotText: first }).waitFor({ state: "attached" });
    await host.page.keyboard.press("F8");
    await said.filter({ hasText: /lost, 12:0/ }).waitFor({ state: "attached" });
    await host.page.keyboard.press("Enter");
    const { x } = await host.heard("row");
    assert.equal(((x - START) / 20_000) % 100, 99, "a lost one");
    await host.page.keyboard.press("+");
    const { view } = await host.heard("view", (message) => message.view.range !== undefined);
    assert.ok(view.range && view.range.to - view.range.from < 61e6);
    await host.page.keyboard.press("0");
    await host.heard("view", (message) => message !== undefined && host.view.range === undefined);
  });

  it("finds fields, and sorts them without moving what stays", async () => {
    const host = await suite.open(trackerTable(600));
    const fields = () => host.page.locator("td.field:visible").allInnerTexts();
    await host.page.getByRole("cell", { name: "temp", exact: true }).waitFor();
    assert.deepEqual(await fields(), ["id", "seq", "temp", "uptime", "volt"]);
    await host.page.getByRole("button", { name: "Max" }).click();
    assert.deepEqual(await fields(), ["volt", "id", "temp", "seq", "uptime"]);
    const heading = host.page.getByRole("columnheader", { name: "Max" });
    assert.equal(await heading.getAttribute("aria-sort"), "ascending");
    await host.page.getByRole("button", { name: "Max" }).click();
    assert.equal((await fields())[0], "uptime");
    const before = await host.page.locator("tbody tr").first().elementHandle();
    await host.tell();
    assert.ok(await before?.evaluate((row) => row === document.querySelector("tbody tr")));
    await host.page.getByRole("searchbox").fill("VOL");
    assert.deepEqual(await fields(), ["volt"]);
  });

  it("goes along another field where one is chosen", async () => {
    const host = await suite.open(trackerTable(600));
    await draw(host, "temp");
    await host.page.getByRole("combobox").selectOption("uptime");
    const { view } = await host.heard("view", (message) => message.view.x === "uptime");
    assert.equal(view.brush, undefined);
    await host.page.locator(".range").getByText("4,812,020 – 4,823,980").waitFor();
  });

  it("saves a picture as PNG and as SVG", async () => {
    const host = await suite.open(trackerTable(6000));
    await draw(host, "temp");
    await host.page.getByRole("button", { name: "Save as..." }).click();
    await host.page.getByRole("menuitem", { name: "SVG" }).click();
    const svg = await host.heard("save", ({ format }) => format === "svg");
    const text = new TextDecoder().decode(svg.bytes);
    assert.match(text, /^<svg .*<clipPath .*temp °C · 127\.0\.0\.1:6006.*<\/svg>\s*$/s);
    assert.doesNotMatch(text, /NaN|undefined|Infinity/);
    await host.page.getByRole("button", { name: "Save as..." }).click();
    await host.page.getByRole("menuitem", { name: "PNG" }).click();
    const png = await host.heard("save", ({ format }) => format === "png");
    assert.deepEqual([...png.bytes.subarray(1, 4)], [...Buffer.from("PNG")]);
  });

  for (const theme of Object.keys(themes) as ThemeName[]) {
    it(`is accessible and has its colours in the theme ${theme}, narrow and wide`, async () => {
      for (const [width, height] of [
        [924, 730],
        [420, 600],
      ] as const) {
        const host = await suite.open(trackerTable(2000), { theme, width, height });
        host.selected = START + 12e6;
        await draw(host, "temp", "volt");
        await host.page.locator(".range").getByText("of 2,000 arrived").waitFor();
        await takePicture(host.page, `values-${theme}-${width}`);
        assert.deepEqual(await violations(host.page), []);
      }
    });
  }
});

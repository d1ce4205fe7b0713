import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { cacheFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { tappedRows } from "../support/port_rows.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { Theme, Workbench } from "../support/workbench.ts";
import { chooseInMenu } from "./context_menu.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

const THEMES: readonly Theme[] = [
  "Dark Modern",
  "Light Modern",
  "Dark High Contrast",
  "Light High Contrast",
];

describe("the grid, filtered and in an editor", function () {
  this.timeout(300_000);
  let workbench: Workbench;

  before(async () => {
    workbench = await (await sharedVscode()).openWorkbench({
      viewport: { width: 1400, height: 1000 },
    });
    const port = String(await freeUdpPort());
    await runAnswering(workbench, "UDP: Start Server...", [undefined, port]);
    await workbench.terminals.showing(`Bind UDP on ${port}...`);
    await runAnswering(workbench, "UDP: Start Client...", [undefined, port]);
    await (await DatagramsGrid.in(workbench)).waitForDelivered(6);
  });

  after(async () => {
    await workbench?.runCommand("UDP: Stop All");
    await workbench?.close();
  });

  const filterBox = (frame: Frame) => frame.getByRole("combobox");

  it("shows what passes the filter, and all of it again without one", async () => {
    const grid = await DatagramsGrid.in(workbench);
    const box = filterBox(grid.frame);
    await box.fill("hello -tracy");
    await box.press("Enter");
    const rows = await grid.waitForRows(2);
    assert.deepEqual(
      rows.map(({ Payload }) => Payload),
      ["Hello, Michael!", "Hello, Sarah!"],
    );
    assert.deepEqual(await grid.frame.locator(".rows mark").allTextContents(), ["Hello", "Hello"]);
    await box.fill("dir:sideways");
    await box.press("Enter");
    await grid.frame.getByText("sideways is none of").waitFor();
    assert.equal((await grid.waitForRows(2)).length, 2, "the filter before it still applies");
    await grid.frame.getByRole("button", { name: "Clear Filter" }).click();
    await grid.waitForRows(6);
  });

  it("exports what passes the filter or is selected: each datagram once, although both ends have recorded it", async () => {
    const grid = await DatagramsGrid.in(workbench);
    await filterBox(grid.frame).fill("hello -tracy");
    await filterBox(grid.frame).press("Enter");
    await grid.waitForRows(2);
    const filtered = await exported("What passes the filter", "CSV", "udp.csv");
    assert.deepEqual(
      filtered.slice(1).map((line) => line.split(",")[10]),
      ['"Hello', '"Hello'],
    );
    await grid.select(1);
    const selected = await exported("What is selected", "JSON Lines", "udp.jsonl");
    const hex = Buffer.from("Hello, Sarah!").toString("hex");
    assert.deepEqual(
      selected.map((line) => JSON.parse(line).udp["udp.payload"].replaceAll(":", "")),
      [hex],
    );
    await grid.frame.getByRole("button", { name: "Clear Filter" }).click();
    await grid.waitForRows(6);
  });

  it("copies what is selected with Ctrl+C, as text", async () => {
    const { page } = workbench;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.evaluate(() => navigator.clipboard.writeText("nothing copied"));
    const grid = await DatagramsGrid.in(workbench);
    const box = filterBox(grid.frame);
    await box.fill("dir:out");
    await box.press("Enter");
    await grid.waitForRows(3);
    // The second of all, again after another one: the detail was there already when it came.
    for (const position of [0, 2, 0]) await grid.select(position);
    assert.match(await grid.detailText(), /^2 · /);
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Control+c");
    const copied = await workbench.waitFor(
      "two datagrams on the clipboard",
      () => page.evaluate(() => navigator.clipboard.readText()),
      (text) => text !== "nothing copied",
    );
    assert.equal(copied.trimEnd(), "Hello, Michael!\nHello, Tracy!");
    await grid.frame.getByRole("button", { name: "Clear Filter" }).click();
    await grid.waitForRows(6);
  });

  /** Answers what Export Capture asks, takes the place that it proposes, and reads the lines that it writes. */
  async function exported(scope: string, format: string, name: string): Promise<string[]> {
    await workbench.runCommand("UDP: Export Capture...");
    await workbench.quickInput.shown("(1/2)");
    await workbench.quickInput.accept(scope);
    await workbench.quickInput.shown("(2/2)");
    await workbench.quickInput.accept(format);
    const proposed = await workbench.waitFor(
      "the dialog that asks for the place",
      async () => (await workbench.quickInput.state())?.value ?? "",
      (value) => value.endsWith(name),
    );
    await workbench.quickInput.acceptPath(proposed);
    const { message } = await workbench.notifications.showing(name);
    const path = /^Exported \d datagrams? to (.*)\.$/.exec(message)?.[1] ?? "";
    return (await readFile(path, "utf8")).trimEnd().split(/\r?\n/);
  }

  it("follows what a peer in Bound Ports says with the port, from its menu", async () => {
    const tree = workbench.tree("Bound Ports");
    const [, peer] = await tree.waitForRows("a peer", (rows) => tappedRows(rows).length === 2);
    const grid = await DatagramsGrid.in(workbench);
    await chooseInMenu(workbench, "Follow Conversation", () =>
      tree.row(peer?.label ?? "").click({ button: "right" }),
    );
    const strip = grid.frame.getByRole("region", { name: "Conversation" });
    await strip.getByText(/^3 requests, 3 answers, 0 lost, median/).waitFor();
    await grid.waitForRows(6);
    await strip.getByRole("button", { name: "Close" }).click();
    await strip.waitFor({ state: "hidden" });
  });

  it("narrows to a port and to a peer that are selected in Bound Ports, and widens again", async () => {
    const tree = workbench.tree("Bound Ports");
    const [server, peer] = await tree.waitForRows(
      "a port and a peer",
      (rows) => tappedRows(rows).length === 2,
    );
    const grid = await DatagramsGrid.in(workbench);
    await tree.row(peer?.label ?? "").click();
    await workbench.waitFor(
      "the filter for the peer",
      () => filterBox(grid.frame).inputValue(),
      (text) => text === `socket:${server?.label} addr:${peer?.label}`,
    );
    await grid.waitForRows(6);
    await tree.row(server?.label ?? "").click();
    await workbench.waitFor(
      "the filter for the port",
      () => filterBox(grid.frame).inputValue(),
      (text) => text === `socket:${server?.label}`,
    );
    await grid.frame.getByRole("button", { name: "Clear Filter" }).click();
    await grid.waitForRows(6);
  });

  it("opens wide in an editor tab that looks right in every theme", async () => {
    await workbench.runCommand("UDP: Open Datagrams in Editor");
    const grid = await DatagramsGrid.in(workbench, "UDP Datagrams");
    const rows = await grid.waitForRows(6);
    assert.equal(rows[0]?.Payload, "Michael");
    await grid.select(1);
    for (const theme of THEMES) {
      await workbench.setTheme(theme);
      await grid.waitUntilItFits();
      const name = `editor-${theme}.png`.toLowerCase().replaceAll(" ", "-");
      await workbench.screenshot(join(cacheFolder, "pictures", name));
    }
    await workbench.setTheme("Dark Modern");
  });
});

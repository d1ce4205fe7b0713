import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import type { Frame } from "playwright-core";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { clearDatagrams } from "./clean_window.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { flood } from "./flood.ts";

/** MiB; the least that the setting allows, which is two segments. */
const QUOTA = 64;

describe("a flood of datagrams", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  let workbench: Workbench;

  before(async () => {
    vscode = await Vscode.start({ settings: { "udpWorkbench.captureQuota": QUOTA } });
    workbench = await vscode.openWorkbench();
    await workbench.openContainer("UDP");
  });
  after(() => vscode?.close());
  afterEach(async () => {
    await clearDatagrams(workbench);
  });

  const page = async () => (await DatagramsGrid.in(workbench)).frame;
  const countShown = (frame: Frame) => frame.locator(".filter .count").textContent();
  /** Waits for the text beside the filter. */
  const waitForCount = (frame: Frame, text: string) =>
    workbench.waitFor(
      `"${text}" beside the filter`,
      () => countShown(frame),
      (shown) => shown === text,
    );

  it("is in the open panel to the last one, or counted there as missing", async () => {
    const { sent, rows, notRecorded, evicted } = await flood(vscode, workbench, {
      rate: 50_000,
      seconds: 4,
    });
    assert.ok(sent > 10_000, `${sent} were sent`);
    assert.equal(rows + notRecorded, sent);
    assert.equal(evicted, 0);
  });

  it("waits below while somebody reads above, and while the panel is paused", async () => {
    const frame = await page();
    const grid = frame.getByRole("grid");
    await flood(vscode, workbench, { rate: 1000, seconds: 1 });
    await grid.focus();
    await workbench.page.keyboard.press("Home");
    await frame.locator("#detail").getByText(/^1 · /).waitFor();
    const more = await flood(vscode, workbench, { rate: 100, seconds: 1 });
    const button = frame.getByRole("button", { name: `${more.sent} new`, exact: true });
    await button.waitFor();
    assert.equal(await grid.evaluate(({ scrollTop }) => scrollTop), 0);
    await button.click();
    const total = Number(await grid.getAttribute("aria-rowcount"));
    await frame.locator(`[role=row][aria-rowindex="${total}"]`).waitFor();
    await button.waitFor({ state: "hidden" });

    await workbench.runCommand("UDP: Pause Datagrams");
    await frame.locator(".status").getByText("Paused").waitFor();
    await workbench.runCommand("UDP: Open Datagrams in Editor");
    const editor = (await DatagramsGrid.in(workbench, "UDP Datagrams")).frame;
    await editor.locator(".status").getByText("Paused").waitFor();
    let program: ChildProcess | undefined;
    const started = (sending: ChildProcess) => {
      program = sending;
    };
    const during = flood(vscode, workbench, { rate: 100, seconds: 120, started });
    await workbench
      .tree("Bound Ports")
      .waitForRows("what is sent meanwhile", (rows) =>
        rows.some(({ ariaLabel }) => /, [1-9][\d,]* out.*flood_program/.test(ariaLabel)),
      );
    assert.equal(Number(await grid.getAttribute("aria-rowcount")), total);
    const tab = workbench.page.locator(".editor-actions").getByLabel("Resume Datagrams");
    await tab.first().click();
    program?.kill("SIGINT");
    const { sent } = await during;
    for (const shown of [grid, editor.getByRole("grid")]) {
      await workbench.waitFor(
        "all that came meanwhile",
        async () => Number(await shown.getAttribute("aria-rowcount")) === total + sent,
      );
    }
    await workbench.runCommand("View: Close Editor");
  });

  it("leaves what somebody looks at where it is when the oldest datagrams have to go", async () => {
    const options = { rate: 2500, seconds: 2, length: 8000 };
    const first = await flood(vscode, workbench, options);
    assert.equal(first.evicted, 0);
    const frame = await page();
    const grid = frame.getByRole("grid");
    await grid.focus();
    await workbench.page.keyboard.press("End");
    for (let step = 0; step < 3; step++) await workbench.page.keyboard.press("ArrowUp");
    const detail = frame.locator("#detail h2");
    await workbench.waitFor(
      "the detail",
      () => detail.textContent(),
      (text) => text?.split(" ")[0]?.replace(",", "") === String(first.rows - 3),
    );
    // The detail takes room from the rows, whose selected one stays in view.
    const looked = await workbench.waitFor(
      "the selected row above the detail",
      () => selectedRow(frame),
      (row) => row !== undefined && row.top + row.height < row.end + 1,
    );
    assert.ok(looked);
    const second = await flood(vscode, workbench, options);
    assert.ok(second.evicted > 0, "nothing had to go");
    assert.equal(second.rows + second.evicted, second.sent);
    // The line above the rows that says what is gone takes room of its own, less than a row's.
    await workbench.waitFor(
      `the row of ${looked.time} where it was, at ${looked.top}`,
      () => selectedRow(frame),
      (now) => now?.time === looked.time && Math.abs((now?.top ?? 0) - looked.top) < looked.height,
    );
    await frame
      .locator(".status .evicted")
      .getByText(/^[\d,]+ removed$/)
      .waitFor();
  });

  it("passes the filter again after the window was reloaded", async () => {
    await flood(vscode, workbench, { rate: 500, seconds: 1 });
    const before = await page();
    await before.getByRole("combobox").fill("time:<0.2");
    await before.getByRole("combobox").press("Enter");
    const text = await workbench.waitFor(
      "fewer rows",
      async () => (await countShown(before)) ?? "",
      (shown) =>
        /^\d+ of \d+$/.test(shown) && Number.parseInt(shown, 10) !== Number(shown.split(" ")[2]),
    );
    await workbench.reload();
    const after = await page();
    await waitForCount(after, text);
    assert.equal(await after.getByRole("combobox").inputValue(), "time:<0.2");
    await after.getByRole("button", { name: "Clear Filter" }).click();
    const all = text.split(" ")[2] ?? "";
    await waitForCount(after, `${all} of ${all}`);
  });

  interface SelectedRow {
    readonly time: string;
    readonly top: number;
    readonly height: number;
    /** Where the view of the rows ends. */
    readonly end: number;
  }

  /** What the selected row shows and where, in pixels of the page; undefined while it is not drawn. */
  function selectedRow(frame: Frame): Promise<SelectedRow | undefined> {
    return frame.evaluate(() => {
      const rows = document.querySelector(".rows");
      const row = rows?.querySelector("[role=row][aria-selected=true]");
      if (!rows || !row) return undefined;
      const { top, height } = row.getBoundingClientRect();
      const { bottom: end } = rows.getBoundingClientRect();
      return { time: row.querySelector(".time")?.textContent ?? "", top, height, end };
    });
  }
});

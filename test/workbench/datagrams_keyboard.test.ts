import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeServerCapture } from "../bench/generated_capture.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { Stranger } from "../support/script_socket.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { Keyboard } from "./keyboard.ts";
import { runAnswering } from "./questions.ts";

const CAPTURE = "saved.pcapng";
/** More rows than the view has room for. */
const MANY = 30;

describe("the Datagrams view, by keyboard alone", function () {
  this.timeout(180_000);
  let folder: string;
  let port: number;
  let workbench: Workbench;
  let keyboard: Keyboard;
  let grid: DatagramsGrid;
  let stranger: Stranger;

  before(async () => {
    // Before the client: the system could give it the port that the client has left.
    stranger = await Stranger.bind();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-keyboard-"));
    writeServerCapture(join(folder, CAPTURE), 50, 2);
    workbench = await (await sharedVscode()).openWorkbench({
      folder,
      viewport: { width: 1280, height: 1000 },
    });
    await workbench.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    keyboard = new Keyboard(workbench);
    port = await freeUdpPort();
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
    await workbench.terminals.showing(`Bind UDP on ${port}...`);
    await runAnswering(workbench, "UDP: Start Client...", [undefined, String(port)]);
    grid = await DatagramsGrid.in(workbench);
    await grid.waitForDelivered(6);
  });

  beforeEach(() => keyboard.focusView(grid));

  after(async () => {
    stranger?.close();
    await workbench?.runCommand("UDP: Stop All");
    await workbench?.runCommand("UDP: Clear Datagrams");
    await workbench?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const filterIs = (text: string) =>
    workbench.waitFor(
      `the filter "${text}"`,
      () => grid.frame.getByRole("combobox").inputValue(),
      (now) => now === text,
    );

  /** Has something copied; what is on the clipboard then. */
  async function copied(copy: () => Promise<void>): Promise<string> {
    const { page } = workbench;
    await page.evaluate(() => navigator.clipboard.writeText("nothing copied"));
    await copy();
    return workbench.waitFor(
      "a copy on the clipboard",
      () => page.evaluate(() => navigator.clipboard.readText()),
      (text) => text !== "nothing copied",
    );
  }

  it("moves through the rows as soon as the view has the focus", async () => {
    await keyboard.press("Home");
    await grid.showsDetail(1);
    await keyboard.isOn(grid, "Datagrams");
    for (const [key, number] of [
      ["ArrowDown", 2],
      ["End", 6],
      ["ArrowUp", 5],
      ["PageUp", 1],
      ["PageDown", 6],
    ] as const) {
      await keyboard.press(key);
      await grid.showsDetail(number);
    }
  });

  it("reads the detail, its tabs and its bytes, and closes it", async () => {
    const { frame } = grid;
    await keyboard.toGrid(grid);
    await keyboard.press("End");
    await grid.showsDetail(6);
    await keyboard.press("Enter");
    await keyboard.isOn(grid, "Hello, Sarah!");
    await keyboard.press("Shift+Tab");
    await keyboard.isOn(grid, "Text");
    await keyboard.press("ArrowRight");
    await keyboard.isOn(grid, "Hex");
    await keyboard.press("Tab", "ArrowRight", "Shift+ArrowRight");
    await workbench.waitFor(
      "the first two bytes marked",
      () => frame.evaluate(() => [...(CSS.highlights.get("bytes") ?? [])].map(String).join()),
      (marked) => marked.includes("48 65"),
    );
    // Once for the bytes, once for the detail, and once for the row.
    await keyboard.press("Escape", "Escape");
    await keyboard.isOn(grid, "Datagrams");
    await keyboard.press("Escape");
    await frame.locator("#detail").waitFor({ state: "hidden" });
  });

  it("filters, with a completion, and widens again", async () => {
    const { frame } = grid;
    await keyboard.press("Control+f");
    await keyboard.isOn(grid, "Filter");
    await keyboard.type("dir:o");
    await frame.getByRole("option", { name: "out" }).waitFor();
    await keyboard.press("ArrowDown", "Enter");
    await filterIs("dir:out");
    await keyboard.press("Enter");
    await grid.waitForRows(3);
    await keyboard.tabTo(grid, "Clear Filter");
    await keyboard.press("Enter");
    await grid.waitForRows(6);
    await keyboard.isOn(grid, "Filter");
    await keyboard.type("tracy");
    await keyboard.press("Enter");
    await grid.waitForRows(2);
    await keyboard.press("Escape");
    await grid.waitForRows(6);
    await keyboard.press("Escape");
    await keyboard.isOn(grid, "Datagrams");
  });

  it("narrows to a range of time in the overview, and widens again", async () => {
    await keyboard.press("Control+f");
    await keyboard.tabTo(grid, "End of Time Range");
    await keyboard.press("Home");
    const first = await workbench.webviews.grid("Datagrams");
    await first.waitForRows("the first rows alone", (rows) => {
      return rows.length < 6 && rows[0]?.Payload === "Michael";
    });
    await keyboard.press("Escape");
    await grid.waitForRows(6);
    await filterIs("");
  });

  it("chooses what the time column tells", async () => {
    await keyboard.press("Control+f");
    await keyboard.tabTo(grid, "Columns and Time");
    await keyboard.press("Enter");
    await keyboard.isOn(grid, "Time of Day");
    await keyboard.press("ArrowDown");
    await keyboard.isOn(grid, "Since Start");
    await keyboard.press("Enter");
    await keyboard.isOn(grid, "Columns and Time");
    await grid.frame.locator(".rows .time").getByText("0.000 000").first().waitFor();
  });

  it("copies one row by its menu, by either of the keys that open it", async () => {
    for (const key of ["ContextMenu", "Shift+F10"]) {
      await keyboard.focusView(grid);
      await keyboard.toGrid(grid);
      await keyboard.press("Home");
      await grid.showsDetail(1);
      assert.match(
        await copied(() => keyboard.chooseInMenu("Copy as Hex Dump", { key, submenu: "Copy As" })),
        /4d 69 63 68 61 65 6c/,
      );
    }
  });

  it("selects several rows, and copies them", async () => {
    await keyboard.toGrid(grid);
    await keyboard.press("Home", "Shift+ArrowDown");
    await grid.frame.getByText("2 selected").waitFor();
    const two = await copied(() => keyboard.press("Control+c"));
    assert.equal(two.trimEnd(), "Michael\nHello, Michael!");
    await keyboard.press("Control+a");
    await grid.frame.getByText("6 selected").waitFor();
    await keyboard.press("Home");
    await grid.frame.getByText("6 of 6").waitFor();
  });

  it("pauses and goes on", async () => {
    const paused = grid.frame.getByText("Paused", { exact: true });
    await workbench.runCommand("UDP: Pause Datagrams");
    await paused.waitFor();
    await workbench.runCommand("UDP: Resume Datagrams");
    await paused.waitFor({ state: "hidden" });
  });

  describe("with another client and many more rows", () => {
    const ROWS = 6 + 2 * MANY;

    before(async () => {
      for (let count = 0; count < MANY; count++) await stranger.ask("again", port);
      await grid.waitForRows(ROWS);
    });

    it("narrows to a port and to a peer of Bound Ports, and widens again", async () => {
      const tree = workbench.tree("Bound Ports");
      const server = `127.0.0.1:${port}`;
      await workbench.runCommand("UDP: Focus on Bound Ports View");
      await tree.pane.locator(".monaco-list:focus").waitFor();
      await keyboard.toLine(tree, `127.0.0.1:${stranger.port}`);
      await keyboard.press("Enter");
      await filterIs(`socket:${server} addr:127.0.0.1:${stranger.port}`);
      await grid.waitForRows(ROWS - 6);
      await keyboard.press("Home", "Enter");
      await filterIs(`socket:${server}`);
      await grid.waitForRows(ROWS);
      await keyboard.focusView(grid);
      await keyboard.press("Control+f", "Escape");
      await filterIs("");
    });

    it("leaves the end, is told what is new, and follows again", async () => {
      const { frame } = grid;
      await keyboard.toGrid(grid);
      await keyboard.press("End");
      await grid.showsDetail(ROWS);
      await keyboard.press("Home");
      await grid.showsDetail(1);
      await stranger.ask("new", port);
      await frame.getByRole("button", { name: "2 new" }).waitFor();
      await keyboard.press("End");
      await grid.showsDetail(ROWS + 2);
      await frame.locator(".new-rows").waitFor({ state: "hidden" });
    });

    it("goes through the rows of the editor tab", async () => {
      await workbench.runCommand("UDP: Open Datagrams in Editor");
      const editor = await DatagramsGrid.in(workbench, "UDP Datagrams");
      await editor.waitForRows(ROWS + 2);
      await keyboard.inside(editor);
      await keyboard.press("Home");
      await editor.showsDetail(1);
      await keyboard.press("ArrowDown");
      await editor.showsDetail(2);
    });

    it("goes through the rows of a saved capture", async () => {
      await workbench.runCommand("UDP: Open Capture...");
      await workbench.quickInput.acceptPath(join(folder, CAPTURE));
      const saved = await DatagramsGrid.in(workbench, CAPTURE);
      await saved.waitForRows(50);
      await keyboard.inside(saved);
      await keyboard.press("Home");
      await saved.showsDetail(1);
      await keyboard.press("Control+f");
      await keyboard.isOn(saved, "Filter");
    });

    it("clears it all", async () => {
      await workbench.runCommand("UDP: Clear Datagrams");
      await grid.frame.getByText("No datagrams yet.").waitFor();
    });
  });
});

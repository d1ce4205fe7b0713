import assert from "node:assert/strict";
import { join } from "node:path";
import { cacheFolder, projectFolder } from "../support/cache_folder.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { Theme, Workbench } from "../support/workbench.ts";
import { chooseInMenu } from "./context_menu.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";

const THEMES: readonly Theme[] = [
  "Light Modern",
  "Dark High Contrast",
  "Light High Contrast",
  "Dark Modern",
];

describe("what a datagram says", function () {
  this.timeout(300_000);
  let workbench: Workbench;
  let grid: DatagramsGrid;

  before(async () => {
    workbench = await (await sharedVscode()).openWorkbench({
      folder: join(projectFolder, "test/programs"),
      viewport: { width: 1280, height: 1000 },
    });
    await workbench.openContainer("UDP");
    await workbench.runCommand("UDP: Clear Datagrams");
    // From the explorer: an open editor would start a language server beside all this.
    await workbench.openContainer("Explorer");
    const file = workbench.page.locator(".explorer-folders-view .monaco-list-row");
    await chooseInMenu(workbench, "Run File", () =>
      file.filter({ hasText: "dns2.cjs" }).click({ button: "right" }),
    );
    await workbench.openContainer("UDP");
    grid = await DatagramsGrid.in(workbench);
    await grid.waitForRows(2);
  });

  after(async () => {
    await workbench?.runCommand("UDP: Clear Datagrams");
    await workbench?.close();
  });

  it("is told in the words of the protocol that a person chooses, with the bytes of each field", async () => {
    const { frame } = grid;
    await grid.select(1);
    await workbench.runCommand("UDP: Decode As...");
    await workbench.quickInput.shown("What is said on port");
    await workbench.quickInput.pick("DNS");
    const answer = frame.getByRole("treeitem", { name: /192\.0\.2\.7/ });
    await answer.last().click();
    await workbench.waitFor(
      "the bytes of the field to be marked",
      () => frame.evaluate(() => [...(CSS.highlights.get("bytes") ?? [])].map(String)),
      (marked) => /c0 00 02 07/.test(marked.join()),
    );
    await frame
      .locator("#detail")
      .getByText(/Delivered: dns2\.cjs received it \d/)
      .waitFor({ state: "attached" }); // a narrow view hides the sentence
    await grid.select(0);
    await frame
      .getByRole("treeitem", { name: /workbench\.example/ })
      .first()
      .waitFor();
  });

  it("says why it is no message of another protocol, and is what it was without one", async () => {
    const { frame } = grid;
    await workbench.runCommand("UDP: Decode As...");
    await workbench.quickInput.pick("CoAP");
    await frame
      .getByRole("tabpanel")
      .getByText(/^This is no CoAP message\./)
      .waitFor();
    await frame.getByRole("tab", { name: "CoAP" }).waitFor();
    await frame.locator("#panel-decoded").getByRole("button", { name: "Decode As..." }).click();
    await workbench.quickInput.shown("What is said on port");
    await workbench.quickInput.pick("Automatic");
    await frame.getByRole("tab", { name: "CoAP" }).waitFor({ state: "hidden" });
  });

  it("is followed from its row's menu: the grid narrowed to it, with its round trip, and as text", async () => {
    const { frame } = grid;
    const row = frame.locator('[role="row"][aria-rowindex="2"]');
    await chooseInMenu(workbench, "Follow Conversation", () => row.click({ button: "right" }));
    const strip = frame.getByRole("region", { name: "Conversation" });
    await strip.getByText(/^1 request, 1 answer, 0 lost, median \d.*, p99 \d/).waitFor();
    const rows = await workbench.waitFor(
      "the row of the request to tell when it was answered",
      () => grid.waitForRows(2),
      ([first]) => /^answered after \d+(\.\d)? \S+, delivered/.test(first?.Note ?? ""),
    );
    assert.doesNotMatch(rows[1]?.Note ?? "", /answered/);
    for (const theme of THEMES) {
      await workbench.setTheme(theme);
      await workbench.resizeSideBar(theme === "Light Modern" ? 250 : 420);
      await grid.waitUntilItFits();
      const name = `conversation-${theme}.png`.toLowerCase().replaceAll(" ", "-");
      await workbench.screenshot(join(cacheFolder, "pictures", name));
    }
    await strip.getByRole("button", { name: "Hex" }).click();
    const editor = workbench.page.locator(".editor-group-container .view-lines");
    await editor.getByText("Follow: udp,hex").waitFor();
    await strip.getByRole("button", { name: "Close" }).click();
    await strip.waitFor({ state: "hidden" });
    assert.equal(await frame.getByRole("combobox").inputValue(), "");
  });

  it("has its text copied by the button", async () => {
    const { frame } = grid;
    await frame.getByRole("tab", { name: "Hex" }).click();
    await frame.getByRole("button", { name: "Copy", exact: true }).click();
    await frame.getByText("Copied").waitFor({ state: "attached" });
  });
});

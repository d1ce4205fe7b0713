import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

const definition = (field: string): string => `meta: {id: tracker, endian: le}
seq:
  - {id: id, type: u2}
  - {id: type, type: u2, enum: type}
  - {id: seq, type: u4}
  - {id: ${field}, type: f4}
enums:
  type: {1: sample, 2: alarm}
`;
const SAMPLE = Buffer.from("0700010029000000" + "0000ac41", "hex");

describe("a definition of one's own protocol", function () {
  this.timeout(300_000);
  let folder: string;
  let file: string;
  let port: number;
  let workbench: Workbench;
  let grid: DatagramsGrid;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-definitions-"));
    file = join(folder, "tracker.ksy");
    port = await freeUdpPort();
    await mkdir(join(folder, ".vscode"));
    const settings = { "udpWorkbench.definitions": [{ file: "tracker.ksy", port }] };
    await writeFile(join(folder, ".vscode/settings.json"), JSON.stringify(settings));
    await writeFile(file, definition("temp"));
    workbench = await (await sharedVscode()).openWorkbench({ folder });
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
    await workbench.terminals.showing(`Bind UDP on ${port}...`);
    await workbench.openContainer("UDP");
    grid = await DatagramsGrid.in(workbench);
    const socket = createSocket("udp4");
    socket.send(SAMPLE, port, "127.0.0.1");
    // A server that greets leaves alone who sends no text.
    await grid.waitForRows(1);
    // The first three bytes of a temperature.
    socket.send(SAMPLE.subarray(0, 11), port, "127.0.0.1");
    await grid.waitForRows(2);
    socket.close();
  });

  after(async () => {
    await workbench?.runCommand("UDP: Stop All");
    await workbench?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const field = (name: RegExp) => grid.frame.getByRole("treeitem", { name }).first();

  it("tells each field of a datagram, with its bytes", async () => {
    await grid.select(0);
    await grid.frame.getByRole("tab", { name: "tracker" }).click();
    await field(/type.*sample \(1\)/).waitFor();
    await field(/temp.*21\.5/).click();
    await workbench.waitFor(
      "the bytes of the field to be marked",
      () => grid.frame.evaluate(() => [...(CSS.highlights.get("bytes") ?? [])].map(String)),
      (marked) => /00 00 ac 41/.test(marked.join()),
    );
  });

  it("says where a payload does not fit, beside what could be read", async () => {
    await grid.select(1);
    await grid.frame.getByText("Does not fit: 3 bytes left, temp needs 4.").waitFor();
    await field(/seq.*41/).waitFor();
  });

  describe("in its editor", () => {
    const problems = () => workbench.page.locator(".markers-panel");
    const problem = (text: string | RegExp) => problems().getByText(text).first();

    before(async () => {
      const { quickInput } = workbench;
      await writeFile(file, definition("temp"));
      await workbench.runCommand("Go to File...");
      await quickInput.type("tracker.ksy");
      await quickInput.pick("tracker.ksy");
      await workbench.runCommand("Problems: Focus on Problems View");
    });

    it("has the row that does not fit at the field, with a link that leads there", async () => {
      await grid.select(0);
      await problem("row 2: 3 bytes left, temp needs 4.").waitFor();
      await problem("[Ln 6, Col 22]").waitFor();
      await problem("Go to Row 2").click();
      await grid.showsDetail(2);
    });

    it("is shown at the line of a field, by a link and by a key at its bytes", async () => {
      const cursor = (line: number) =>
        workbench.page.locator(".statusbar").getByText(`Ln ${line}, Col 1`).waitFor();
      await grid.select(0);
      await field(/seq.*41/).click();
      await grid.frame.getByRole("button", { name: "tracker.ksy, line 5" }).click();
      await cursor(5);
      await field(/temp.*21\.5/).click();
      await field(/temp.*21\.5/).press("Control+Enter");
      await cursor(6);
    });

    it("has what cannot be read of it where that stands, and no row while it cannot", async () => {
      await writeFile(file, definition("temp").replace("f4", "f5"));
      await problem("There is no type f5 here.").waitFor();
      await problem("row 2: 3 bytes left, temp needs 4.").waitFor({ state: "detached" });
      await grid.frame.getByText("There is no type f5 here.").waitFor();
    });

    it("has neither when it is mended and saved, and the rows are right", async () => {
      await writeFile(file, definition("temp").replace(", type: f4", ", size-eos: true"));
      await problem("There is no type f5 here.").waitFor({ state: "detached" });
      await field(/temp.*0000ac/).waitFor();
      await problem(/row 2/).waitFor({ state: "detached" });
      await writeFile(file, definition("temp"));
      await problem("row 2: 3 bytes left, temp needs 4.").waitFor();
    });
  });

  it("shows in three themes, narrow and wide, what does not fit and where", async () => {
    const { page } = workbench;
    await writeFile(file, definition("temp"));
    await workbench.runCommand("Go to File...");
    await workbench.quickInput.type("tracker.ksy");
    await workbench.quickInput.pick("tracker.ksy");
    await grid.select(1);
    await grid.frame.getByRole("tab", { name: "tracker" }).click();
    await field(/seq.*41/).click();
    for (const theme of ["Dark Modern", "Light Modern", "Dark High Contrast"] as const) {
      await workbench.setTheme(theme);
      for (const [size, width, bar] of [
        ["narrow", 800, 250],
        ["wide", 1280, 600],
      ] as const) {
        await workbench.resize(width, 800);
        await workbench.resizeSideBar(bar);
        await grid.waitUntilItFits();
        await page.locator(".squiggly-error").first().hover({ force: true });
        await page.locator(".monaco-hover").getByText("Go to Row 2").waitFor();
        const name = `definition-${theme}-${size}.png`.toLowerCase().replaceAll(" ", "-");
        await workbench.screenshot(join(cacheFolder, "pictures", name));
        await page.keyboard.press("Escape");
      }
    }
    await workbench.setTheme("Dark Modern");
    await workbench.resize(1280, 800);
  });

  it("is chosen for a port with Decode As, and is in the settings then", async () => {
    const settings = join(folder, ".vscode/settings.json");
    const two = `${definition("volt")}types: {pair: {seq: [{id: a, type: u1}, {id: b, type: u1}]}}\n`;
    await writeFile(join(folder, "other.ksy"), two);
    const { quickInput } = workbench;
    await grid.select(0);
    await grid.frame.getByRole("button", { name: "Decode As..." }).click();
    await quickInput.pick("A definition of this workspace...");
    await quickInput.shown("Which definition is for port");
    await quickInput.pick("other.ksy");
    await quickInput.shown("Which type of other.ksy");
    await quickInput.pick("pair");
    await field(/^b: 0/).waitFor();
    const written = JSON.parse(await readFile(settings, "utf8"));
    assert.deepEqual(written["udpWorkbench.definitions"], [
      { file: "other.ksy", type: "pair", port },
    ]);
    await writeFile(
      settings,
      JSON.stringify({ "udpWorkbench.definitions": [{ file: "tracker.ksy", port }] }),
    );
    await field(/temp.*21\.5/).waitFor();
  });

  it("is taken anew when its file is saved", async () => {
    await grid.select(0);
    await writeFile(file, definition("celsius"));
    await field(/celsius.*21\.5/).waitFor();
  });

  it("is what rows show in the place of bytes, and what they are filtered by", async () => {
    await grid.row(0).getByText("id 7, type sample (1), seq 41, celsius 21.5").waitFor();
    await grid
      .row(1)
      .getByText(/Does not fit: 3 bytes left, celsius needs 4/)
      .waitFor();
    const filter = grid.frame.getByRole("combobox").first();
    await filter.fill("tracker.celsius == 21.5 && tracker.type == sample");
    await grid.waitForRows(1);
    await filter.fill("tracker.temp > 20");
    await grid.frame
      .getByText(/tracker\.temp is no field of tracker, which has .*celsius/)
      .waitFor();
    await filter.fill("");
    await grid.waitForRows(2);
  });
});

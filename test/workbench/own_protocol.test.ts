import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Direction } from "../../extension/core/files/capture_sink.ts";
import { headerLength, writeIpv4Headers } from "../../extension/core/files/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  MAX_DESCRIPTION_BLOCK,
  writeInterface,
  writeSectionHeader,
} from "../../extension/core/files/pcapng/writer.ts";
import { cacheFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { chooseInMenu } from "./context_menu.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

const LOOPBACK = 0x7f000001;
const METER = `meta: {id: meter, endian: be}
seq:
  - {id: unit, type: u1}
  - {id: function, type: u1, enum: function}
  - {id: len, type: u1}
  - {id: data, size: len}
  - {id: crc, type: u2le}
enums:
  function: {3: read, 4: input}
`;
/** The answer to a request of Modbus, with its CRC. */
const ANSWER = Buffer.from("0103020102" + "3815", "hex");
const PROTO = `syntax = "proto3";
package acme;
message Report { uint32 id = 1; float temp = 2; string name = 3; Point at = 4; }
message Point { int32 x = 1; int32 y = 2; }
`;
const REPORT = Buffer.from("0807150000ac411a056e6f72746822040801100a", "hex");

describe("one's own protocol in a real window", function () {
  this.timeout(300_000);
  let folder: string;
  let port: number;
  let protoPort: number;
  let workbench: Workbench;
  let grid: DatagramsGrid;

  const settings = () => join(folder, ".vscode/settings.json");
  const field = (name: RegExp) => grid.frame.getByRole("treeitem", { name }).first();
  const send = (payload: Buffer, to: number) =>
    new Promise<void>((resolve) => {
      const socket = createSocket("udp4");
      socket.send(payload, to, "127.0.0.1", () => socket.close(() => resolve()));
    });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-protocol-"));
    [port, protoPort] = [await freeUdpPort(), await freeUdpPort()];
    await mkdir(join(folder, ".vscode"));
    const definitions = [{ file: "meter.ksy", port }];
    await writeFile(settings(), JSON.stringify({ "udpWorkbench.definitions": definitions }));
    await writeFile(join(folder, "meter.ksy"), METER);
    await writeFile(join(folder, "report.proto"), PROTO);
    // The second one ends within its data.
    const payloads = [ANSWER, Buffer.from("01030901", "hex")];
    await writeFile(join(folder, "saved.pcapng"), captureOf(payloads, port));
    workbench = await (await sharedVscode()).openWorkbench({ folder });
    for (const own of [port, protoPort]) {
      await runAnswering(workbench, "UDP: Start Server...", [undefined, String(own)]);
      await workbench.terminals.showing(`Bind UDP on ${own}...`);
    }
    await workbench.openContainer("UDP");
    grid = await DatagramsGrid.in(workbench);
    await send(ANSWER, port);
    await grid.waitForRows(2);
  });

  after(async () => {
    await workbench?.runCommand("UDP: Stop All");
    await workbench?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("a datagram is edited as its fields, whose length and CRC are computed anew", async () => {
    const { quickInput } = workbench;
    await grid.select(0);
    await workbench.runCommand("UDP: Edit and Send...");
    const { value, title } = await quickInput.shown("(fields)");
    assert.match(title, /Send to /);
    assert.equal(
      value,
      "meter { unit: 1, function: read, data: hex 01 02, crc: {{crc16/modbus}} }",
    );
    await quickInput.type("meter { unit: 300 }");
    await quickInput.shown("unit is 300, and holds 0 to 255");
    await quickInput.type(
      "meter { unit: 1, function: input, data: 01020304, crc: {{crc16/modbus}} }",
    );
    await quickInput.shown("derived: len 4");
    await workbench.screenshot(join(cacheFolder, "pictures/send-fields.png"));
    await quickInput.acceptLast();
    // Which is no text: a server that greets leaves it alone.
    await grid.waitForRows(3);
    await grid
      .row(2)
      .getByText(/unit 1, function input \(4\), len 4, data 01020304/)
      .waitFor();
  });

  const line = (text: RegExp) =>
    workbench.page.locator(".view-line").filter({ hasText: text }).first();
  /** Holds the mouse over a word of a line until the hover says so. */
  const hovered = (what: string, of: RegExp, word: string, says: RegExp) =>
    workbench.waitFor(
      what,
      async () => {
        await workbench.page.mouse.move(5, 5);
        const place = line(of).locator("span span").getByText(word, { exact: true }).first();
        await place.hover({ force: true, timeout: 2000 }).catch(() => {});
        await workbench.page
          .locator(".monaco-hover:visible")
          .first()
          .waitFor({ timeout: 2000 })
          .catch(() => {});
        return (await workbench.page.locator(".monaco-hover:visible").allTextContents()).join();
      },
      (text) => says.test(text),
    );

  it("the hover of a field says what it is in the rows, that of a key what that is for", async () => {
    const { quickInput, page } = workbench;
    await grid.select(0);
    await workbench.runCommand("Go to File...");
    await quickInput.type("meter.ksy");
    await quickInput.pick("meter.ksy");
    await line(/id:.data/).waitFor();
    await hovered(
      "the values",
      /id:.data/,
      "data",
      /In the rows that this definition reads:.*data: 0102/s,
    );
    await workbench.screenshot(join(cacheFolder, "pictures/definition-values.png"));
    await page.keyboard.press("Escape");
    await hovered("what the key is for", /id:.data/, "size", /bytes/i);
    await page.keyboard.press("Escape");
  });

  it("keys and types are completed as one writes", async () => {
    const { page } = workbench;
    await line(/function:.*read/).click();
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText("types: {more: {seq: [{id: x, type: u2");
    const suggestions = page.locator(".suggest-widget:visible");
    await workbench.waitFor(
      "the types that begin so",
      async () => {
        if ((await suggestions.count()) === 0) await page.keyboard.press("Control+Space");
        return (await suggestions.allTextContents()).join();
      },
      (text) => /u2le/.test(text),
    );
    await page.keyboard.press("Escape");
    await workbench.runCommand("File: Revert File");
    await line(/types:.*more/).waitFor({ state: "detached" });
  });

  it("a .proto is chosen with Decode As, and shown in three themes", async () => {
    const { quickInput } = workbench;
    await send(REPORT, protoPort);
    await grid.waitForRows(4);
    await grid.select(3);
    await grid.frame.getByRole("tab", { name: "Protobuf" }).click();
    await grid.frame.getByText(/Protobuf without a definition: a guess/).waitFor();
    await grid.frame.getByRole("button", { name: "Decode As..." }).click();
    await quickInput.pick("A definition of this workspace...");
    await quickInput.shown("Which definition is for port");
    await quickInput.pick("report.proto");
    await quickInput.shown("Which type of report.proto");
    await quickInput.pick("acme.Report");
    await grid.frame.getByRole("tab", { name: "Report" }).click();
    await field(/name.*north/).waitFor();
    const written = JSON.parse(await readFile(settings(), "utf8"));
    assert.deepEqual(written["udpWorkbench.definitions"][0], {
      file: "report.proto",
      port: protoPort,
    });
    await grid
      .row(3)
      .getByText(/id 7, temp 21\.5, name "north", at/)
      .waitFor();
    for (const theme of ["Dark Modern", "Light Modern", "Dark High Contrast"] as const) {
      await workbench.setTheme(theme);
      for (const [size, width, bar] of [
        ["narrow", 800, 250],
        ["wide", 1280, 600],
      ] as const) {
        await workbench.resize(width, 800);
        await workbench.resizeSideBar(bar);
        await grid.waitUntilItFits();
        const name = `proto-${theme}-${size}.png`.toLowerCase().replaceAll(" ", "-");
        await workbench.screenshot(join(cacheFolder, "pictures", name));
      }
    }
    await workbench.setTheme("Dark Modern");
    await workbench.resize(1280, 800);
  });

  it("a field's column, and what finds a CRC, are there after a reload", async () => {
    const { quickInput } = workbench;
    // Columns of fields are seen where there is room for them.
    await workbench.resize(1600, 800);
    await workbench.resizeSideBar(1100);
    await grid.select(0);
    await grid.frame.getByRole("tab", { name: "meter" }).click();
    await field(/^unit/).click({ button: "right" });
    const menu = grid.frame.getByRole("menu", { name: "Field" });
    await menu.getByText("Add as Column", { exact: true }).click();
    const header = () => grid.frame.locator('[role="columnheader"][title="meter.unit"]');
    await header().waitFor();
    await workbench.reload();
    await workbench.openContainer("UDP");
    grid = await DatagramsGrid.in(workbench);
    await grid.waitForRows(4);
    await header().waitFor();
    await chooseInMenu(workbench, "Find CRC", () => grid.row(0).click({ button: "right" }));
    await workbench.waitFor(
      "the CRC",
      async () => (await quickInput.state())?.items ?? [],
      (items) => items.some((item) => item.includes("CRC-16/MODBUS")),
    );
    await workbench.page.keyboard.press("Escape");
    await workbench.resize(1280, 800);
    await workbench.resizeSideBar(300);
  });

  it("rows of a saved capture that do not fit are told at the field, with a link to the row there", async () => {
    const { quickInput, page } = workbench;
    for (const name of ["saved.pcapng", "meter.ksy"]) {
      await workbench.runCommand("Go to File...");
      await quickInput.type(name);
      await quickInput.pick(name);
    }
    await workbench.runCommand("Problems: Focus on Problems View");
    const problems = page.locator(".markers-panel");
    const told = problems.getByText(/saved\.pcapng, row 2: 1 bytes left, data needs 9\./).first();
    await told.waitFor();
    await workbench.screenshot(join(cacheFolder, "pictures/definition-saved.png"));
    const row = problems.locator(".monaco-list-row").filter({ hasText: "saved.pcapng, row 2" });
    await row.getByText("Go to Row 2").click();
    const saved = await DatagramsGrid.in(workbench, "saved.pcapng");
    await saved.showsDetail(2);
  });
});

/** A capture of datagrams to a port of this machine. */
function captureOf(payloads: readonly Uint8Array[], port: number): Uint8Array {
  const bytes = new Uint8Array(2 * MAX_DESCRIPTION_BLOCK + payloads.length * 1024);
  const view = new DataView(bytes.buffer);
  let at = writeSectionHeader(view, 0, { application: "", os: "", comments: [] });
  at = writeInterface(view, at, {
    id: 0,
    name: `127.0.0.1:${port}`,
    description: "",
    comments: [],
  });
  for (const [number, payload] of payloads.entries()) {
    const captured = headerLength(4) + payload.length;
    const packet = beginPacket(view, at, 0, 1_700_000_000_000_000 + number, captured, captured);
    const headers = writeIpv4Headers(
      view,
      packet,
      LOOPBACK,
      LOOPBACK,
      40_000,
      port,
      payload.length,
    );
    bytes.set(payload, headers);
    at = finishPacket(view, at, captured, Direction.in, 0, "");
  }
  return bytes.subarray(0, at);
}

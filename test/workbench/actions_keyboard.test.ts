import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { dueTimes, timedCapture } from "../support/replay_timing.ts";
import { Stranger } from "../support/script_socket.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { TreeRow } from "../support/tree_view.ts";
import { waitUntil } from "../support/wait_until.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { Keyboard } from "./keyboard.ts";
import { runAnswering } from "./questions.ts";

/** What the first client says: a row of the server that received it, and one that sent the answer. */
const WORD = "Ann";
const DAY_MS = 24 * 60 * 60 * 1000;

describe("what one does with a datagram, by keyboard alone", function () {
  this.timeout(180_000);
  let folder: string;
  let port: number;
  let stranger: Stranger;
  let workbench: Workbench;
  let keyboard: Keyboard;
  let grid: DatagramsGrid;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-keyboard-"));
    workbench = await (await sharedVscode()).openWorkbench({
      viewport: { width: 1280, height: 1000 },
    });
    await workbench.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    keyboard = new Keyboard(workbench);
    port = await freeUdpPort();
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
    await workbench.terminals.showing(`Bind UDP on ${port}...`);
    stranger = await Stranger.bind();
    await stranger.ask(WORD, port);
    grid = await DatagramsGrid.in(workbench);
    await grid.waitForRows(2);
  });

  beforeEach(async () => {
    stranger.received.length = 0;
    await toRequest();
  });

  after(async () => {
    stranger?.close();
    await workbench?.runCommand("UDP: Stop All");
    await workbench?.runCommand("UDP: Clear Datagrams");
    await workbench?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** From anywhere to the row of what the client asked. */
  async function toRequest(): Promise<void> {
    await keyboard.focusView(grid);
    await keyboard.toGrid(grid);
    await keyboard.press("Home");
    await grid.showsDetail(1);
  }

  /** Waits until the client has been sent this and nothing else. */
  const heard = (...texts: readonly string[]) =>
    waitUntil(
      `${texts} at the client`,
      () => stranger.received.map(({ data }) => String(data)).join(),
      (all) => all === texts.join(),
    );

  /** Writes a payload into the question, and sends it. */
  async function write(text: string, preview: string): Promise<void> {
    await workbench.quickInput.type(text);
    await workbench.quickInput.shown(preview);
    await workbench.quickInput.acceptLast();
  }

  it("replies by the row's menu, in another format", async () => {
    const { quickInput } = workbench;
    await keyboard.chooseInMenu("Reply...");
    await quickInput.shown(`from 127.0.0.1:${port} (text)`);
    await keyboard.toButton("Write as escape");
    await keyboard.press("Enter");
    await quickInput.shown("(escape)");
    await write("a\\x41", "2 bytes: 61 41");
    await heard("aA");
    assert.equal(stranger.received[0]?.peer.port, port);
  });

  it("resends by the button of the detail, and edits by the row's menu", async () => {
    await grid.waitForRows(3);
    await keyboard.press("End");
    // Its button is about what the detail shows.
    await grid.showsDetail(3);
    await keyboard.tabTo(grid, "Resend");
    await keyboard.press("Enter");
    await heard("aA");
    await keyboard.focusView(grid);
    await keyboard.toGrid(grid);
    await grid.waitForRows(4);
    await keyboard.press("End");
    await keyboard.chooseInMenu("Edit and Send...");
    await workbench.quickInput.shown(`Send to 127.0.0.1:${stranger.port}`);
    await write("b", "1 byte: 62");
    await heard("aA", "b");
  });

  it("sends again what was sent before", async () => {
    const { quickInput } = workbench;
    await workbench.runCommand("UDP: Send Datagram...");
    await keyboard.answer("Address or name and port", `127.0.0.1:${stranger.port}`);
    await keyboard.chooseInList("Socket to send from", `127.0.0.1:${port}`);
    await quickInput.shown("Payload as text");
    await keyboard.toButton("Choose from What Was Sent");
    await keyboard.press("Enter");
    await keyboard.chooseInList("What was sent, the latest first", "b");
    await quickInput.shown("1 byte: 62");
    await quickInput.acceptLast();
    await heard("b");
  });

  it("follows the conversation, reads it as text, and closes it", async () => {
    const { frame } = grid;
    await keyboard.chooseInMenu("Follow Conversation");
    const strip = frame.getByRole("region", { name: "Conversation" });
    await strip.getByText(/^1 request, /).waitFor();
    await keyboard.focusView(grid);
    await keyboard.press("Control+f");
    await keyboard.tabTo(grid, "Hex");
    await keyboard.press("Enter");
    const editor = workbench.page.locator(".editor-group-container .view-lines");
    await editor.getByText("Follow: udp,hex").waitFor();
    await workbench.runCommand("View: Close Editor");
    await keyboard.focusView(grid);
    await keyboard.press("Control+f");
    await keyboard.tabTo(grid, "Close");
    await keyboard.press("Enter");
    await strip.waitFor({ state: "hidden" });
  });

  it("chooses a protocol, and none again", async () => {
    const { frame } = grid;
    await keyboard.chooseInMenu("Decode As...");
    await keyboard.answer("What is said on port", "CoAP");
    await frame
      .getByRole("tabpanel")
      .getByText(/^This is no CoAP message\./)
      .waitFor();
    await workbench.runCommand("UDP: Decode As...");
    await keyboard.answer("What is said on port", "Automatic");
    await frame.getByRole("tab", { name: "CoAP" }).waitFor({ state: "hidden" });
  });

  it("copies a runnable program", async () => {
    const { page } = workbench;
    await page.evaluate(() => navigator.clipboard.writeText("nothing copied"));
    await keyboard.chooseInMenu("Copy as Python", { submenu: "Copy As" });
    await workbench.waitFor(
      "the program on the clipboard",
      () => page.evaluate(() => navigator.clipboard.readText()),
      (text) => text.startsWith("import socket\n") && text.includes('fromhex("416e6e")'),
    );
  });

  it("exports what is selected, by the row's menu", async () => {
    const path = join(folder, "selected.jsonl");
    await keyboard.chooseInMenu("Export Capture...");
    await keyboard.chooseInList("What to export", "What is selected");
    await keyboard.chooseInList("Format of the file", "JSON Lines");
    await workbench.quickInput.acceptPath(path);
    await workbench.notifications.showing(`Exported 1 datagram to ${path}.`);
    const { udp } = JSON.parse(await readFile(path, "utf8"));
    assert.equal(
      udp["udp.payload"],
      Buffer.from(WORD)
        .toString("hex")
        .replace(/..(?=.)/g, "$&:"),
    );
  });

  it("replays a capture, and cancels that", async () => {
    const path = join(folder, "day.pcapng");
    await writeFile(path, timedCapture(dueTimes(1000, DAY_MS)));
    await workbench.runCommand("UDP: Open Capture...");
    await workbench.quickInput.acceptPath(path);
    const saved = await DatagramsGrid.in(workbench, "day.pcapng");
    await saved.waitForRows(1000);
    const to = `127.0.0.1:${stranger.port}`;
    await workbench.runCommand("UDP: Replay...");
    await keyboard.chooseInList("What to replay", "All datagrams");
    await keyboard.answer("Address or name and port", to);
    await keyboard.chooseInList("How fast", "Original timing");
    await waitUntil("the first", () => stranger.received.length > 0);
    await keyboard.cancelProgress(`Replaying 1,000 datagrams to ${to}`);
    await workbench.notifications.showing("Cancelled.");
  });

  it("stops a row's program, where the row was selected before another capture was looked at", async () => {
    await keyboard.chooseInMenu("Stop");
    const isServer = ({ label }: TreeRow) => label === `127.0.0.1:${port}`;
    await workbench.tree("Bound Ports").waitForRows("no server", (rows) => !rows.some(isServer));
  });
});

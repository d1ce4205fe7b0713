import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { dueTimes, timedCapture } from "../support/replay_timing.ts";
import { Stranger } from "../support/script_socket.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import { waitUntil } from "../support/wait_until.ts";
import type { Workbench } from "../support/workbench.ts";
import { chooseInMenu } from "./context_menu.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

describe("Reply, Send and Replay, as a person does it", function () {
  this.timeout(300_000);
  let workbench: Workbench;
  let port: number;
  let grid: DatagramsGrid;

  before(async () => {
    port = await freeUdpPort();
    workbench = await (await sharedVscode()).openWorkbench({
      viewport: { width: 1280, height: 1000 },
    });
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
    await workbench
      .tree("Bound Ports")
      .waitForRows(`127.0.0.1:${port}`, (rows) =>
        rows.some(({ label }) => label === `127.0.0.1:${port}`),
      );
    grid = await DatagramsGrid.in(workbench);
  });

  const cells = () => grid.frame.locator("[role=gridcell]").count();

  /** Waits for it: a clear that comes late would take what the next test is about. */
  afterEach(async () => {
    if ((await cells()) === 0) return;
    await workbench.runCommand("UDP: Clear Datagrams");
    await workbench.waitFor("an empty grid", async () => (await cells()) === 0);
  });

  after(async () => {
    await workbench?.runCommand("UDP: Stop All");
    await workbench?.close();
  });

  /** Writes a payload into the box, which shows these bytes, and sends it. */
  async function write(text: string, preview: string): Promise<void> {
    await workbench.quickInput.type(text);
    await workbench.quickInput.shown(preview);
    await workbench.quickInput.acceptLast();
  }

  it("replies to netcat from the port that it asked", async function () {
    const netcat = spawn("nc", ["-u", "127.0.0.1", String(port)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const spawned = await Promise.race([once(netcat, "spawn"), once(netcat, "error")]);
    if (spawned.length > 0) {
      if (process.env.CI) assert.fail("Cannot test with nc: it is not installed");
      this.skip();
    }
    try {
      let heard = "";
      netcat.stdout.on("data", (chunk) => {
        heard += chunk;
      });
      netcat.stdin.write("netcat\n");
      await waitUntil("the server's answer", () => heard.startsWith("Hello, netcat"));
      await grid.waitForRows(2);
      const request = grid.frame.locator('[role="row"][aria-rowindex="2"]');
      await chooseInMenu(workbench, "Reply...", () => request.click({ button: "right" }));
      await workbench.quickInput.shown(`from 127.0.0.1:${port}`);
      await write("from the panel", "14 bytes: 66 72 6f 6d");
      await waitUntil("the reply", () => heard.endsWith("from the panel"));
      const rows = await grid.waitForRows(3);
      const { Direction, Payload, Local } = rows.at(-1) ?? {};
      assert.deepEqual(
        [Direction, Payload, Local],
        ["sent", "from the panel", `127.0.0.1:${port}`],
      );
    } finally {
      netcat.kill();
    }
  });

  it("replies to a client behind a connected socket, by the button of the detail", async () => {
    const client = createSocket("udp4");
    try {
      client.connect(port, "127.0.0.1");
      await once(client, "connect");
      const answered = once(client, "message");
      client.send("Ann");
      assert.equal(String((await answered)[0]), "Hello, Ann!");
      await grid.waitForRows(2);
      await grid.select(0);
      const replied = once(client, "message");
      await grid.frame.getByRole("button", { name: "Reply" }).first().click();
      await workbench.quickInput.shown(`Reply to 127.0.0.1:${client.address().port}`);
      await write("", "Payload as text");
      assert.equal((await replied)[0].length, 0);
    } finally {
      client.close();
    }
  });

  it("says what is wrong while it is written, in each format, and sends the exact bytes", async () => {
    const stranger = await Stranger.bind();
    try {
      const { quickInput } = workbench;
      await workbench.runCommand("UDP: Send Datagram...");
      await quickInput.shown("Address or name and port");
      await quickInput.type(`127.0.0.1:${stranger.port}`);
      await quickInput.pick(`127.0.0.1:${stranger.port}`);
      await quickInput.shown("Socket to send from");
      await quickInput.accept("A new socket");
      await quickInput.shown("Payload as text");
      await quickInput.type("é");
      await quickInput.shown("2 bytes: c3 a9");
      await clickButton("Write as escape");
      await quickInput.type("a\\q");
      await quickInput.shown("\\q is no escape");
      await workbench.screenshot(join(cacheFolder, "pictures/send-problem.png"));
      await quickInput.type("$(bell)[x](command:quit)\\xff");
      await quickInput.shown("25 bytes: 24 28 62");
      await workbench.screenshot(join(cacheFolder, "pictures/send-preview.png"));
      assert.equal(await workbench.page.locator(".quick-input-message a").count(), 0);
      assert.equal(await workbench.page.locator(".quick-input-message .codicon-bell").count(), 0);
      await clickButton("Write as hex");
      await workbench.waitFor(
        "the same bytes in hex",
        async () => (await quickInput.state())?.value ?? "",
        (value) => value.startsWith("24 28 62"),
      );
      await quickInput.type("01 04 02 ff ff {{crc16/modbuz}}");
      await quickInput.shown("crc16/modbuz is no CRC of the catalogue");
      await quickInput.type("01 04 02 ff ff {{crc16/modbus}}");
      await quickInput.shown("7 bytes: 01 04 02 ff ff b8 80");
      await quickInput.type("00 ff 0x0a 4");
      await quickInput.shown("4 bytes: 00 ff 0a 04");
      await quickInput.acceptLast();
      await waitUntil("the datagram", () => stranger.received.length === 1);
      assert.equal(stranger.received[0]?.data.toString("hex"), "00ff0a04");

      // What was sent can be sent again, from the port of the server this time.
      await workbench.runCommand("UDP: Send Datagram...");
      await quickInput.shown("Address or name and port");
      await quickInput.pick(`127.0.0.1:${stranger.port}`);
      await quickInput.shown("Socket to send from");
      await quickInput.accept(`127.0.0.1:${port}`);
      await quickInput.shown("Payload as text");
      await clickButton("Choose from What Was Sent");
      await quickInput.pick("00 ff 0x0a 4");
      await quickInput.shown("4 bytes: 00 ff 0a 04");
      await quickInput.acceptLast();
      await waitUntil("the datagram again", () => stranger.received.length === 2);
      const again = stranger.received[1];
      assert.deepEqual([again?.data.toString("hex"), again?.peer.port], ["00ff0a04", port]);
    } finally {
      stranger.close();
    }
  });

  /** The dialog, which nobody but a person answers; this one says no. */
  async function refuse(question: RegExp): Promise<void> {
    const dialog = workbench.page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    assert.match((await dialog.textContent()) ?? "", question);
    await workbench.screenshot(join(cacheFolder, "pictures/send-consent.png"));
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
  }

  for (const [to, question] of [
    ["192.0.2.1:9", /Send to 192\.0\.2\.1:9\?.*192\.0\.2\.1 is not this machine/],
    ["255.255.255.255:9", /Send to 255\.255\.255\.255:9\?.* is a broadcast address/],
    ["239.255.77.78:9", /Send to 239\.255\.77\.78:9\?.* is a multicast group/],
  ] as const) {
    it(`asks before anything leaves this machine, and names the address: ${to}`, async () => {
      const { quickInput } = workbench;
      await workbench.runCommand("UDP: Send Datagram...");
      await quickInput.shown("Address or name and port");
      await quickInput.type(to);
      await quickInput.pick(to);
      await quickInput.shown("Socket to send from");
      await quickInput.accept("A new socket");
      await quickInput.shown("Payload as text");
      await quickInput.accept("secret");
      await refuse(question);
      assert.equal(await cells(), 0);
    });
  }

  it("asks before anything leaves this machine, and names the address: a replay", async () => {
    const { quickInput } = workbench;
    const stranger = await Stranger.bind();
    await stranger.ask("one", port);
    stranger.close();
    await grid.waitForRows(2);
    await workbench.runCommand("UDP: Replay...");
    await quickInput.shown("What to replay");
    await quickInput.pick("All datagrams");
    await quickInput.shown("Address or name and port");
    await quickInput.type("192.0.2.1:9");
    await quickInput.pick("192.0.2.1:9");
    await quickInput.shown("How fast");
    await quickInput.pick("As fast as possible");
    await refuse(/Send to 192\.0\.2\.1:9\?/);
    await grid.waitForRows(2);
  });

  it("replays the selected rows to a port, and says how many were sent", async () => {
    const stranger = await Stranger.bind();
    try {
      for (const word of ["one", "two"]) await stranger.ask(word, port);
      await grid.waitForRows(4);
      await grid.select(0);
      stranger.received.length = 0;
      await workbench.runCommand("UDP: Replay...");
      await workbench.quickInput.shown("What to replay");
      await workbench.quickInput.pick("What is selected");
      await workbench.quickInput.shown("Address or name and port");
      await workbench.quickInput.type(`127.0.0.1:${stranger.port}`);
      await workbench.quickInput.pick(`127.0.0.1:${stranger.port}`);
      await workbench.quickInput.shown("How fast");
      await workbench.quickInput.pick("As fast as possible");
      await workbench.notifications.showing(`Datagrams sent to 127.0.0.1:${stranger.port}: 1.`);
      await waitUntil("the datagram", () => stranger.received.length === 1);
      assert.equal(String(stranger.received[0]?.data), "one");
    } finally {
      stranger.close();
    }
  });

  describe("with a saved capture", () => {
    const DATAGRAMS = 300_000;
    /** A row near the beginning, where the grid opens. */
    const SHOWN = 4;
    const DAY_MS = 24 * 60 * 60 * 1000;
    let folder: string;
    let saved: DatagramsGrid;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "udp-workbench-saved-"));
      const path = join(folder, "day.pcapng");
      const isCut = (number: number) => number % 1000 === 999;
      await writeFile(path, timedCapture(dueTimes(DATAGRAMS, DAY_MS), isCut));
      await workbench.runCommand("UDP: Open Capture...");
      await workbench.quickInput.acceptPath(path);
      saved = await DatagramsGrid.in(workbench, "day.pcapng");
      await saved.waitForRows(DATAGRAMS);
    });

    after(() => rm(folder, { recursive: true }));

    it("replays it with progress until that is cancelled, and says how many were sent", async () => {
      const stranger = await Stranger.bind();
      try {
        await saved.select(SHOWN);
        await workbench.runCommand("UDP: Replay...");
        const { title: about } = await workbench.quickInput.shown("What to replay");
        assert.match(about, /^Replay: day\.pcapng /);
        await workbench.quickInput.pick("All datagrams");
        await workbench.quickInput.shown("Address or name and port");
        const to = `127.0.0.1:${stranger.port}`;
        await workbench.quickInput.type(to);
        await workbench.quickInput.pick(to);
        await workbench.quickInput.shown("How fast");
        await workbench.quickInput.pick("Original timing");
        const dialog = workbench.page.locator(".monaco-dialog-box");
        await dialog.getByText("300 of 300,000 datagrams were cut").waitFor();
        await workbench.screenshot(join(cacheFolder, "pictures/replay-cut.png"));
        assert.equal(stranger.received.length, 0);
        await dialog.getByRole("button", { name: "Replay" }).click();
        await waitUntil("the first", () => stranger.received.length > 0);
        const title = `Replaying 300,000 datagrams to ${to}`;
        await workbench.notifications.showing(title);
        await workbench.screenshot(join(cacheFolder, "pictures/replay-progress.png"));
        await workbench.notifications.click(title, "Cancel");
        const { message } = await workbench.notifications.showing("Cancelled.");
        const sent = new RegExp(`sent to ${to}: ([\\d,]+) of 300,000`).exec(message)?.[1];
        await waitUntil(message, () => stranger.received.length === Number(sent?.replace(",", "")));
      } finally {
        stranger.close();
      }
    });

    it("follows and decodes what is in it", async () => {
      const { frame } = saved;
      await saved.select(SHOWN);
      const button = (name: string) =>
        frame.locator("#detail").getByRole("button", { name, exact: true });
      assert.equal(await button("Resend").count(), 1);
      assert.equal(await button("Reply").count(), 0, "the sockets of a file are not here");
      await workbench.runCommand("UDP: Decode As...");
      await workbench.quickInput.pick("RTP");
      await frame
        .getByRole("tabpanel")
        .getByText(/^This is no RTP message\./)
        .waitFor();
      const first = frame.locator(`[role="row"][aria-rowindex="${SHOWN + 2}"]`);
      await chooseInMenu(workbench, "Follow Conversation", () => first.click({ button: "right" }));
      const strip = frame.getByRole("region", { name: "Conversation" });
      await strip.getByText(/requests, 0 answers/).waitFor();
      await strip.getByRole("button", { name: "Close" }).click();
      await strip.waitFor({ state: "hidden" });
      await workbench.runCommand("UDP: Decode As...");
      await workbench.quickInput.pick("Automatic");
    });
  });

  async function clickButton(name: string): Promise<void> {
    await workbench.page
      .locator(`.quick-input-widget .action-label[aria-label^="${name}"]`)
      .click();
  }
});

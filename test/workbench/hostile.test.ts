import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { HOSTILE_BYTES, HOSTILE_PAYLOADS } from "../support/hostile_payloads.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { runAnswering } from "./questions.ts";

const PAYLOADS = { ...HOSTILE_PAYLOADS, ...HOSTILE_BYTES };
const UNTOUCHED = "what the person had copied";

describe("hostile payloads in a real terminal", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  let workbench: Workbench;
  let socket: Socket;

  before(async () => {
    vscode = await sharedVscode();
  });

  beforeEach(async () => {
    workbench = await vscode.openWorkbench();
    await workbench.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await workbench.page.evaluate((text) => navigator.clipboard.writeText(text), UNTOUCHED);
    socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
  });

  afterEach(async () => {
    socket.close();
    await workbench.runCommand("UDP: Stop All");
    await workbench.tree("Bound Ports").waitForRows("nothing", (rows) => rows.length === 0);
    await workbench.runCommand("UDP: Clear Datagrams");
    await workbench.close();
  });

  /** The terminals hold nothing but plain text, and neither clipboard, window nor notifications were touched. */
  async function nothingActed(): Promise<void> {
    for (const text of await workbench.terminals.texts()) {
      assert.doesNotMatch(
        text,
        /[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/,
      );
    }
    const copied = await workbench.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, UNTOUCHED);
    assert.doesNotMatch(await workbench.page.title(), /owned/);
    assert.equal(await workbench.page.locator(".terminal-tab:has-text('owned')").count(), 0);
    const told = (await workbench.notifications.all()).map(({ message }) => message);
    assert.deepEqual(
      told.filter((message) => /owned|click|link/.test(message)),
      [],
    );
  }

  it("are text when a server prints what it received", async () => {
    const port = await freeUdpPort();
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port), "upper"]);
    await workbench.terminals.showing(`Bind UDP on ${port}...`);
    for (const payload of [...Object.values(PAYLOADS), Buffer.from("that was all")]) {
      socket.send(payload, port, "127.0.0.1");
      await once(socket, "message");
    }
    const text = await workbench.terminals.showing("that was all from");
    const lines = text.split("\n").filter((line) => line.includes(" from 127.0.0.1:"));
    assert.equal(lines.length, Object.keys(PAYLOADS).length + 1, "a line for each datagram");
    await nothingActed();
  });

  it("are text when a client prints what was answered, and nothing is typed for it", async () => {
    // Few datagrams, for a person types slowly: what is in them is what counts.
    const answers = [HOSTILE_PAYLOADS, HOSTILE_BYTES].map((payloads) =>
      Buffer.concat(Object.values(payloads).filter(({ length }) => length < 1000)),
    );
    const received = answerEach(socket, answers);
    const { port } = socket.address();
    await workbench.terminals.open();
    const client = join(projectFolder, "scripts/udp_client.ts");
    const node = process.execPath;
    await workbench.terminals.type(`'${node}' '${client}' --port ${port} --interactive\n`);
    for (let index = 0; index <= answers.length; index++) {
      // The prompt comes again when the answer has been printed.
      await workbench.waitFor(`prompt ${index + 1}`, async () => {
        const text = (await workbench.terminals.texts()).join("\n");
        return text.split(">>:").length - 1 > index;
      });
      if (index < answers.length) await workbench.terminals.type(`line ${index}\n`);
    }
    assert.deepEqual(
      received,
      answers.map((_, index) => `line ${index}`),
      "what a terminal types by itself is no datagram",
    );
    await nothingActed();
  });
});

/** Answers the first datagram with the first payload, and so on; what came in is in the result. */
function answerEach(socket: Socket, answers: readonly Uint8Array[]): string[] {
  const received: string[] = [];
  socket.on("message", (message, { port, address }) => {
    const answer = answers[received.length] ?? "no more";
    received.push(message.toString());
    socket.send(answer, port, address);
  });
  return received;
}

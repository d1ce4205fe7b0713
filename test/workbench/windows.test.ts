import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { tappedRows } from "../support/port_rows.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { TreeRow } from "../support/tree_view.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

describe("two windows on the same folder", function () {
  this.timeout(300_000);
  let first: Workbench;
  let second: Workbench;

  before(async () => {
    const vscode = await sharedVscode();
    first = await vscode.openWorkbench();
    second = await vscode.openWorkbench({ beside: first });
  });

  afterEach(async () => {
    for (const window of [first, second]) {
      await window.page.bringToFront();
      await window.runCommand("UDP: Stop All");
      await window.runCommand("UDP: Clear Datagrams");
      await window
        .tree("Bound Ports")
        .waitForRows("no port of its own", (rows) => ownOf(rows).length === 0);
    }
  });

  after(async () => {
    for (const window of [first, second]) await window?.close();
  });

  it("show their own programs each, also after a reload, and stop no other's", async () => {
    const ports = [await freeUdpPort(), await freeUdpPort()] as const;
    await start(first, ports[0]);
    await start(second, ports[1]);
    assert.deepEqual(await tapped(first), [`127.0.0.1:${ports[0]}`]);
    assert.deepEqual(await tapped(second), [`127.0.0.1:${ports[1]}`]);

    await runAnswering(second, "UDP: Start Client...", [undefined, String(ports[1])]);
    const grid = await DatagramsGrid.in(second);
    await grid.waitForRows(6);
    assert.equal(await ask(ports[0]), "Hello, hello?!");
    await (await DatagramsGrid.in(first)).waitForRows(2);
    await grid.waitForRows(6);

    for (const window of [first, second]) {
      await window.page.bringToFront();
      await window.reload();
      await window.openContainer("UDP");
    }
    assert.deepEqual(await tapped(first), [`127.0.0.1:${ports[0]}`]);
    assert.deepEqual(await tapped(second), [`127.0.0.1:${ports[1]}`]);
    await (await DatagramsGrid.in(first)).waitForRows(2);
    await (await DatagramsGrid.in(second)).waitForRows(6);

    await first.page.bringToFront();
    await first.runCommand("UDP: Stop All");
    await first
      .tree("Bound Ports")
      .waitForRows("no port of its own", (rows) => ownOf(rows).length === 0);
    assert.equal(await ask(ports[1]), "Hello, hello?!");
  });

  async function start(window: Workbench, port: number): Promise<void> {
    await window.page.bringToFront();
    await runAnswering(window, "UDP: Start Server...", [undefined, String(port)]);
  }

  /** The ports of programs that a window watches. */
  async function tapped(window: Workbench): Promise<string[]> {
    const rows = await window
      .tree("Bound Ports")
      .waitForRows("a port of its own", (all) => ownOf(all).length > 0);
    return ownOf(rows);
  }
});

function ownOf(rows: readonly TreeRow[]): string[] {
  return tappedRows(rows)
    .filter(({ level }) => level === 1)
    .map(({ label }) => label);
}

async function ask(port: number): Promise<string> {
  const socket = createSocket("udp4");
  socket.send("hello?", port, "127.0.0.1");
  const [answer] = (await once(socket, "message")) as [Buffer];
  socket.close();
  return answer.toString();
}

import assert from "node:assert/strict";
import { join } from "node:path";
import { projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { openOthers, otherRows, tappedRows } from "../support/port_rows.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";

const tsx = join(projectFolder, "node_modules/.bin/tsx");

describe("the scripts, by hand in this repository's own workspace", function () {
  this.timeout(300_000);
  let workbench: Workbench;

  before(async () => {
    const vscode = await sharedVscode();
    workbench = await vscode.openWorkbench({ folder: projectFolder });
  });

  after(async () => {
    await workbench.runCommand("UDP: Stop All");
    await workbench.close();
  });

  it("are simply there: its settings have auto attach on", async () => {
    const port = await freeUdpPort();
    await workbench.openContainer("UDP");
    await workbench.terminals.open();
    await workbench.terminals.run(
      `npx tsx scripts/udp_server.ts --port ${port}`,
      `Bind UDP on ${port}...`,
    );
    const [row] = await workbench
      .tree("Bound Ports")
      .waitForRows("the server", ([first]) => first?.label === `127.0.0.1:${port}`);
    assert.match(row?.ariaLabel ?? "", /udp_server\.ts/);
    await workbench.terminals.open();
    await workbench.terminals.type(`npx tsx scripts/udp_client.ts --port ${port} by-hand\n`);
    const grid = await DatagramsGrid.in(workbench);
    const rows = await grid.waitForDelivered(2);
    assert.deepEqual(
      rows.map(({ Payload }) => Payload),
      ["by-hand", "Hello, by-hand!"],
    );
  });
});

describe("a program that was started by hand, with auto attach off", function () {
  this.timeout(300_000);
  let workbench: Workbench;

  before(async () => {
    const vscode = await sharedVscode();
    workbench = await vscode.openWorkbench({ viewport: { width: 1280, height: 1600 } });
  });

  after(async () => {
    await workbench.runCommand("UDP: Stop All");
    await workbench.runCommand("UDP: Toggle Auto Attach");
    await workbench.close();
  });

  it("is offered to be run again with it on, and is there then", async () => {
    const port = await freeUdpPort();
    const label = `127.0.0.1:${port}`;
    const script = join(projectFolder, "scripts/udp_server.ts");
    await workbench.openContainer("UDP");
    await workbench.terminals.open();
    await workbench.terminals.run(`'${tsx}' '${script}' --port ${port}`, `Bind UDP on ${port}...`);
    const tree = workbench.tree("Bound Ports");
    await openOthers(tree);
    await tree.waitForRows("the untapped server", (rows) =>
      otherRows(rows).some((row) => row.label === label),
    );
    await tree.clickAction("Turn Auto Attach On and Run Again", label);
    await tree.waitForRows(
      "the server, tapped",
      (rows) => tappedRows(rows).some((row) => row.label === label),
      { timeoutMs: 60_000 },
    );
    const { length } = (await workbench.terminals.texts()).filter((text) =>
      text.includes(`Bind UDP on ${port}...`),
    );
    assert.equal(length, 2, "once in the old terminal, once in the new one");
  });
});

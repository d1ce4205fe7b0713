import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { processesWith } from "../bench/memory.ts";
import { projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { accounted, shown, startFlood } from "./flood.ts";
import { runAnswering } from "./questions.ts";

/** Packed, because VS Code does not start the extension host of a window again where an extension is developed. */
const vsix = join(projectFolder, "udp-workbench.vsix");
/** Until it is told to end: the accident takes as long as it takes. */
const LOAD = { rate: 2000, seconds: 1000 };

describe("an accident during a flood", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  let workbench: Workbench;

  before(async () => {
    vscode = await Vscode.start({ vsix });
    workbench = await vscode.openWorkbench();
    await workbench.openContainer("UDP");
  });
  after(() => vscode?.close());
  afterEach(async () => {
    await workbench.runCommand("UDP: Clear Datagrams");
    await (await DatagramsGrid.in(workbench)).frame.getByText("No datagrams yet").waitFor();
  });

  /** Floods, lets an accident happen in the midst of it, and says what is accounted for after it. */
  async function floodThrough(accident: () => Promise<void>): Promise<void> {
    await workbench.webviews.inside("Datagrams");
    const { program, ended } = await startFlood(vscode, LOAD);
    await accounted(workbench, 1000);
    await accident();
    const { rows: before } = await shown(await workbench.webviews.inside("Datagrams"));
    await accounted(workbench, before + 1000);
    program.kill("SIGINT");
    const { sent } = await ended;
    const { rows, notRecorded, evicted } = await accounted(workbench, sent);
    assert.deepEqual([rows + notRecorded, evicted], [sent, 0]);
  }

  it("shows each datagram once after the window was reloaded", () =>
    floodThrough(() => workbench.reload()));

  it("shows each datagram once after the extension host was killed", () =>
    floodThrough(async () => {
      const [host, ...others] = await extensionHosts(vscode);
      assert.ok(host !== undefined && others.length === 0);
      process.kill(host, "SIGKILL");
      await workbench.waitFor(
        "another extension host",
        () => extensionHosts(vscode),
        (now) => now.length === 1 && now[0] !== host,
        { timeoutMs: 60_000 },
      );
    }));
});

describe("a place for captures that cannot be used", function () {
  this.timeout(300_000);

  it("is told in the Datagrams view, with what to do; what programs say is in another place, and seen", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "uwb-t"));
    const vscode = await Vscode.start({ env: { TMPDIR: temporary } });
    try {
      const storage = join(dirname(vscode.server.emptyFolder), "data/data/User/globalStorage");
      const captures = join(storage, "udp-workbench.udp-workbench/captures");
      await mkdir(dirname(captures), { recursive: true });
      // Where even root can make no folder.
      await writeFile(captures, "");
      const workbench = await vscode.openWorkbench();
      await workbench.openContainer("UDP");
      const port = await freeUdpPort();
      await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
      await runAnswering(workbench, "UDP: Start Client...", [undefined, String(port)]);
      const grid = await DatagramsGrid.in(workbench);
      await grid.waitForRows(6);
      const remark = await grid.frame.locator(".remarks li").textContent();
      assert.match(remark ?? "", /^Cannot keep datagrams in .*captures: \w+\. They are in /);
      assert.match(remark ?? "", /make the folder writable and reload the window\.$/);
      assert.ok((await stat(captures)).isFile());

      await workbench.reload();
      await workbench.openContainer("UDP");
      await (await DatagramsGrid.in(workbench)).waitForRows(6);
    } finally {
      await vscode.close();
      await rm(temporary, { recursive: true });
    }
  });
});

/** The extension hosts of a server. */
function extensionHosts({ server }: Vscode): Promise<number[]> {
  return processesWith("--type=extensionHost", dirname(server.emptyFolder));
}

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { processesWith } from "../bench/memory.ts";
import { projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { tappedRows } from "../support/port_rows.ts";
import type { TreeRow } from "../support/tree_view.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { captureFolder } from "./flood.ts";
import { runAnswering } from "./questions.ts";

/** How often all is reloaded at once; ten times where somebody has the time. */
const ROUNDS = Number(process.env.UDP_WINDOWS_ROUNDS ?? 2);

describe("windows on the same folder", function () {
  this.timeout(300_000 + ROUNDS * 120_000);
  let vscode: Vscode;
  const windows: Workbench[] = [];
  const programs: ChildProcess[] = [];

  before(async () => {
    vscode = await Vscode.start();
    windows.push(await openWindow(), await openWindow());
  });

  afterEach(async () => {
    for (const program of programs.splice(0)) program.kill("SIGKILL");
    for (const window of windows) {
      await window.page.bringToFront();
      await window.runCommand("UDP: Stop All");
    }
    const [first] = windows;
    await first?.page.bringToFront();
    await first?.runCommand("UDP: Clear Datagrams");
    for (const window of windows) await waitForPorts(window, []);
  });

  after(async () => {
    asking.close();
    await vscode?.close();
  });

  it("show the same datagrams, stop their own programs each, and clear for all", async () => {
    const [first, second] = windows as [Workbench, Workbench];
    const ports = [await freeUdpPort(), await freeUdpPort()].sort() as [number, number];
    await start(first, ports[0]);
    await start(second, ports[1]);
    for (const port of ports) assert.equal(await ask(port), "Hello, hello?!");
    for (const window of windows) {
      await waitForPorts(window, ports);
      await (await DatagramsGrid.in(window)).waitForRows(4);
    }

    await first.page.bringToFront();
    await first.runCommand("UDP: Stop All");
    for (const window of windows) await waitForPorts(window, [ports[1]]);
    assert.equal(await ask(ports[1]), "Hello, hello?!");
    for (const window of windows) await (await DatagramsGrid.in(window)).waitForRows(6);

    await first.page.bringToFront();
    await first.runCommand("UDP: Clear Datagrams");
    for (const window of windows) {
      await window.page.bringToFront();
      await (await DatagramsGrid.in(window)).frame.getByText("No datagrams yet").waitFor();
    }
    assert.equal(await ask(ports[1]), "Hello, hello?!");
    for (const window of windows) await (await DatagramsGrid.in(window)).waitForRows(2);
  });

  it("show all that was captured, however often both are reloaded at once while the machine is busy", async () => {
    const folder = await captureFolder(vscode);
    const ports = [await startEcho(folder), await startEcho(folder)].sort() as [number, number];
    for (let core = 0; core < 2; core++) {
      programs.push(spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
    }
    let rows = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const reloading = Promise.all(
        windows.map(({ page }) => page.reload({ timeout: 120_000, waitUntil: "commit" })),
      );
      // Also what comes while nobody looks.
      for (const port of ports) assert.equal(await ask(port), "hello?");
      rows += 4;
      await reloading;
      for (const window of windows) {
        // A page that nobody sees is not drawn.
        await window.page.bringToFront();
        await window.ready();
        await window.openContainer("UDP");
        await waitForPorts(window, ports);
        await (await DatagramsGrid.in(window)).waitForRows(rows);
      }
    }
  });

  it("go on where there are four, and one is killed", async () => {
    const port = await startEcho(await captureFolder(vscode));
    windows.push(await openWindow());
    const before = await extensionHosts(vscode);
    const killed = await openWindow();
    const [host, ...others] = (await extensionHosts(vscode)).filter((pid) => !before.includes(pid));
    assert.ok(host !== undefined && others.length === 0);
    assert.equal(await ask(port), "hello?");
    await (await DatagramsGrid.in(killed)).waitForRows(2);
    process.kill(host, "SIGKILL");
    assert.equal(await ask(port), "hello?");
    windows.push(await openWindow());
    for (const window of windows) {
      await waitForPorts(window, [port]);
      await (await DatagramsGrid.in(window)).waitForRows(4);
    }
    // It runs in no terminal of theirs.
    await windows[0]?.page.bringToFront();
    await windows[0]?.runCommand("UDP: Stop All");
    assert.equal(await ask(port), "hello?");
    for (const window of windows) await (await DatagramsGrid.in(window)).waitForRows(6);
    await killed.close();
  });

  /** In a browser of its own: of two pages of one that are reloaded at once, VS Code's own stays white now and then. */
  async function openWindow(): Promise<Workbench> {
    const window = await vscode.openWorkbench({ folder: vscode.server.emptyFolder });
    await window.openContainer("UDP");
    return window;
  }

  /** Starts a watched program that sends back what it gets, outside of all windows; returns its port. */
  async function startEcho(folder: string): Promise<number> {
    const program = spawn(
      process.execPath,
      ["--require", join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs"), "-e", ECHO],
      { env: { ...process.env, UDP_TAP_DIR: folder }, stdio: ["ignore", "pipe", "inherit"] },
    );
    programs.push(program);
    const [line] = await once(program.stdout ?? program, "data");
    return Number(line);
  }

  async function start(window: Workbench, port: number): Promise<void> {
    await window.page.bringToFront();
    await runAnswering(window, "UDP: Start Server...", [undefined, String(port)]);
    await window
      .tree("Bound Ports")
      .waitForRows(`port ${port}`, (rows) => ownOf(rows).includes(`127.0.0.1:${port}`));
  }

  /** Waits until a window shows the ports of these programs, and of no other that is watched. */
  async function waitForPorts(window: Workbench, ports: readonly number[]): Promise<void> {
    await window.page.bringToFront();
    const expected = ports.map((port) => `127.0.0.1:${port}`).join();
    await window
      .tree("Bound Ports")
      .waitForRows(`ports ${expected}`, (rows) => ownOf(rows).sort().join() === expected);
  }
});

const asking = createSocket("udp4");

/** Prints its port, and sends back what it gets. */
const ECHO = `
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (data, { port, address }) => socket.send(data, port, address));
  socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
`;

function extensionHosts({ server }: Vscode): Promise<number[]> {
  return processesWith("--type=extensionHost", dirname(server.emptyFolder));
}

function ownOf(rows: readonly TreeRow[]): string[] {
  return tappedRows(rows)
    .filter(({ level }) => level === 1)
    .map(({ label }) => label);
}

/** Always from the same socket: each peer is a line more in a view that shows some twenty. */
async function ask(port: number): Promise<string> {
  asking.send("hello?", port, "127.0.0.1");
  const [answer] = (await once(asking, "message")) as [Buffer];
  return answer.toString();
}
